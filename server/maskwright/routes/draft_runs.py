"""Runs of drafts: begun, paused, resumed, tried again, taken back, looked at image by image."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from maskwright.deps import (
    MAX_ID,
    ActorDep,
    CursorDep,
    DatabaseDep,
    KeyDep,
    LimitDep,
    ProjectId,
    QueueDep,
    known_model,
)
from maskwright.domain.status import STATUSES, Status
from maskwright.problems import responses
from maskwright.routes.jobs import JobDep, JobError, JobId, JobOut, shown
from maskwright.schemas import Page
from maskwright.schemas.common import Name
from maskwright.schemas.common import Request as Body
from maskwright.schemas.draft_options import DraftOptionsIn
from maskwright.services import draft_progress, draft_runs, draft_withdrawal
from maskwright.services.draft_runs import RunRequest
from maskwright.tables import DraftItemRow, ImageRow

router = APIRouter(tags=["proposals"])

ItemStatus = Literal["waiting", "drafted", "failed", "skipped", "withdrawn"]
ImageIds = Annotated[
    list[Annotated[int, Field(ge=1, le=MAX_ID)]],
    Field(min_length=1, max_length=draft_runs.MOST_IMAGES),
]
Statuses = Annotated[list[Status], Field(min_length=1, max_length=len(STATUSES))]


class RunIn(Body):
    """Which images to draft, and how."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{}, {"statuses": ["new", "proposed"], "options": {"flips": True}}]
        },
        protected_namespaces=(),
    )

    image_ids: ImageIds | None = Field(None, description="Only these; null for any.")
    statuses: Statuses | None = Field(
        None,
        description="Only images in these statuses, the others are skipped. Default: `new`; with "
        "`image_ids` also `proposed`. Ground truth is never touched, whatever the status.",
    )
    model: Name | None = Field(None, description="Default: the project's model.")
    options: DraftOptionsIn | None = Field(None, description="Default: the project's.")
    chunk: int = Field(
        draft_runs.CHUNK, ge=1, le=500, description="Images that a worker takes at a time."
    )


class ItemOut(BaseModel):
    """What became of one image of a run. `error` says why it failed or was skipped."""

    image_id: int
    name: str
    status: ItemStatus
    uncertainty: float | None
    revision: int | None
    error: JobError | None
    updated_at: datetime

    @classmethod
    def of(cls, item: DraftItemRow, image: ImageRow) -> "ItemOut":
        return cls.model_validate(
            {
                "image_id": image.id,
                "name": image.name,
                "status": item.status,
                "uncertainty": image.uncertainty if item.status == "drafted" else None,
                "revision": item.revision_id,
                "error": item.error,
                "updated_at": item.updated_at,
            }
        )


@router.post(
    "/projects/{project_id}/proposals",
    status_code=202,
    responses={
        202: {"headers": {"Location": {"schema": {"type": "string"}, "description": "The job."}}},
        **responses(404, 409, 422),
    },
)
def start_run(
    project_id: ProjectId,
    body: RunIn,
    request: Request,
    response: Response,
    db: DatabaseDep,
    queue: QueueDep,
    actor: ActorDep,
    key: KeyDep,
) -> JobOut:
    """Draft many images of a project. Follow the job, which workers share."""
    wanted = RunRequest(
        image_ids=body.image_ids,
        statuses=body.statuses,
        model=known_model(request, body.model),
        options=body.options.to_options() if body.options else None,
        chunk=body.chunk,
    )
    run = draft_runs.start(db, queue, actor, project_id, wanted, key)
    response.headers["Location"] = f"/api/v1/jobs/{run.id}"
    return shown(db, run)


@router.post("/jobs/{job_id}/pause", responses=responses(404, 409, 422))
def pause_run(job_id: JobId, db: DatabaseDep, queue: QueueDep) -> JobOut:
    """Pause a run of drafts: workers finish the images they are at. It stays so over restarts."""
    return shown(db, draft_runs.pause(db, queue, job_id))


@router.post("/jobs/{job_id}/resume", responses=responses(404, 409, 422))
def resume_run(job_id: JobId, db: DatabaseDep, queue: QueueDep) -> JobOut:
    """Go on with a paused run of drafts."""
    return shown(db, draft_runs.resume(db, queue, job_id))


@router.post("/jobs/{job_id}/retry", responses=responses(404, 409, 422))
def retry_run(job_id: JobId, db: DatabaseDep, queue: QueueDep) -> JobOut:
    """Draft the images again that failed, and those that a cancelled or failed run left."""
    return shown(db, draft_runs.retry(db, queue, job_id))


@router.post("/jobs/{job_id}/withdraw", responses=responses(404, 409, 422))
def withdraw_run(job_id: JobId, db: DatabaseDep, queue: QueueDep, actor: ActorDep) -> JobOut:
    """Take back the proposals of a run, which is cancelled if it has not ended.

    Each image gets the proposal it had before, if any. What people accepted stays.
    """
    return shown(db, draft_withdrawal.withdraw(db, queue, job_id, actor))


@router.get("/jobs/{job_id}/items", responses=responses(404, 422))
def list_items(
    row: JobDep,
    db: DatabaseDep,
    after: CursorDep,
    status: Annotated[ItemStatus | None, Query(description="Only these.")] = None,
    limit: LimitDep = 50,
) -> Page[ItemOut]:
    """List the images of a run and what became of each, by image id."""
    with db.read() as session:
        found = draft_progress.items(session, row.id, status, after, limit + 1)
    shown_items = [ItemOut.of(item, image) for item, image in found[:limit]]
    more = len(found) > limit
    return Page(items=shown_items, next_cursor=str(shown_items[-1].image_id) if more else None)
