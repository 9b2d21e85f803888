"""Ask for a data set of a project; a job makes it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from maskwright.deps import ActorDep, DatabaseDep, KeyDep, ProjectId, QueueDep
from maskwright.domain.status import STATUSES, Status
from maskwright.errors import Unprocessable
from maskwright.problems import responses
from maskwright.routes.jobs import JobOut
from maskwright.schemas import Request
from maskwright.services import jobs, projects

router = APIRouter(tags=["exports"])


class ExportIn(Request):
    """What to export and how."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"format": "voc"},
                {"format": "coco", "statuses": ["submitted", "approved"], "polygons": True},
            ]
        }
    )

    format: Literal["voc", "coco", "coco-panoptic", "cityscapes", "bdd100k", "camvid", "index-png"]
    statuses: Annotated[list[Status], Field(min_length=1, max_length=len(STATUSES))] | None = Field(
        None, description="Only images in these statuses; null for any."
    )
    include: Literal["annotated", "all"] = Field(
        "annotated",
        description="`annotated`: images that have ground truth. `all`: also those without, as "
        "void.",
    )
    polygons: bool = Field(
        False,
        description="COCO only: write polygons instead of RLE. Objects with holes stay RLE; the "
        "report counts them.",
    )
    colors: bool = Field(
        False,
        description="index-png only: masks in the labels' colors instead of their indices.",
    )


@router.post(
    "/projects/{project_id}/exports",
    status_code=202,
    responses={
        202: {"headers": {"Location": {"schema": {"type": "string"}, "description": "The job."}}},
        **responses(404, 409, 422),
    },
)
def start_export(
    project_id: ProjectId,
    body: ExportIn,
    db: DatabaseDep,
    queue: QueueDep,
    actor: ActorDep,
    key: KeyDep,
    response: Response,
) -> JobOut:
    """Start an export. Follow the job; its result is a zip."""
    if body.polygons and body.format != "coco":
        raise Unprocessable("Only the format coco can have polygons.", code="no_polygons")
    if body.colors and body.format != "index-png":
        raise Unprocessable("Only the format index-png can have colors.", code="no_colors")
    with db.read() as session:
        projects.get(session, project_id)
    row = jobs.create(db, queue, actor, "export", body.model_dump(), project_id, key)
    response.headers["Location"] = f"/api/v1/jobs/{row.id}"
    return JobOut.of(row)
