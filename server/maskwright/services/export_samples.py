"""What a project exports: its images with their ground truth, streamed out of the store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session, raiseload, undefer

from maskwright.db import Database
from maskwright.domain.mask import Mask
from maskwright.domain.tiles import LayerName
from maskwright.errors import Conflict, NothingToExport
from maskwright.formats.base import Sample
from maskwright.formats.names import Names
from maskwright.services import images, masks
from maskwright.services.sniff import KINDS
from maskwright.tables import ImageRow, ProjectRow, RefRow, RevisionRow

Include = Literal["annotated", "all"]
_SUFFIXES = {kind.media_type: kind.suffixes[0] for kind in KINDS}
_AT_ONCE = 32


@dataclass(frozen=True)
class Pinned:
    """An image and the revision that is exported of it. Revision 0 is all void."""

    image_id: int
    revision_id: int


@dataclass(frozen=True)
class Selection:
    """What is exported, fixed when the export begins: later saves do not change it.

    `skipped`: images of the project that were not asked for, or have no ground truth.
    """

    pinned: Sequence[Pinned]
    skipped: int

    @property
    def revisions(self) -> dict[int, int]:
        return {one.image_id: one.revision_id for one in self.pinned}


@dataclass
class Exported:
    """The name in the data set of every image that was handed out so far."""

    names: Names = field(default_factory=Names)
    by_name: dict[str, Pinned] = field(default_factory=dict[str, Pinned])


def choose(
    session: Session, project: ProjectRow, statuses: Sequence[str] | None, include: Include
) -> Selection:
    """Fix which images are exported, by their ids, at which revisions.

    Raises NothingToExport.
    """
    heads = select(RefRow.image_id, RefRow.revision_id).where(RefRow.name == "head").subquery()
    rows = session.execute(
        select(ImageRow.id, ImageRow.status, heads.c.revision_id)
        .outerjoin(heads, heads.c.image_id == ImageRow.id)
        .where(ImageRow.project_id == project.id, ImageRow.trashed_at.is_(None))
        .order_by(ImageRow.id)
    ).all()
    pinned = [
        Pinned(row.id, row.revision_id or 0)
        for row in rows
        if (statuses is None or row.status in statuses) and (row.revision_id or include == "all")
    ]
    if not pinned:
        raise NothingToExport(_why_nothing(project.name, len(rows), statuses))
    return Selection(pinned, len(rows) - len(pinned))


def _why_nothing(project: str, images_there: int, statuses: Sequence[str] | None) -> str:
    if not images_there:
        return f"The project {project} has no images. Add images first."
    if statuses is not None:
        return (
            f"No image of {project} is {' or '.join(statuses)} and has ground truth. Choose other "
            "statuses, or accept or draw masks first."
        )
    return (
        f"No image of {project} has ground truth yet. Accept a draft or draw a mask first, or "
        "include all images to export those without as void."
    )


def samples(db: Database, pinned: Sequence[Pinned], exported: Exported) -> Iterator[Sample]:
    """Yield a sample for each image, in order, with its picture read already."""
    for session, image, revision in pages(db, pinned):
        name = exported.names.take(image.name)
        exported.by_name[name] = Pinned(image.id, revision.id if revision else 0)
        picture = images.file_bytes(session, image)
        yield Sample(
            name,
            mask_of(session, image, revision),
            lambda picture=picture: picture,
            _SUFFIXES[image.media_type],
            status=image.status,
            source=image.name,
            display=partial(_display, db, image),
        )


def pages(
    db: Database, pinned: Sequence[Pinned]
) -> Iterator[tuple[Session, ImageRow, RevisionRow | None]]:
    """Yield the rows of each image, in order, from the store as it is now, and their session."""
    for start in range(0, len(pinned), _AT_ONCE):
        with db.read() as session:
            for image, revision in _rows(session, pinned[start : start + _AT_ONCE]):
                yield session, image, revision


def mask_of(session: Session, image: ImageRow, revision: RevisionRow | None) -> Mask:
    """Return the mask of a revision, with instances if anybody ever wrote them."""
    with_instances = masks.has_layer(revision, "instances")
    layers: tuple[LayerName, ...] = ("classes", "instances") if with_instances else ("classes",)
    loaded = masks.load_revision(session, image, revision, layers).layers
    return Mask(loaded["classes"], loaded.get("instances"))  # pyright: ignore[reportArgumentType]


def _display(db: Database, image: ImageRow) -> bytes:
    with db.read() as session:
        return images.display_bytes(session, image)


def _rows(
    session: Session, pinned: Sequence[Pinned]
) -> Iterator[tuple[ImageRow, RevisionRow | None]]:
    wanted = [one.image_id for one in pinned]
    query = select(ImageRow).where(ImageRow.id.in_(wanted)).options(raiseload(ImageRow.refs))
    found = {image.id: image for image in session.scalars(query)}
    revision_ids = [one.revision_id for one in pinned if one.revision_id]
    revisions = {
        revision.id: revision
        for revision in session.scalars(
            select(RevisionRow)
            .where(RevisionRow.id.in_(revision_ids))
            .options(undefer(RevisionRow.manifest), raiseload(RevisionRow.author))
        )
    }
    for one in pinned:
        image, revision = found.get(one.image_id), revisions.get(one.revision_id)
        if image is None or (revision is None and one.revision_id):
            raise Conflict(
                f"Image {one.image_id} was deleted for good while it was exported. Export again.",
                code="changed_while_exporting",
            )
        yield image, revision
