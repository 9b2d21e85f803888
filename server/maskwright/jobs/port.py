"""What the application asks of a job engine, and nothing more.

The `jobs` table says what a job is, who asked for it and how far it is; the engine only decides
which process runs it and when, and makes sure that one does. Behind this port stands DBOS
(`dbos_queue`); docs/adr/0005-jobs-on-dbos.md says why.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")


class JobQueue(Protocol):
    """Hands jobs to whatever worker is there, now or later. Never runs one itself."""

    def submit(self, job_id: str, kind: str) -> None:
        """Queue a job; submitting the same job twice queues it once."""
        ...

    def cancel(self, job_id: str) -> None:
        """Take a job that waits out of the queue."""
        ...

    def rescue(self, job_id: str, kind: str) -> bool:
        """Queue a job again whose worker died or whose submission was lost.

        False if the engine has given it up: it will not run any more.
        """
        ...


class StepRunner(Protocol):
    """Runs a part of a job and remembers its result across a crash of the worker."""

    def __call__(self, name: str, func: Callable[[], Result]) -> Result:
        """Result of `func` (JSON values only), from the record if this step has run before."""
        ...


def run_unrecorded(name: str, func: Callable[[], Any]) -> Any:
    """Step runner without a memory, for tasks run in the foreground by the command line."""
    return func()
