"""Jobs as their users see them: asked for, listed, looked at, cancelled, their result fetched.

The row in `jobs` is the truth about a job. The engine behind `JobQueue` only gets it run; what a
worker does with the row is in `job_runs`.
"""

import json
import logging
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.errors import Conflict, Gone, NotFound, Unprocessable
from maskwright.jobs.port import JobQueue
from maskwright.settings import Settings
from maskwright.tables import JobRow, ProjectRow, now

log = logging.getLogger(__name__)

TERMINAL = frozenset({"succeeded", "failed", "cancelled"})
LOST_AFTER = timedelta(seconds=20)
"""A worker says every 5 s that it is alive; after this silence its jobs are given to another."""
WAITING_AFTER = timedelta(seconds=10)
"""A queued job not begun by then waits for a worker that is busy, or that does not exist."""
MAX_KEY = 150


@dataclass(frozen=True)
class JobState:
    """What is true of a job now: a running job whose worker has died waits to be begun again."""

    status: str
    note: str | None


def create(
    db: Database,
    queue: JobQueue,
    actor: Actor,
    kind: str,
    params: dict[str, Any],
    project_id: int | None = None,
    idempotency_key: str | None = None,
) -> JobRow:
    """Ask for a job. The same key with the same request gives the same job again."""
    row, fresh = add(db, actor, kind, params, project_id, idempotency_key)
    if fresh:
        submit(queue, row)
    return row


def add(
    db: Database,
    actor: Actor,
    kind: str,
    params: dict[str, Any],
    project_id: int | None,
    idempotency_key: str | None,
    fill: Callable[[Session, JobRow], None] = lambda _session, _row: None,
) -> tuple[JobRow, bool]:
    """Write a job that is durable when this returns; False with it if the key had made it before.

    `fill` writes in the same transaction what else the job consists of.
    """
    if idempotency_key is not None and len(idempotency_key) > MAX_KEY:
        raise Unprocessable(f"An Idempotency-Key has at most {MAX_KEY} characters.")
    key = None if idempotency_key is None else f"{actor.id}/{idempotency_key}"
    row = JobRow(
        id=str(uuid.uuid4()),
        kind=kind,
        project_id=project_id,
        params=params,
        author_id=actor.id,
        idempotency_key=key,
    )
    try:
        with db.write() as session:
            session.add(row)
            session.flush()
            fill(session, row)
    except IntegrityError:
        with db.read() as session:
            known = session.scalar(select(JobRow).where(JobRow.idempotency_key == key))
        if key is None or known is None:
            raise
        return _same_request(known, kind, params, project_id), False
    return row, True


def submit(queue: JobQueue, row: JobRow) -> None:
    """Hand a job to the engine. Should it not hear of it, a worker finds the job in the table."""
    try:
        queue.submit(row.id, row.kind)
    except Exception:  # whatever the engine's database has; the job is in ours
        log.exception("job %s could not be submitted; a worker will pick it up", row.id)


def _same_request(row: JobRow, kind: str, params: dict[str, Any], project_id: int | None) -> JobRow:
    asked = json.dumps([kind, params, project_id], sort_keys=True)
    if asked != json.dumps([row.kind, row.params, row.project_id], sort_keys=True):
        raise Conflict(
            "This Idempotency-Key was used for another job. Use a new key for a new job.",
            code="idempotency_key_reused",
        )
    return row


def get(session: Session, job_id: str) -> JobRow:
    row = session.get(JobRow, job_id)
    if row is None:
        raise NotFound(f"There is no job {job_id}.", code="job_not_found")
    return row


def page(
    session: Session, project_id: int | None, cursor: str | None, limit: int
) -> tuple[list[JobRow], str | None]:
    """Return up to `limit` jobs, newest first, and the cursor of the next page.

    Parts of other jobs are left out.
    """
    query = select(JobRow).where(JobRow.parent_id.is_(None))
    query = query.order_by(JobRow.created_at.desc(), JobRow.id.desc())
    if project_id is not None:
        query = query.where(JobRow.project_id == project_id)
    if cursor is not None:
        last = session.get(JobRow, cursor)
        if last is None:
            raise Unprocessable("This cursor is unknown. Start again without one.")
        query = query.where(tuple_(JobRow.created_at, JobRow.id) < (last.created_at, last.id))
    rows = list(session.scalars(query.limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def state(row: JobRow, at: datetime | None = None) -> JobState:
    """Return the honest status of a job at a moment, with a note where it needs one."""
    at = at or now()
    if row.paused and row.status not in TERMINAL:
        return JobState("queued", "Paused. It goes on when somebody resumes it.")
    if row.status == "running" and is_lost(row, at):
        return JobState("queued", "Its worker stopped. It goes on when a worker is there.")
    if row.status == "queued" and row.attempts:
        return JobState("queued", "Interrupted. It goes on when a worker is there.")
    if row.status == "queued" and at - (row.resumed_at or row.created_at) > WAITING_AFTER:
        return JobState("queued", "Waiting for a worker.")
    if row.status == "running" and row.cancel_requested:
        return JobState("running", "Stopping.")
    return JobState(row.status, None)


def is_lost(row: JobRow, at: datetime) -> bool:
    return row.heartbeat_at is None or at - row.heartbeat_at > LOST_AFTER


def cancel(db: Database, queue: JobQueue, job_id: str) -> JobRow:
    """Cancel a job: at once if it waits, at its next check if it runs. Idempotent."""
    with db.write() as session:
        row = session.get(JobRow, job_id, with_for_update=True)
        if row is None:
            raise NotFound(f"There is no job {job_id}.", code="job_not_found")
        if row.status in TERMINAL:
            return row
        row.cancel_requested = True
        if row.status == "running" and not is_lost(row, now()):
            return row
        row.status, row.finished_at, row.worker = "cancelled", now(), None
    try:
        queue.cancel(job_id)
    except Exception:  # the row says cancelled, so a worker that gets it leaves it alone
        log.exception("job %s could not be taken out of the queue", job_id)
    return row


def result_path(settings: Settings, job_id: str) -> Path:
    return settings.results_dir / f"{job_id}.zip"


def result_file(settings: Settings, row: JobRow) -> Path:
    """Return the file that a job made."""
    if row.status != "succeeded":
        raise Conflict(
            f"The job is {state(row).status}; only a succeeded job has a result.",
            code="job_not_finished" if row.status not in TERMINAL else f"job_{row.status}",
        )
    path = result_path(settings, row.id)
    if not path.is_file():
        raise Gone(
            f"Results are kept for {settings.result_days} days. Run the job again for a new one.",
            code="result_expired",
        )
    return path


def result_name(session: Session, row: JobRow) -> str:
    """Return the name under which the result is downloaded."""
    project = session.get(ProjectRow, row.project_id) if row.project_id else None
    words = [project.name if project else row.kind, row.params.get("format", ""), row.id[:8]]
    return "-".join(filter(None, (re.sub(r"[^\w.]+", "-", word).strip("-") for word in words)))
