"""Jobs as a worker sees them: begun, reported on, ended, and rescued from workers that died.

Each attempt to run a job writes its own token into the row, and every later write asks for that
token. A worker that was believed dead and wakes up again therefore changes nothing any more.
"""

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.errors import AppError, NotFound
from maskwright.jobs.port import JobQueue, StepRunner
from maskwright.jobs.tasks import (
    TASKS,
    JobCancelled,
    JobContext,
    JobInterrupted,
    JobSuperseded,
)
from maskwright.services import draft_runs
from maskwright.services.drafting import Drafter
from maskwright.services.jobs import LOST_AFTER, TERMINAL, result_path
from maskwright.settings import Settings
from maskwright.tables import JobRow, UserRow, now

log = logging.getLogger(__name__)

REPORT_SECONDS = 0.5
MAX_ATTEMPTS = 5
"""A job that has ended its worker so often (out of memory, say) would end the next one too."""
SWEEP_LIMIT = 50


@dataclass
class Attempt:
    """One attempt at a job: the `JobControl` of its task."""

    db: Database
    job_id: str
    stopping: threading.Event
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    _next_report: float = 0.0
    _next_check: float = 0.0

    def report(self, done: int, total: int | None, unit: str | None) -> None:
        self._stop_if_stopping()
        if time.monotonic() < self._next_report and done != total:
            return
        self._next_report = self._next_check = time.monotonic() + REPORT_SECONDS
        values: dict[str, Any] = {"done": done, "heartbeat_at": now()}
        if total is not None:
            values["total"] = total
        if unit is not None:
            values["unit"] = unit
        with self.db.write() as session:
            statement = update(JobRow).where(*self.owned).values(values)
            wanted = session.execute(statement.returning(JobRow.cancel_requested)).scalar()
        self._stop_if_unwanted(wanted)

    def check(self) -> None:
        self._stop_if_stopping()
        if time.monotonic() < self._next_check:
            return
        self._next_check = time.monotonic() + REPORT_SECONDS
        with self.db.read() as session:
            wanted = session.scalar(select(JobRow.cancel_requested).where(*self.owned))
        self._stop_if_unwanted(wanted)

    def advance(self, session: Session) -> None:
        values = {"done": JobRow.done + 1, "attempts": 1, "heartbeat_at": now()}
        mine = update(JobRow).where(*self.owned).values(values).returning(JobRow.id)
        if session.execute(mine).first() is None:
            raise JobSuperseded

    def end(self, **values: Any) -> bool:
        """Write the last values; False if the job is no longer this attempt's."""
        with self.db.write() as session:
            statement = update(JobRow).where(*self.owned).values(worker=None, **values)
            return session.execute(statement.returning(JobRow.id)).first() is not None

    @property
    def owned(self) -> tuple[ColumnElement[bool], ...]:
        return (JobRow.id == self.job_id, JobRow.worker == self.token)

    def _stop_if_stopping(self) -> None:
        if self.stopping.is_set():
            raise JobInterrupted

    def _stop_if_unwanted(self, cancel_requested: bool | None) -> None:
        if cancel_requested is None:
            raise JobSuperseded
        if cancel_requested:
            raise JobCancelled


class JobRunner:
    """The jobs that this process runs."""

    def __init__(self, db: Database, settings: Settings, queue: JobQueue, drafter: Drafter) -> None:
        self._db, self._settings, self._queue, self._drafter = db, settings, queue, drafter
        self._stopping = threading.Event()
        self._attempts: dict[str, Attempt] = {}

    def execute(self, job_id: str, run_step: StepRunner) -> None:
        """Run a job to its end, whatever that is. Only `JobInterrupted` comes out."""
        attempt = Attempt(self._db, job_id, self._stopping)
        row = self._begin(attempt)
        if row is None:
            return
        part = result_path(self._settings, job_id).with_suffix(f".{attempt.token}.part")
        self._attempts[attempt.token] = attempt
        try:
            self._run(row, attempt, part, run_step)
        except JobSuperseded:
            log.warning("job %s was taken over by another worker", job_id)
        except JobInterrupted:
            self._release(attempt)
            raise
        finally:
            self._attempts.pop(attempt.token, None)
            part.unlink(missing_ok=True)
        if row.parent_id:
            with suppress(NotFound):  # deleted meanwhile, with its project
                draft_runs.tend(self._db, self._queue, row.parent_id)

    def _begin(self, attempt: Attempt) -> JobRow | None:
        with self._db.write() as session:
            row = session.get(JobRow, attempt.job_id, with_for_update=True)
            if row is None or row.status in TERMINAL:
                return None
            if row.cancel_requested or row.attempts >= MAX_ATTEMPTS:
                _give_up(row)
                return None
            row.status, row.worker, row.heartbeat_at = "running", attempt.token, now()
            row.attempts += 1
            row.started_at = row.started_at or now()
            return row

    def _run(self, row: JobRow, attempt: Attempt, part: Path, run_step: StepRunner) -> None:
        def finished(status: str, **values: Any) -> None:
            attempt.end(status=status, finished_at=now(), **values)

        try:
            result = TASKS[row.kind](self._context(row, attempt, part, run_step))
            if part.is_file():
                _publish(part, result_path(self._settings, row.id))
            finished("succeeded", result=result)
        except JobCancelled:
            finished("cancelled")
        except AppError as error:
            finished("failed", error={"code": error.code, "detail": error.detail, **error.extra})
        except Exception:
            log_id = uuid.uuid4().hex[:12]
            log.exception("job %s (%s) failed, log id %s", row.id, row.kind, log_id)
            detail = f"Something went wrong in the server. Its log says more at {log_id}."
            finished("failed", error={"code": "internal", "detail": detail, "log_id": log_id})

    def _context(
        self, row: JobRow, attempt: Attempt, part: Path, run_step: StepRunner
    ) -> JobContext:
        with self._db.read() as session:
            author = session.get_one(UserRow, row.author_id)
        part.parent.mkdir(parents=True, exist_ok=True)
        return JobContext(
            db=self._db,
            settings=self._settings,
            job_id=row.id,
            project_id=row.project_id,
            params=row.params,
            actor=Actor(author.id, author.name),
            result_path=part,
            control=attempt,
            run_step=run_step,
            drafter=self._drafter,
        )

    def beat(self) -> None:
        """Say of every job of this process, and of what it is a part of, that it is alive."""
        # A row at a time: who holds two of these locks can wait for ever for who wants both.
        alive = update(JobRow).values(heartbeat_at=now())
        wholes: set[str] = set()
        for token in list(self._attempts):
            with self._db.write() as session:
                mine = alive.where(JobRow.worker == token).returning(JobRow.parent_id)
                wholes.update(filter(None, session.scalars(mine)))
        for job_id in wholes:
            with self._db.write() as session:
                session.execute(alive.where(JobRow.id == job_id))

    def interrupt(self, seconds: float) -> None:
        """Ask all jobs to stop, and release those that have not after so long."""
        self._stopping.set()
        deadline = time.monotonic() + seconds
        while self._attempts and time.monotonic() < deadline:
            time.sleep(0.05)
        for attempt in list(self._attempts.values()):
            self._release(attempt)

    def _release(self, attempt: Attempt) -> None:
        """Leave the job as it was before; an interruption is no failed attempt."""
        attempt.end(status="queued", heartbeat_at=None, attempts=JobRow.attempts - 1)


def _give_up(row: JobRow) -> None:
    row.finished_at, row.worker = now(), None
    if row.cancel_requested:
        row.status = "cancelled"
        return
    row.status = "failed"
    row.error = {
        "code": "worker_died",
        "detail": f"Its worker died {row.attempts} times. The likely cause is too little memory.",
    }


def _publish(part: Path, path: Path) -> None:
    """Give a finished file its name, so that a name always means a whole file."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


def sweep(db: Database, queue: JobQueue) -> int:
    """Give jobs that nobody runs to the queue again; return how many.

    Such are jobs whose worker died, and jobs whose submission never reached the engine. A run of
    drafts is not for the engine; its chunks are.
    """
    cutoff = now() - LOST_AFTER
    touched = func.coalesce(JobRow.heartbeat_at, JobRow.created_at)
    forgotten = (
        JobRow.status.in_(["queued", "running"]),
        JobRow.kind != draft_runs.KIND,
        touched < cutoff,
    )
    with db.read() as session:
        wanted = select(JobRow.id, JobRow.kind).where(*forgotten).limit(SWEEP_LIMIT)
        found = session.execute(wanted).all()
    return sum(_rescue(db, queue, row.id, row.kind, forgotten) for row in found)


def _rescue(
    db: Database,
    queue: JobQueue,
    job_id: str,
    kind: str,
    forgotten: tuple[ColumnElement[bool], ...],
) -> bool:
    with db.write() as session:
        # Of several workers that sweep, the one that moves the heartbeat has the job.
        claim = update(JobRow).where(JobRow.id == job_id, *forgotten)
        claim = claim.values(heartbeat_at=now(), worker=None, status="queued")
        if session.execute(claim.returning(JobRow.id)).first() is None:
            return False
    if queue.rescue(job_id, kind):
        return True
    with db.write() as session:
        row = session.get(JobRow, job_id, with_for_update=True)
        if row is not None and row.status not in TERMINAL:
            _give_up(row)
    return False


def remove_expired(settings: Settings, seconds: Callable[[], float] = time.time) -> int:
    """Delete results older than `result_days`, and what dead workers left half written."""
    removed = 0
    for path in settings.results_dir.glob("*"):
        days = 1 if path.suffix == ".part" else settings.result_days
        if seconds() - path.stat().st_mtime > days * 86_400:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
