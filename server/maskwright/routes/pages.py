"""The pages: templates with just enough data that their scripts can start at once."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from maskwright.deps import DatabaseDep, ImageId, ProjectId, SettingsDep
from maskwright.errors import AppError, Gone
from maskwright.paths import resource_dir
from maskwright.routes.image_query import FilterDep, OrderDep
from maskwright.schemas import ImageOut, ProjectOut
from maskwright.services import image_list, images, projects
from maskwright.settings import Settings


class Static(StaticFiles):
    """The front-end's files. Browsers ask each time whether they have the present ones.

    Otherwise a browser would guess how long to keep them, and after an update run old modules
    together with new ones.
    """

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


router = APIRouter()
templates = Jinja2Templates(directory=resource_dir("frontend") / "templates")

JSON_PATHS = ("/api/", "/static/")
_DETAILS = {
    404: "There is nothing at this address. It may have been deleted, or the link is wrong.",
    422: "This address can't be read. Check the link.",
}
_FAULT = (
    "This is a fault of Maskwright. Nothing that was saved is lost; go back and try again, and "
    "look into the server's log if it happens again."
)


@router.get("/")
def projects_page(request: Request) -> Response:
    return _page(request, "projects.html")


@router.get("/projects/new")
def new_project_page(request: Request) -> Response:
    return _page(request, "project_new.html")


@router.get("/projects/{project_id}")
def gallery_page(
    request: Request, project_id: ProjectId, db: DatabaseDep, settings: SettingsDep
) -> Response:
    with db.read() as session:
        project = _project(session, project_id)
    return _page(request, "gallery.html", project=project, limits=_limits(settings))


@router.get("/projects/{project_id}/labels")
def labels_page(request: Request, project_id: ProjectId, db: DatabaseDep) -> Response:
    with db.read() as session:
        project = _project(session, project_id)
    return _page(request, "project_labels.html", project=project)


@router.get("/projects/{project_id}/model")
def model_page(request: Request, project_id: ProjectId, db: DatabaseDep) -> Response:
    with db.read() as session:
        project = _project(session, project_id)
    return _page(request, "project_model.html", project=project)


@router.get("/projects/{project_id}/export")
def export_page(request: Request, project_id: ProjectId, db: DatabaseDep) -> Response:
    with db.read() as session:
        project = _project(session, project_id)
    return _page(request, "export.html", project=project)


@router.get("/images/{image_id}")
def editor_page(
    request: Request,
    image_id: ImageId,
    db: DatabaseDep,
    settings: SettingsDep,
    wanted: FilterDep,
    order: OrderDep = "name",
) -> Response:
    """Show an image. The list it was opened from, named as in the API, tells what comes next."""
    with db.read() as session:
        row = images.get(session, image_id)
        if row.trashed_at is not None:
            raise Gone(f"The image “{row.name}” is in the trash. Put it back to work on it.")
        project = _project(session, row.project_id)
        previous, following = image_list.neighbours(session, row, wanted, order)
        image = ImageOut.of(row).model_dump(mode="json")
    return _page(
        request,
        "editor.html",
        image=image,
        project=project,
        previous=previous,
        next=following,
        limits=_limits(settings),
    )


@router.get("/trash")
def trash_page(request: Request) -> Response:
    return _page(request, "trash.html")


def _project(session: Session, project_id: int) -> dict[str, Any]:
    row = projects.get(session, project_id)
    if row.trashed_at is not None:
        raise Gone(f"The project “{row.name}” is in the trash. Put it back to work on it.")
    counts = projects.status_counts(session, [project_id])[project_id]
    return ProjectOut.of(row, counts).model_dump(mode="json")


def _limits(settings: Settings) -> dict[str, int]:
    return {
        "max_upload_bytes": settings.max_upload_bytes,
        "max_pixels": settings.max_pixels,
        "max_mask_bytes": settings.max_mask_bytes,
    }


def _page(request: Request, template: str, **data: Any) -> Response:
    """Render a template; `data` reaches both the template and, as JSON, its script."""
    context = {**data, "bootstrap": data} if data else {}
    return templates.TemplateResponse(
        request, template, context, headers={"Cache-Control": "no-cache"}
    )


def install(app: FastAPI) -> None:
    """Show errors as pages to people; programs, and all of the API, keep getting problems."""
    for kind in (AppError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _page_or(app.exception_handlers[kind]))


def _page_or(as_problem: Callable[[Request, Exception], Any]) -> Callable[..., Response]:
    def handle(request: Request, error: Exception) -> Response:
        problem: Response = as_problem(request, error)
        wants_page = "text/html" in request.headers.get("accept", "")
        if not wants_page or request.url.path.startswith(JSON_PATHS):
            return problem
        status = problem.status_code
        detail = error.detail if isinstance(error, AppError) else _DETAILS.get(status, _FAULT)
        phrase = "Page not found" if status == 404 else HTTPStatus(status).phrase
        title = error.title if isinstance(error, AppError) and status != 404 else phrase
        context = {"status": status, "title": title, "detail": detail}
        return templates.TemplateResponse(request, "error.html", context, status_code=status)

    return handle
