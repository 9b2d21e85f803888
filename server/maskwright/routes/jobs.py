"""Long work: look at it, follow it, cancel it, fetch what it made."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from maskwright.db import Database
from maskwright.deps import (
    MAX_ID,
    DatabaseDep,
    LimitDep,
    QueueDep,
    SettingsDep,
    etag_matches,
    not_modified,
)
from maskwright.problems import answer, responses
from maskwright.routes.ranges import RangeNotSatisfiable, parse_range
from maskwright.schemas import Page
from maskwright.services import draft_progress, draft_runs, jobs
from maskwright.services.draft_progress import Figures
from maskwright.tables import JobRow

router = APIRouter(tags=["jobs"])

LOOK_SECONDS = 0.5
"""How often a followed job is looked at; it reports its progress no oftener."""
EXAMPLE_ID = "5f0c6a52-7e0a-4b6c-9d9b-0d3a1c6c2f11"


class Progress(BaseModel):
    done: int
    total: int = Field(description="0 while it is not known.")
    unit: str
    failed: int = Field(0, description="Of those done, how many could not be.")
    rate: float | None = Field(None, description="Done per second of late; null if not known.")
    seconds_left: float | None = Field(None, description="At that rate; null if not known.")


class JobError(BaseModel):
    model_config = ConfigDict(extra="allow")

    code: str
    detail: str


class JobOut(BaseModel):
    """Long work with its progress. `note` says what a person should know about its status."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": EXAMPLE_ID,
                    "kind": "export",
                    "project_id": 1,
                    "status": "running",
                    "note": None,
                    "paused": False,
                    "progress": {
                        "done": 120,
                        "total": 600,
                        "unit": "images",
                        "failed": 0,
                        "rate": None,
                        "seconds_left": None,
                    },
                    "params": {"format": "voc"},
                    "result": None,
                    "error": None,
                    "created_at": "2026-11-22T10:00:00Z",
                    "started_at": "2026-11-22T10:00:01Z",
                    "finished_at": None,
                }
            ]
        }
    )

    id: str
    kind: str
    project_id: int | None
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    note: str | None
    paused: bool
    progress: Progress
    params: dict[str, Any]
    result: dict[str, Any] | None
    error: JobError | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: JobRow, figures: Figures | None = None) -> "JobOut":
        """`figures` are those of a run of drafts."""
        state = jobs.state(row)
        figures = figures or Figures(row.done)
        return cls.model_validate(
            {
                "id": row.id,
                "kind": row.kind,
                "project_id": row.project_id,
                "status": state.status,
                "note": state.note,
                "paused": row.paused,
                "progress": {"total": row.total, "unit": row.unit, **asdict(figures)},
                "params": row.params,
                "result": row.result,
                "error": row.error,
                "created_at": row.created_at,
                "started_at": row.started_at,
                "finished_at": row.finished_at,
            }
        )


JobId = Annotated[str, Path(max_length=36, pattern=r"^[0-9a-f-]+$", examples=[EXAMPLE_ID])]


def job(job_id: JobId, db: DatabaseDep) -> JobRow:
    with db.read() as session:
        return jobs.get(session, job_id)


JobDep = Annotated[JobRow, Depends(job)]


def shown(db: Database, row: JobRow) -> JobOut:
    """Return the job as it travels, with the figures of a run of drafts."""
    with db.read() as session:
        return JobOut.of(row, draft_progress.figures(session, [row]).get(row.id))


@router.get("/jobs", responses=responses(422))
def list_jobs(
    db: DatabaseDep,
    project_id: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    cursor: Annotated[
        str | None,
        Query(pattern=r"^[0-9a-f-]{0,36}$", description="`next_cursor` of the page before."),
    ] = None,
    limit: LimitDep = 50,
) -> Page[JobOut]:
    """List jobs, newest first."""
    with db.read() as session:
        rows, next_cursor = jobs.page(session, project_id, cursor or None, limit)
        figures = draft_progress.figures(session, rows)
    shown = [JobOut.of(row, figures.get(row.id)) for row in rows]
    return Page(items=shown, next_cursor=next_cursor)


@router.get("/jobs/{job_id}", responses=responses(404, 422))
def get_job(row: JobDep, db: DatabaseDep) -> JobOut:
    """Look at a job."""
    return shown(db, row)


@router.get(
    "/jobs/{job_id}/events",
    response_class=EventSourceResponse,
    responses=responses(404, 422),
)
async def follow_job(row: JobDep, db: DatabaseDep) -> AsyncIterator[ServerSentEvent]:
    """Follow a job: its state now, then at each change, until it has ended.

    Events are named `job`, their data is the job as `GET /jobs/{job_id}` gives it. A comment
    keeps the connection open while nothing changes.
    """
    last = None
    while True:
        # A short read in a thread, so that neither the event loop nor a connection is held.
        state = await anyio.to_thread.run_sync(_look, db, row.id)
        if state is None:  # deleted together with its project
            return
        if state != last:
            last = state
            yield ServerSentEvent(event="job", data=state)
        if state.status in jobs.TERMINAL:
            return
        await anyio.sleep(LOOK_SECONDS)


def _look(db: Database, job_id: str) -> JobOut | None:
    with db.read() as session:
        row = session.get(JobRow, job_id)
    return shown(db, row) if row else None


@router.delete("/jobs/{job_id}", responses=responses(404, 422))
def cancel_job(row: JobDep, db: DatabaseDep, queue: QueueDep) -> JobOut:
    """Cancel a job: at once while it waits, at its next check when it runs.

    Cancelling twice, or a job that has ended, changes nothing. The job stays in the list. What a
    run of drafts has drafted stays too.
    """
    cancel = draft_runs.cancel if row.kind == draft_runs.KIND else jobs.cancel
    return shown(db, cancel(db, queue, row.id))


@router.get(
    "/jobs/{job_id}/result",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/zip": {}}, "description": "The file the job made."},
        206: {"content": {"application/zip": {}}, "description": "The part asked for by Range."},
        304: {"description": "The client has it already."},
        **responses(404, 409, 410, 416, 422),
    },
)
def get_result(row: JobDep, db: DatabaseDep, settings: SettingsDep, request: Request) -> Response:
    """Download the result of a succeeded job; understands Range, so downloads can be resumed."""
    path = jobs.result_file(settings, row)
    etag = f'"{row.id}"'  # a job's result never changes
    if "range" not in request.headers and etag_matches(request, etag):
        return not_modified(etag)
    with db.read() as session:
        filename = f"{jobs.result_name(session, row)}.zip"
    headers = {"ETag": etag}
    asked = request.headers.get("range")
    if asked and request.headers.get("if-range", etag) == etag:
        size = path.stat().st_size
        try:
            wanted = parse_range(asked, size)
        except RangeNotSatisfiable as error:
            return answer(error.problem(), {"Content-Range": f"bytes */{size}"})
        if wanted is None:  # to be ignored; FileResponse reads it from the scope and would refuse
            request.scope["headers"] = [
                (name, value) for name, value in request.scope["headers"] if name != b"range"
            ]
    return FileResponse(path, media_type="application/zip", filename=filename, headers=headers)
