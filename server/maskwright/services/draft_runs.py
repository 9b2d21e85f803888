"""Runs of drafts: a model drafts many images, chunk by chunk, in whatever workers there are.

A run is a job that no worker executes. Its images are rows of `draft_items`; a few chunks of
them at a time are jobs of their own, its children, which workers draft (`draft_chunks`). `tend`
brings run and chunks to where they should be: it is called whenever something changes, and by
every worker every few seconds, so that nothing is lost with the process that should have done it.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, insert, literal, select, update
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.domain.proposer import DraftOptions
from maskwright.errors import Conflict, NotFound, NothingToDraft, Unprocessable
from maskwright.jobs.port import JobQueue
from maskwright.services import draft_progress, jobs, projects
from maskwright.tables import DraftItemRow, ImageRow, JobRow, now

KIND = draft_progress.KIND
CHUNK_KIND = "draft_chunk"
CHUNK = 16
"""Images of a chunk. Within one, each finished image is kept whatever happens, so that a chunk
is only as small as it must be for workers to share a run."""
LANES = 8
"""Chunks of a run that workers can be at: two each for four workers."""
MOST_IMAGES = 20_000
_AT_ONCE = 500
_UNTRIED: dict[str, Any] = {"error": None, "tries": 0, "chunk_id": None}


@dataclass(frozen=True)
class RunRequest:
    """Which images to draft, and how; None leaves it to the project.

    Without `image_ids` all images of the project in one of `statuses` are meant. An image that
    is in another status when its turn comes is skipped.
    """

    image_ids: Sequence[int] | None = None
    statuses: Sequence[str] | None = None
    model: str | None = None
    options: DraftOptions | None = None
    chunk: int = CHUNK

    @property
    def allowed(self) -> Sequence[str]:
        """By default nothing that people have begun on."""
        return self.statuses or (["new"] if self.image_ids is None else ["new", "proposed"])


def start(
    db: Database,
    queue: JobQueue,
    actor: Actor,
    project_id: int,
    request: RunRequest,
    idempotency_key: str | None = None,
) -> JobRow:
    """Ask for a run. Raises NothingToDraft, and Unprocessable for images of other projects."""
    with db.read() as session:
        project = projects.get(session, project_id)
    if project.trashed_at is not None:
        raise NotFound("The project is in the trash. Take it back first.", code="project_trashed")
    options = request.options or DraftOptions.of_record(project.draft_options)
    params: dict[str, Any] = {
        "model": request.model or project.model,
        "options": options.record,
        "statuses": list(request.allowed),
        "chunk": request.chunk,
    }
    if request.image_ids is not None:  # too long to keep, and needed only to tell requests apart
        listed = json.dumps(sorted(set(request.image_ids)))
        params["image_ids_sha256"] = hashlib.sha256(listed.encode()).hexdigest()

    def fill(session: Session, run: JobRow) -> None:
        run.unit = "images"
        run.total = _select_images(session, run.id, project_id, request)

    run, fresh = jobs.add(db, actor, KIND, params, project_id, idempotency_key, fill)
    return tend(db, queue, run.id) if fresh else run


def _select_images(session: Session, run_id: str, project_id: int, request: RunRequest) -> int:
    """Write the items of a new run and return how many."""
    here = (ImageRow.project_id == project_id, ImageRow.trashed_at.is_(None))
    if request.image_ids is None:
        _add_items(session, run_id, *here, ImageRow.status.in_(request.allowed))
    for part in _parts(sorted(set(request.image_ids or ())), _AT_ONCE):
        _add_items(session, run_id, *here, ImageRow.id.in_(part))
    count = draft_progress.waiting(session, run_id)
    missing = len(set(request.image_ids or ())) - count
    if missing > 0:
        raise Unprocessable(
            f"{missing} of these images are not in this project, or in the trash. Nothing was "
            "begun: leave them out.",
            code="unknown_images",
        )
    if not count:
        raise NothingToDraft(
            f"No image of this project is {' or '.join(request.allowed)}. Upload images, or name "
            "other statuses."
        )
    return count


def _add_items(session: Session, run_id: str, *where: ColumnElement[bool]) -> None:
    names = ["job_id", "image_id", "status", "tries", "updated_at"]
    moment = literal(now(), DraftItemRow.updated_at.type)
    chosen = select(literal(run_id), ImageRow.id, literal("waiting"), literal(0), moment)
    session.execute(insert(DraftItemRow).from_select(names, chosen.where(*where)))


def _parts(values: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def pause(db: Database, queue: JobQueue, run_id: str) -> JobRow:
    """Let workers finish the images they are at, and no more. Holds over restarts."""
    with db.write() as session:
        run = lock(session, run_id)
        _check_open(run, "paused")
        run.paused = True
    return tend(db, queue, run_id)


def resume(db: Database, queue: JobQueue, run_id: str) -> JobRow:
    """Go on with a paused run. Nothing changes if it is not paused."""
    with db.write() as session:
        run = lock(session, run_id)
        _check_open(run, "resumed")
        if run.paused:
            run.paused, run.resumed_at = False, now()
    return tend(db, queue, run_id)


def cancel(db: Database, queue: JobQueue, run_id: str) -> JobRow:
    """End a run before its time: what is drafted stays. Nothing changes if it has ended."""
    with db.write() as session:
        run = lock(session, run_id)
        if run.status not in jobs.TERMINAL:
            run.cancel_requested = True
    return tend(db, queue, run_id)


def retry(db: Database, queue: JobQueue, run_id: str) -> JobRow:
    """Draft the failed images again, and those left when a run was cancelled or failed."""
    with db.write() as session:
        run = lock(session, run_id)
        if draft_progress.is_withdrawn(run):
            raise Conflict("This run was withdrawn. Start a new one instead.", code="run_withdrawn")
        if run.status not in jobs.TERMINAL and (run.cancel_requested or run.error):
            raise Conflict(
                "The run is being stopped, but a worker is still at an image. Retry it soon.",
                code="job_not_finished",
            )
        items = (DraftItemRow.job_id == run_id, DraftItemRow.status.in_(["failed", "waiting"]))
        again = update(DraftItemRow).where(*items, DraftItemRow.status == "failed")
        session.execute(again.values(status="waiting", **_UNTRIED))
        if session.scalar(select(DraftItemRow.image_id).where(*items).limit(1)) is None:
            raise Conflict(
                "No image of this run failed, and none is left to draft.", code="nothing_to_retry"
            )
        if run.status in jobs.TERMINAL:
            run.status, run.cancel_requested, run.paused = "queued", False, False
            run.error = run.result = run.finished_at = run.heartbeat_at = None
            run.resumed_at = now()
    return tend(db, queue, run_id)


def lock(session: Session, run_id: str) -> JobRow:
    """Return the run, nobody else writing to it until the transaction ends."""
    run = session.get(JobRow, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise NotFound(f"There is no job {run_id}.", code="job_not_found")
    if run.kind != KIND:
        raise Conflict("Only a run of drafts can be asked for that.", code="not_a_run")
    return run


def _check_open(run: JobRow, word: str) -> None:
    if run.status in jobs.TERMINAL or run.cancel_requested:
        raise Conflict(
            f"This run has ended, so it can't be {word}. Retry it to draft what is left.",
            code="job_ended",
        )


def begun(session: Session, run_id: str) -> None:
    """Note that a worker is at a chunk of the run."""
    mine = update(JobRow).where(JobRow.id == run_id, JobRow.status == "queued")
    mine = mine.where(JobRow.paused.is_(False))
    moment = now()
    first = JobRow.started_at.is_(None)
    session.execute(mine.where(first).values(started_at=moment))
    session.execute(mine.values(status="running", heartbeat_at=moment))


def tend_all(db: Database, queue: JobQueue) -> None:
    """Tend every run that has not ended."""
    with db.read() as session:
        open_ = (JobRow.kind == KIND, JobRow.status.in_(["queued", "running"]))
        found = list(session.scalars(select(JobRow.id).where(*open_)))
    for run_id in found:
        tend(db, queue, run_id)


def tend(db: Database, queue: JobQueue, run_id: str) -> JobRow:
    """Bring a run and its chunks to where they should be, and return the run."""
    with db.write() as session:
        run = lock(session, run_id)
        fresh = [] if run.status in jobs.TERMINAL else _plan(session, run)
    for chunk in fresh:
        jobs.submit(queue, chunk)
    return run


def _plan(session: Session, run: JobRow) -> list[JobRow]:
    """Return new chunks, to be submitted once they are written."""
    live = _reap(session, run)
    if run.cancel_requested or run.error or run.paused:
        live = _stop(session, live)
        fresh: list[JobRow] = []
        if run.paused:
            run.status = "queued"
        ends = run.cancel_requested or bool(run.error)
    else:
        fresh = _chunks(session, run, live)
        ends = False
    if not live and not fresh:
        left = draft_progress.waiting(session, run.id)
        if ends or not left:
            run.status = "failed" if run.error else "cancelled" if left else "succeeded"
            draft_progress.conclude(session, run)
    return fresh


def _reap(session: Session, run: JobRow) -> list[JobRow]:
    """Drop the chunks that have ended, whose images tell what they did; return the others.

    A chunk that failed as a whole (no model, say) would fail again, so the run takes its error.
    """
    mine = select(JobRow).where(JobRow.parent_id == run.id).order_by(JobRow.id)
    live: list[JobRow] = []
    for chunk in session.scalars(mine.with_for_update()):
        if chunk.status not in jobs.TERMINAL:
            live.append(chunk)
            continue
        if chunk.status == "failed" and run.error is None:
            run.error = chunk.error
        _drop(session, chunk)
    return live


def _drop(session: Session, chunk: JobRow) -> None:
    """Forget a chunk, and let others have the images that it has not drafted."""
    its = (DraftItemRow.job_id == chunk.parent_id, DraftItemRow.chunk_id == chunk.id)
    left = update(DraftItemRow).where(*its, DraftItemRow.status == "waiting")
    session.execute(left.values(chunk_id=None))
    session.delete(chunk)


def _stop(session: Session, live: Sequence[JobRow]) -> list[JobRow]:
    """Tell the chunks to stop; return those that a worker is still at."""
    busy: list[JobRow] = []
    for chunk in live:
        if chunk.status == "queued" or jobs.is_lost(chunk, now()):
            _drop(session, chunk)
        else:
            chunk.cancel_requested = True
            busy.append(chunk)
    return busy


def _chunks(session: Session, run: JobRow, live: Sequence[JobRow]) -> list[JobRow]:
    """Give waiting images that nobody is to draft to new chunks, as many as there may be."""
    waiting = (DraftItemRow.job_id == run.id, DraftItemRow.status == "waiting")
    size = int(run.params["chunk"])
    free = select(DraftItemRow.image_id).where(*waiting, DraftItemRow.chunk_id.is_(None))
    free = free.order_by(DraftItemRow.image_id).limit(size * max(LANES - len(live), 0))
    fresh: list[JobRow] = []
    for part in _parts(session.scalars(free).all(), size):
        chunk = JobRow(
            id=str(uuid.uuid4()),
            kind=CHUNK_KIND,
            project_id=run.project_id,
            parent_id=run.id,
            params=run.params | {"run_id": run.id},
            total=len(part),
            unit="images",
            author_id=run.author_id,
        )
        session.add(chunk)
        given = update(DraftItemRow).where(*waiting, DraftItemRow.image_id.in_(part))
        session.execute(given.values(chunk_id=chunk.id))
        fresh.append(chunk)
    return fresh
