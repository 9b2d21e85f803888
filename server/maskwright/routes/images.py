"""Images of a project: taken in, listed, thrown away and taken back."""

from functools import partial
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from maskwright.db import Database
from maskwright.deps import ActorDep, DatabaseDep, ImageId, LimitDep, ProjectId, SettingsDep
from maskwright.domain.actor import Actor
from maskwright.problems import responses
from maskwright.routes import image_files
from maskwright.routes.image_query import FilterDep, OrderDep
from maskwright.schemas import ImageOut, Page
from maskwright.services import image_list, images, projects
from maskwright.services.decode import Limits
from maskwright.services.image_errors import FileTooLarge, ImageRefused, NoImageTaken, TooManyFiles

router = APIRouter(tags=["images"])
router.include_router(image_files.router)
_UPLOADS_AT_ONCE = 4


class UploadError(BaseModel):
    """Why a file was not taken in; `code` is stable."""

    code: str
    detail: str


class UploadedOut(BaseModel):
    """What became of one file. With `error`, the members that describe an image are null."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "cat.jpg",
                    "id": 1,
                    "width": 640,
                    "height": 480,
                    "sha256": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
                    "duplicate_of": None,
                    "note": None,
                    "error": None,
                },
                {
                    "name": "cat.gif",
                    "id": None,
                    "width": None,
                    "height": None,
                    "sha256": None,
                    "duplicate_of": None,
                    "note": None,
                    "error": {
                        "code": "unsupported_image",
                        "detail": "GIF images are not taken. Save it as PNG and upload that.",
                    },
                },
            ]
        }
    )

    name: str = Field(description="The image's name, which may differ from the file's.")
    id: int | None = None
    width: int | None = None
    height: int | None = None
    sha256: str | None = Field(default=None, description="Of the uploaded bytes.")
    duplicate_of: int | None = Field(
        default=None, description="The image that had these bytes already; then equal to `id`."
    )
    note: str | None = Field(default=None, description="What to tell the user, if anything.")
    error: UploadError | None = None

    @classmethod
    def of(cls, result: images.UploadResult) -> "UploadedOut":
        image = result.image
        return cls(
            name=image.name,
            id=image.id,
            width=image.width,
            height=image.height,
            sha256=image.sha256,
            duplicate_of=image.id if result.duplicate else None,
            note=result.note,
        )


@router.post(
    "/projects/{project_id}/images",
    status_code=201,
    responses=responses(400, 404, 413, 422),
)
async def upload_images(
    project_id: ProjectId,
    files: Annotated[
        list[UploadFile], File(min_length=1, description="JPEG, PNG, WebP, TIFF or BMP.")
    ],
    request: Request,
    db: DatabaseDep,
    settings: SettingsDep,
    actor: ActorDep,
) -> list[UploadedOut]:
    """Take in images, each for itself: a bad one is told in the list and the others go through.

    Bytes that the project has already are not stored again. If no file could be taken, the
    answer is 422 and its `errors` tell why, file by file.
    """
    if len(files) > settings.max_files_per_upload:
        raise TooManyFiles.of(len(files), settings.max_files_per_upload)
    take = partial(_take_all, db, project_id, files, actor, images.limits_of(settings))
    return await to_thread.run_sync(take, limiter=_upload_limiter(request))


@router.get("/projects/{project_id}/images", responses=responses(404, 422))
def list_images(
    project_id: ProjectId,
    db: DatabaseDep,
    wanted: FilterDep,
    order: OrderDep = "name",
    cursor: Annotated[
        str | None, Query(max_length=2000, description="`next_cursor` of the page before.")
    ] = None,
    limit: LimitDep = 50,
) -> Page[ImageOut]:
    """Images of a project, page by page."""
    with db.read() as session:
        projects.get(session, project_id)
        rows, following = image_list.page(session, project_id, wanted, order, cursor or None, limit)
        return Page(items=[ImageOut.of(row) for row in rows], next_cursor=following)


@router.get("/images/{image_id}", responses=responses(404, 422))
def get_image(image_id: ImageId, db: DatabaseDep) -> ImageOut:
    """One image: its size, its status, its revisions, its pixels per label."""
    with db.read() as session:
        return ImageOut.of(images.get(session, image_id))


@router.delete("/images/{image_id}", status_code=204, responses=responses(404, 422))
def trash_image(image_id: ImageId, db: DatabaseDep) -> Response:
    """Move an image to the trash. It can be taken back for 30 days, masks and all."""
    images.trash(db, image_id)
    return Response(status_code=204)


@router.post("/images/{image_id}/undelete", responses=responses(404, 422))
def undelete_image(image_id: ImageId, db: DatabaseDep) -> ImageOut:
    """Take an image back from the trash."""
    images.undelete(db, image_id)
    with db.read() as session:
        return ImageOut.of(images.get(session, image_id))


def _upload_limiter(request: Request) -> CapacityLimiter:
    """Threads for uploads alone: a thousand of them must not keep one save waiting."""
    state = request.app.state
    if not hasattr(state, "upload_limiter"):
        state.upload_limiter = CapacityLimiter(_UPLOADS_AT_ONCE)
    return state.upload_limiter


def _take_all(
    db: Database, project_id: int, files: list[UploadFile], actor: Actor, limits: Limits
) -> list[UploadedOut]:
    with db.read() as session:
        projects.get(session, project_id)
    outcomes = [_take(db, project_id, file, actor, limits) for file in files]
    if all(outcome.error for outcome in outcomes):
        raise NoImageTaken.of(
            [outcome.model_dump(include={"name", "error"}) for outcome in outcomes]
        )
    return outcomes


def _take(
    db: Database, project_id: int, file: UploadFile, actor: Actor, limits: Limits
) -> UploadedOut:
    name = file.filename or "image"
    try:
        if file.size is not None and file.size > limits.max_bytes:  # told before it is read
            raise FileTooLarge.of(file.size, limits.max_bytes)
        data = file.file.read(limits.max_bytes + 1)
        return UploadedOut.of(images.upload(db, project_id, name, data, actor, limits))
    except ImageRefused as error:
        return UploadedOut(
            name=images.clean_name(name), error=UploadError(code=error.code, detail=error.detail)
        )
    finally:
        file.file.close()
