"""Projects, their labels, their progress."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.deps import (
    ActorDep,
    CursorDep,
    DatabaseDep,
    KeyDep,
    LimitDep,
    ProjectId,
    SettingsDep,
    known_model,
)
from maskwright.domain.presets import PRESETS
from maskwright.problems import responses
from maskwright.schemas import (
    LabelOut,
    Page,
    PresetOut,
    ProjectChange,
    ProjectIn,
    ProjectOut,
    StatsOut,
    to_labels,
)
from maskwright.services import idempotency, projects, stats

router = APIRouter(tags=["projects"])


@router.get("/presets")
def list_presets() -> list[PresetOut]:
    """The label sets that a new project can begin with."""
    return [
        PresetOut(
            key=preset.key,
            title=preset.title,
            labels=[LabelOut.of(label) for label in preset.labels],
        )
        for preset in PRESETS.values()
    ]


@router.post("/projects", status_code=201, responses=responses(409, 422))
def create_project(
    body: ProjectIn, db: DatabaseDep, settings: SettingsDep, actor: ActorDep, key: KeyDep
) -> ProjectOut:
    """Make a project with a label set of its own or a preset."""
    labels = body.label_set()

    def create(session: Session) -> int:
        model = settings.model
        return projects.create(session, body.name, body.description, labels, model, actor).id

    project_id = idempotency.once(db, actor, "project", key, body.model_dump(), create)
    return _answer(db, project_id)


@router.get("/projects", responses=responses(422))
def list_projects(
    db: DatabaseDep,
    before: CursorDep,
    q: Annotated[
        str | None,
        Query(max_length=200, pattern=r"^[^\u0000]*$", description="Part of the name."),
    ] = None,
    trash: Annotated[bool, Query(description="Those in the trash instead.")] = False,
    limit: LimitDep = 50,
) -> Page[ProjectOut]:
    """Projects, newest first."""
    with db.read() as session:
        rows = projects.page(session, q, trash, before, limit + 1)
        counts = projects.status_counts(session, [row.id for row in rows])
    more = len(rows) > limit
    items = [ProjectOut.of(row, counts[row.id]) for row in rows[:limit]]
    return Page(items=items, next_cursor=str(items[-1].id) if more else None)


@router.get("/projects/{project_id}", responses=responses(404, 422))
def get_project(project_id: ProjectId, db: DatabaseDep) -> ProjectOut:
    """One project with its labels and how many images are in which status."""
    return _answer(db, project_id)


@router.patch("/projects/{project_id}", responses=responses(404, 409, 422))
def change_project(
    project_id: ProjectId, body: ProjectChange, request: Request, db: DatabaseDep
) -> ProjectOut:
    """Change the name, the description, the model, how it drafts, or the whole label set.

    A label whose index masks hold can be renamed and recolored, but not taken away.
    """
    labels = None if body.labels is None else to_labels(body.labels)
    model = known_model(request, body.model)
    options = body.options()
    projects.change(db, project_id, body.name, body.description, labels, model, options)
    return _answer(db, project_id)


@router.delete("/projects/{project_id}", status_code=204, responses=responses(404, 422))
def trash_project(project_id: ProjectId, db: DatabaseDep) -> Response:
    """Move a project to the trash. It can be taken back for 30 days."""
    projects.trash(db, project_id)
    return Response(status_code=204)


@router.post("/projects/{project_id}/undelete", responses=responses(404, 422))
def undelete_project(project_id: ProjectId, db: DatabaseDep) -> ProjectOut:
    """Take a project back from the trash."""
    projects.undelete(db, project_id)
    return _answer(db, project_id)


@router.get("/projects/{project_id}/stats", responses=responses(404, 422))
def get_stats(project_id: ProjectId, db: DatabaseDep) -> StatsOut:
    """Images per status, and the share of each label among the pixels of ground truth."""
    with db.read() as session:
        projects.get(session, project_id)
        return StatsOut.of(stats.of_project(session, project_id))


def _answer(db: Database, project_id: int) -> ProjectOut:
    with db.read() as session:
        row = projects.get(session, project_id)
        return ProjectOut.of(row, projects.status_counts(session, [project_id])[project_id])
