"""How far runs of drafts are, how fast, and what became of each image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maskwright.tables import DraftItemRow, ImageRow, JobRow, now

KIND = "proposals"
RECENT = timedelta(seconds=60)
"""The speed of a run is that of this time."""


@dataclass(frozen=True)
class Figures:
    """How far a run is: images that are done with, those of them that failed, images a second
    (None while it is not known), and seconds to go at that speed."""

    done: int
    failed: int = 0
    rate: float | None = None
    seconds_left: float | None = None


def figures(session: Session, rows: Sequence[JobRow]) -> Mapping[str, Figures]:
    """Return the figures of those of the jobs that are runs, by id."""
    runs = [row for row in rows if row.kind == KIND]
    return {run.id: _ended(run) if run.result else _open(session, run) for run in runs}


def _ended(run: JobRow) -> Figures:
    return Figures(run.done, (run.result or {}).get("failed", 0))


def _open(session: Session, run: JobRow) -> Figures:
    counts = _counts(session, run.id)
    waiting = counts.get("waiting", 0)
    rate = None if run.paused or run.status != "running" else _rate(session, run)
    return Figures(
        done=run.total - waiting,
        failed=counts.get("failed", 0),
        rate=rate,
        seconds_left=waiting / rate if rate else None,
    )


def _counts(session: Session, run_id: str) -> Mapping[str, int]:
    query = select(DraftItemRow.status, func.count()).where(DraftItemRow.job_id == run_id)
    rows = session.execute(query.group_by(DraftItemRow.status)).all()
    return {row[0]: row[1] for row in rows}


def _rate(session: Session, run: JobRow) -> float | None:
    """Return images drafted per second of late; falls while nothing is finished."""
    moment = now()
    since = max(moment - RECENT, run.resumed_at or moment - RECENT)
    recent = (
        DraftItemRow.job_id == run.id,
        DraftItemRow.status.in_(["drafted", "failed"]),
        DraftItemRow.updated_at >= since,
    )
    query = select(func.count(), func.min(DraftItemRow.updated_at)).where(*recent)
    count, first = session.execute(query).one()
    # The first one only says when to begin counting: the time before it was not all spent on it.
    seconds = (moment - first).total_seconds() if first else 0.0
    return round((count - 1) / seconds, 3) if count > 1 and seconds > 0 else None


def waiting(session: Session, run_id: str) -> int:
    """Return how many images of the run wait to be drafted."""
    return _counts(session, run_id).get("waiting", 0)


def is_withdrawn(run: JobRow) -> bool:
    return bool(run.result and run.result["withdrawn"])


def conclude(session: Session, run: JobRow, withdrawn: bool = False) -> None:
    """Write the result of a run that has come to its end."""
    counts = _counts(session, run.id)
    left = counts.get("waiting", 0)
    drafted = counts.get("drafted", 0) + counts.get("withdrawn", 0)
    failed = counts.get("failed", 0)
    finished = run.finished_at = run.finished_at or now()
    run.paused, run.done = False, run.total - left
    spent = finished - (run.started_at or finished)
    run.result = {
        "drafted": drafted,
        "failed": failed,
        # With those that were deleted for good before their turn came.
        "skipped": run.total - left - drafted - failed,
        "left": left,
        "withdrawn": withdrawn,
        "mean_uncertainty": _mean_uncertainty(session, run.id),
        "seconds": round(spent.total_seconds(), 1),
    }


def _mean_uncertainty(session: Session, run_id: str) -> float | None:
    query = select(func.avg(ImageRow.uncertainty)).join(
        DraftItemRow, DraftItemRow.image_id == ImageRow.id
    )
    mine = (DraftItemRow.job_id == run_id, DraftItemRow.status == "drafted")
    mean = session.scalar(query.where(*mine))
    return None if mean is None else round(float(mean), 4)


def items(
    session: Session, run_id: str, status: str | None, after: int | None, limit: int
) -> Sequence[tuple[DraftItemRow, ImageRow]]:
    """Return images of the run with what became of them, by id, those above `after`."""
    query = select(DraftItemRow, ImageRow).join(ImageRow, ImageRow.id == DraftItemRow.image_id)
    query = query.where(DraftItemRow.job_id == run_id)
    if status is not None:
        query = query.where(DraftItemRow.status == status)
    if after is not None:
        query = query.where(DraftItemRow.image_id > after)
    found = session.execute(query.order_by(DraftItemRow.image_id).limit(limit))
    return [(item, image) for item, image in found]
