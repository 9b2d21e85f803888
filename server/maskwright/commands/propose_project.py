"""`maskwright propose --project`: a run of drafts, begun and followed to its end."""

import contextlib
import time
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from maskwright.commands.common import Failed, open_store, progress_bar
from maskwright.domain.proposer import DraftOptions
from maskwright.errors import NotFound, NothingToDraft
from maskwright.settings import Settings

if TYPE_CHECKING:
    from maskwright.db import Database
    from maskwright.jobs.port import JobQueue
    from maskwright.tables import JobRow

LOOK_SECONDS = 0.3
STOP_SECONDS = 20.0


def draft_project(
    settings: Settings,
    project: str,
    statuses: Sequence[str] | None,
    model: str | None,
    options: DraftOptions | None,
) -> None:
    """Draft the project's images and say what came of it. Ctrl-C cancels the run.

    The workers that run share the work; where there is none, one runs as long as this does.
    """
    from maskwright.domain.actor import LOCAL
    from maskwright.jobs.dbos_queue import DbosQueue, system_database_url
    from maskwright.services import draft_runs, projects
    from maskwright.worker import WorkerProcess, any_alive

    with open_store(settings) as db, contextlib.ExitStack() as open_:
        with db.read() as session:
            found = projects.by_name(session, project)
        if found is None:
            raise NotFound(f"There is no project “{project}”. Check the name.")
        queue = DbosQueue(system_database_url(settings))
        open_.callback(queue.close)
        request = draft_runs.RunRequest(statuses=statuses, model=model, options=options)
        key = str(uuid.uuid4())

        def begin() -> "JobRow":
            return draft_runs.start(db, queue, LOCAL, found.id, request, key)

        try:
            run = begin()
            if not any_alive(settings.data_dir):
                open_.enter_context(WorkerProcess(settings))
            with progress_bar("Drafting") as progress:
                run = _follow(db, run.id, progress)
        except NothingToDraft as nothing:
            typer.echo(nothing.detail)
            return
        except KeyboardInterrupt:  # perhaps before `begin` could say what it began
            run = _cancel(db, queue, begin().id)
        _tell(db, run)


def _follow(db: "Database", run_id: str, progress: Callable[[int, int], None]) -> "JobRow":
    from maskwright.services import draft_progress, jobs

    while True:
        with db.read() as session:
            run = jobs.get(session, run_id)
            figures = draft_progress.figures(session, [run])[run_id]
        progress(figures.done, run.total)
        if run.status in jobs.TERMINAL:
            return run
        time.sleep(LOOK_SECONDS)


def _cancel(db: "Database", queue: "JobQueue", run_id: str) -> "JobRow":
    """Cancel the run and wait for the images that workers are at."""
    from maskwright.services import draft_runs, jobs

    run = draft_runs.cancel(db, queue, run_id)
    deadline = time.monotonic() + STOP_SECONDS
    while run.status not in jobs.TERMINAL and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        run = draft_runs.tend(db, queue, run_id)
    return run


def _tell(db: "Database", run: "JobRow") -> None:
    """Say what became of the run; raises Failed unless all of it was done."""
    from maskwright.services import draft_progress

    with db.read() as session:
        for item, image in draft_progress.items(session, run.id, "failed", None, run.total):
            typer.echo(f"{image.name}: {(item.error or {}).get('detail')}", err=True)
    if run.result is None:
        raise Failed("The run is being cancelled; a worker is still at an image.")
    counts = run.result
    typer.echo(
        f"{counts['drafted']} images drafted in {counts['seconds']:.0f} s, {counts['failed']} "
        f"failed, {counts['skipped']} skipped, {counts['left']} left."
    )
    if run.error:
        raise Failed(f"The run stopped: {run.error['detail']}")
    if run.status == "cancelled":
        raise Failed("Cancelled. What is drafted stays; the same command drafts what is left.")
    if counts["failed"]:
        raise Failed(f"Images that could not be drafted: {counts['failed']}.")
