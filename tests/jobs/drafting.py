"""What tests of runs need: a project with images, and what became of them."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select

from factories import jpeg, photograph
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.domain.labels import Label
from maskwright.services import draft_runs, images, jobs, projects
from maskwright.services.decode import Limits
from maskwright.services.draft_runs import RunRequest
from maskwright.tables import DraftItemRow, ImageRow, JobRow, RefRow, RevisionRow

LABELS = [Label(0, "ground", "#804000"), Label(7, "sky", "#40a0ff")]
LIMITS = Limits(max_bytes=1_000_000, max_pixels=1_000_000)


def project_of(db: Database, widths: Sequence[int]) -> int:
    """Make a project of images of these widths; their ids are 1, 2, 3…"""
    with db.write() as session:
        project_id = projects.create(session, "Park", "", LABELS, "quick", LOCAL).id
    for number, width in enumerate(widths):
        data = jpeg(photograph(width, 40, seed=number))
        images.upload(db, project_id, f"{number}.jpg", data, LOCAL, LIMITS)
    return project_id


def start_run(db: Database, queue: Any, project_id: int, **request: Any) -> str:
    return draft_runs.start(db, queue, LOCAL, project_id, RunRequest(**request)).id


def wait(
    db: Database, job_id: str, until: Callable[[JobRow], bool] | int, seconds: float = 60
) -> JobRow:
    """Wait for a condition of the run, or for that many images done with."""
    deadline = time.monotonic() + seconds
    while True:
        with db.read() as session:
            row = jobs.get(session, job_id)
        settled = sum(count for status, count in items(db, job_id).items() if status != "waiting")
        if settled >= until if isinstance(until, int) else until(row):
            return row
        assert time.monotonic() < deadline, f"{row.status} {items(db, job_id)} {row.error}"
        time.sleep(0.03)


def ended(row: JobRow) -> bool:
    return row.status in jobs.TERMINAL


def items(db: Database, job_id: str) -> dict[str, int]:
    """Return status → number of images of the run."""
    query = select(DraftItemRow.status, func.count()).where(DraftItemRow.job_id == job_id)
    with db.read() as session:
        rows = session.execute(query.group_by(DraftItemRow.status)).all()
    return {row[0]: row[1] for row in rows}


def errors(db: Database, job_id: str) -> dict[int, str]:
    """Return image id → code, of the images that have no draft."""
    query = select(DraftItemRow.image_id, DraftItemRow.error)
    with db.read() as session:
        rows = session.execute(query.where(DraftItemRow.job_id == job_id)).all()
    return {row.image_id: row.error["code"] for row in rows if row.error}


def drafts_per_image(db: Database) -> dict[int, int]:
    query = select(RevisionRow.image_id, func.count()).where(RevisionRow.kind == "model")
    with db.read() as session:
        rows = session.execute(query.group_by(RevisionRow.image_id)).all()
    return {row[0]: row[1] for row in rows}


def refs(db: Database, name: str) -> dict[int, int]:
    with db.read() as session:
        rows = session.execute(
            select(RefRow.image_id, RefRow.revision_id).where(RefRow.name == name)
        ).all()
    return {row[0]: row[1] for row in rows}


def statuses(db: Database) -> dict[int, str]:
    with db.read() as session:
        rows = session.execute(select(ImageRow.id, ImageRow.status)).all()
    return {row[0]: row[1] for row in rows}
