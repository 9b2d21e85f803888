"""Takes a run of drafts back: its proposals go, what people made of them stays."""

import time

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.errors import Conflict
from maskwright.jobs.port import JobQueue
from maskwright.services import draft_progress, draft_runs, jobs, review, revisions
from maskwright.services.labels import known_indices
from maskwright.services.revisions import pixels_of
from maskwright.tables import DraftItemRow, ImageRow, JobRow, RefRow, RevisionRow, now

STOP_SECONDS = 10.0
"""How long a withdrawal waits for the images that workers are at."""
_AT_ONCE = 100
"""Images of one transaction, so that nobody's save waits long for it."""


def withdraw(db: Database, queue: JobQueue, run_id: str, actor: Actor) -> JobRow:
    """Take back every proposal of the run; a run that goes on is cancelled first.

    An image whose proposal is still the run's, whole or with parts rejected, gets the one it had
    before, or none and, if nothing else happened to it, the status `new`. Ground truth stays,
    also what was accepted from the run. Doing it again changes nothing.
    """
    _wait_for_end(db, queue, run_id)
    while _some(db, run_id, actor):
        pass
    with db.write() as session:
        run = draft_runs.lock(session, run_id)
        _check_ended(run)
        draft_progress.conclude(session, run, withdrawn=True)
        return run


def _wait_for_end(db: Database, queue: JobQueue, run_id: str) -> None:
    run = draft_runs.cancel(db, queue, run_id)
    deadline = time.monotonic() + STOP_SECONDS
    while run.status not in jobs.TERMINAL and time.monotonic() < deadline:
        time.sleep(0.2)
        run = draft_runs.tend(db, queue, run_id)
    _check_ended(run)


def _check_ended(run: JobRow) -> None:
    if run.status not in jobs.TERMINAL:
        raise Conflict(
            "The run is being cancelled, but a worker is still at an image. Withdraw it again in "
            "a moment.",
            code="job_not_finished",
        )


def _some(db: Database, run_id: str, actor: Actor) -> bool:
    """Take back some of the proposals; False when there are none left."""
    mine = (DraftItemRow.job_id == run_id, DraftItemRow.status == "drafted")
    query = select(DraftItemRow).where(*mine).order_by(DraftItemRow.image_id).limit(_AT_ONCE)
    with db.write() as session:
        items = session.scalars(query).all()
        for item in items:
            _take_back(session, item, actor)
    return bool(items)


def _take_back(session: Session, item: DraftItemRow, actor: Actor) -> None:
    image = revisions.lock(session, item.image_id)
    item.status, item.updated_at = "withdrawn", now()
    session.flush()
    current = revisions.at_ref(session, image.id, "proposal")
    if current is None or _drafted_as(session, current).id != item.revision_id:
        return  # drafted anew since: that proposal is not this run's
    before = _standing(session, image, item.before_revision_id)
    mine = (RefRow.image_id == image.id, RefRow.name == "proposal")
    if before is None:
        session.execute(delete(RefRow).where(*mine))
        image.uncertainty = None
        review.proposal_gone(session, image, actor)
    else:
        session.execute(update(RefRow).where(*mine).values(revision_id=before.id))
        record = _drafted_as(session, before).draft
        image.uncertainty = record["uncertainty"] if record else None
    image.updated_at = now()


def _drafted_as(session: Session, revision: RevisionRow) -> RevisionRow:
    """Return the model's revision that a proposal goes back to, through people's rejections."""
    while revision.kind != "model" and revision.parent_id is not None:
        revision = session.get_one(RevisionRow, revision.parent_id)
    return revision


def _standing(session: Session, image: ImageRow, before_id: int | None) -> RevisionRow | None:
    """Return the earlier proposal that can come back.

    Not one of a run that was withdrawn itself, nor one with a label that the project lacks now.
    """
    while before_id is not None:
        before = session.get_one(RevisionRow, before_id)
        made_by = DraftItemRow.revision_id == _drafted_as(session, before).id
        of_image = (DraftItemRow.image_id == image.id, DraftItemRow.status == "withdrawn")
        withdrawn = session.scalar(select(DraftItemRow).where(*of_image, made_by))
        if withdrawn is None:
            held = {int(index) for index in pixels_of(before)[0]}
            return before if held <= known_indices(session, image.project_id) else None
        before_id = withdrawn.before_revision_id
    return None
