"""Kinds of jobs, and what a task is given to do its work.

A task is a function of one `JobContext` that returns a JSON object, the job's result. It can be
killed at any moment and is then called again with the same parameters, so it writes its file to
`result_path` from the beginning, or does its work in named `step`s, of which those that finished
are not done again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from maskwright.domain.actor import Actor
from maskwright.jobs.port import Result, StepRunner

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from maskwright.db import Database
    from maskwright.services.drafting import Drafter
    from maskwright.settings import Settings


class JobStopped(BaseException):
    """Leave the task now.

    Not an `Exception`, so that a task which records a bad image and goes on with the next does
    not swallow it, nor the engine count it as the job's failure.
    """


class JobCancelled(JobStopped):
    """Its user does not want it any more."""


class JobInterrupted(JobStopped):
    """The worker shuts down; the job will be run again."""


class JobSuperseded(JobStopped):
    """Another worker has taken the job over."""


class JobControl(Protocol):
    """The line between a running task and its row in the `jobs` table."""

    def report(self, done: int, total: int | None, unit: str | None) -> None: ...

    def check(self) -> None: ...

    def advance(self, session: Session) -> None: ...


@dataclass(frozen=True)
class JobContext:
    """What a task may use. `result_path` is where it writes the file to be downloaded, if any."""

    db: Database
    settings: Settings
    job_id: str
    project_id: int | None
    params: dict[str, Any]
    actor: Actor
    result_path: Path
    control: JobControl
    run_step: StepRunner
    drafter: Drafter

    def progress(self, done: int, total: int | None = None, unit: str | None = None) -> None:
        """Say how far it is; cheap enough to be called for every image. Also checks for a stop."""
        self.control.report(done, total, unit)

    def check_cancelled(self) -> None:
        """Raise `JobStopped` if the task is to end; for long stretches without progress."""
        self.control.check()

    def advance(self, session: Session) -> None:
        """Count one more done, in the transaction that writes it.

        Rolls it back by raising `JobSuperseded` if the job is another worker's by now: what is
        written together with this is written once. A job that has come further is also given all
        its attempts again.
        """
        self.control.advance(session)

    def step(self, name: str, func: Callable[[], Result]) -> Result:
        """Do a part of the work that is not to be repeated after a crash; result is JSON."""
        return self.run_step(name, func)


Task = Callable[[JobContext], dict[str, Any]]

TASKS: dict[str, Task] = {}
"""Kind of job → its task. Filled by importing the modules that define tasks."""


def task(kind: str) -> Callable[[Task], Task]:
    """Register a function as the task of a kind of jobs."""

    def register(function: Task) -> Task:
        if kind in TASKS and TASKS[kind] is not function:
            raise ValueError(f"two tasks for the kind of job {kind!r}")
        TASKS[kind] = function
        return function

    return register
