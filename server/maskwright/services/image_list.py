"""The images of a project as its gallery asks for them: filtered, ordered, page by page."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from maskwright.errors import Unprocessable
from maskwright.tables import ImageRow, RefRow, RevisionRow

Order = Literal["name", "uncertainty", "-uncertainty", "updated"]
MAX_PAGE = 200


@dataclass(frozen=True)
class ImageFilter:
    """Which images. `label` is an index that the head, or else the proposal, has pixels of.

    The bounds of the uncertainty are inclusive; an image without a draft has none and fits neither.
    """

    statuses: tuple[str, ...] = ()
    label: int | None = None
    q: str = ""  # part of the name, in either case
    trashed: bool = False
    min_uncertainty: float | None = None
    max_uncertainty: float | None = None

    def __post_init__(self) -> None:
        low, high = self.min_uncertainty, self.max_uncertainty
        if low is not None and high is not None and low > high:
            raise Unprocessable(
                f"No draft is at least {low} and at most {high} doubtful. "
                "Give min_uncertainty the smaller number."
            )


@dataclass(frozen=True)
class _Ordering:
    """A sort key that no two rows share once the id is added, and its way through JSON."""

    key: Callable[[], ColumnElement[Any]]
    value: Callable[[ImageRow], Any]
    parse: Callable[[Any], Any]
    descending: bool


def _by_uncertainty(unknown: float, descending: bool) -> _Ordering:
    """Order by doubt; an image without a draft counts as `unknown`, which places it last."""
    return _Ordering(
        lambda: func.coalesce(ImageRow.uncertainty, unknown),
        lambda row: unknown if row.uncertainty is None else row.uncertainty,
        float,
        descending,
    )


_ORDERINGS: dict[str, _Ordering] = {
    "name": _Ordering(lambda: ImageRow.name.expression, lambda row: row.name, str, False),
    "uncertainty": _by_uncertainty(unknown=-1.0, descending=True),
    "-uncertainty": _by_uncertainty(unknown=2.0, descending=False),
    "updated": _Ordering(
        lambda: ImageRow.updated_at.expression,
        lambda row: row.updated_at.isoformat(),
        datetime.fromisoformat,
        True,
    ),
}


def page(
    session: Session,
    project_id: int,
    wanted: ImageFilter,
    order: Order = "name",
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[ImageRow], str | None]:
    """Up to `limit` images and the cursor of the next page, None after the last.

    Pages are cut by sort key, so an image added or removed meanwhile shifts nobody.
    """
    ordering = _ORDERINGS[order]
    key = ordering.key()
    query = _filtered(project_id, wanted)
    if cursor is not None:
        query = query.where(_after(ordering, key, *_parse_cursor(cursor, order)))
    by = (key.desc(), ImageRow.id.desc()) if ordering.descending else (key, ImageRow.id)
    rows = list(session.scalars(query.order_by(*by).limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], _cursor(order, ordering.value(last), last.id)


def neighbours(
    session: Session, image: ImageRow, wanted: ImageFilter | None = None, order: Order = "name"
) -> tuple[int | None, int | None]:
    """The numbers of the images before and after this one in a list, None at the ends.

    The image itself need not fit: it has its place by its sort key.
    """
    ordering = _ORDERINGS[order]
    key = ordering.key()
    here = tuple_(ordering.parse(ordering.value(image)), image.id)
    fitting = _filtered(image.project_id, wanted or ImageFilter()).with_only_columns(ImageRow.id)
    lower = fitting.where(tuple_(key, ImageRow.id) < here).order_by(key.desc(), ImageRow.id.desc())
    higher = fitting.where(tuple_(key, ImageRow.id) > here).order_by(key, ImageRow.id)
    ends = (session.scalar(lower.limit(1)), session.scalar(higher.limit(1)))
    return (ends[1], ends[0]) if ordering.descending else ends


def _after(
    ordering: _Ordering, key: ColumnElement[Any], value: Any, image_id: int
) -> ColumnElement[bool]:
    here = tuple_(key, ImageRow.id)
    there = tuple_(ordering.parse(value), image_id)
    return here < there if ordering.descending else here > there


def _filtered(project_id: int, wanted: ImageFilter) -> Select[Any]:
    query = select(ImageRow).where(ImageRow.project_id == project_id)
    trashed = ImageRow.trashed_at
    query = query.where(trashed.is_not(None) if wanted.trashed else trashed.is_(None))
    if wanted.statuses:
        query = query.where(ImageRow.status.in_(wanted.statuses))
    if wanted.q:
        query = query.where(ImageRow.name.icontains(wanted.q, autoescape=True))
    if wanted.min_uncertainty is not None:
        query = query.where(ImageRow.uncertainty >= wanted.min_uncertainty)
    if wanted.max_uncertainty is not None:
        query = query.where(ImageRow.uncertainty <= wanted.max_uncertainty)
    return query if wanted.label is None else _with_label(query, wanted.label)


def _with_label(query: Select[Any], label: int) -> Select[tuple[ImageRow]]:
    refs = {name: aliased(RefRow) for name in ("head", "proposal")}
    revisions = {name: aliased(RevisionRow) for name in refs}
    for name, ref in refs.items():
        query = query.outerjoin(ref, and_(ref.image_id == ImageRow.id, ref.name == name))
        query = query.outerjoin(revisions[name], revisions[name].id == ref.revision_id)
    head, proposal = (
        func.coalesce(revisions[name].counts[str(label)].as_integer(), 0) for name in refs
    )
    return query.where(or_(head > 0, and_(revisions["head"].id.is_(None), proposal > 0)))


def _cursor(order: str, value: Any, image_id: int) -> str:
    text = json.dumps([order, value, image_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _parse_cursor(cursor: str, order: str) -> tuple[Any, int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, value, image_id = json.loads(base64.urlsafe_b64decode(padded))
        _ORDERINGS[order].parse(value)
        # PostgreSQL can't compare with a NUL, nor any database with half a surrogate pair.
        storable = "\0" not in str(value) and bool(str(value).encode())
        valid = (
            storable and made_for == order and isinstance(image_id, int) and 0 < image_id < 2**63
        )
    except (ValueError, TypeError, OverflowError, RecursionError):
        valid = False
    if not valid:
        raise Unprocessable(
            f"This cursor belongs to no list by {order}. Ask for the first page again.",
            code="bad_cursor",
        )
    return value, image_id
