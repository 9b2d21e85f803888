"""How a project reads a model's labels, and what the model sees in an image."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from maskwright.db import Database
from maskwright.deps import (
    ActorDep,
    DatabaseDep,
    DrafterDep,
    ImageId,
    ProjectId,
    drafter,
    etag_matches,
    known_model,
    not_modified,
)
from maskwright.problems import responses
from maskwright.schemas.label_maps import LabelMapIn, LabelMapOut
from maskwright.services import draft_preview, images, label_maps, projects

router = APIRouter(tags=["label maps"])

ModelName = Annotated[
    str | None,
    Query(
        max_length=200,
        pattern=r"^[^\u0000]*$",
        description="A name of `GET /models`. Default: the project's model.",
    ),
]
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


@router.get("/projects/{project_id}/label-map", responses=responses(404, 422, 503))
def get_label_map(
    project_id: ProjectId, request: Request, db: DatabaseDep, model: ModelName = None
) -> LabelMapOut:
    """Where each label of a model goes in the project: as people decided, else by its name."""
    return _answer(db, project_id, _model(request, db, project_id, model))


@router.put("/projects/{project_id}/label-map", responses=responses(404, 422, 503))
def put_label_map(
    project_id: ProjectId,
    body: LabelMapIn,
    request: Request,
    db: DatabaseDep,
    actor: ActorDep,
    model: ModelName = None,
) -> LabelMapOut:
    """Decide where labels of a model go. The next drafts follow; those made stay as they are.

    It takes the place of what was decided before: the last to save wins.
    """
    named = _model(request, db, project_id, model)
    label_maps.save(db, project_id, named.name, named.labels, body.map, actor)
    return _answer(db, project_id, named)


@router.delete("/projects/{project_id}/label-map", responses=responses(404, 422, 503))
def delete_label_map(
    project_id: ProjectId,
    request: Request,
    db: DatabaseDep,
    actor: ActorDep,
    model: ModelName = None,
) -> LabelMapOut:
    """Forget what was decided: every label of the model goes by its name again."""
    named = _model(request, db, project_id, model)
    label_maps.save(db, project_id, named.name, named.labels, {}, actor)
    return _answer(db, project_id, named)


@router.get(
    "/images/{image_id}/draft-preview",
    response_class=Response,
    responses={
        200: {
            "description": "Indexed PNG, at most 512 pixels long.",
            "content": {"image/png": _BINARY},
        },
        304: {"description": "The client has it."},
        **responses(404, 415, 422, 503),
    },
)
def get_draft_preview(
    image_id: ImageId,
    request: Request,
    db: DatabaseDep,
    drafter: DrafterDep,
    model: ModelName = None,
) -> Response:
    """What a model sees in the image, in the model's own label indices. Nothing is kept."""
    with db.read() as session:
        image = images.get(session, image_id)
    named = _model(request, db, image.project_id, model)
    etag = f'"{hashlib.sha256(f"{image.file_blob} {named.version}".encode()).hexdigest()}"'
    if etag_matches(request, etag):
        return not_modified(etag)
    with db.read() as session:
        data = images.file_bytes(session, image)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    made = draft_preview.png(drafter, named.name, data)
    return Response(made, media_type="image/png", headers=headers)


@dataclass(frozen=True)
class _Model:
    """What a model is called and knows; `version` changes with its weights."""

    name: str
    labels: Sequence[str]
    version: str


def _model(request: Request, db: Database, project_id: int, asked: str | None) -> _Model:
    """Return the model that is asked for, or the project's, without loading it if it is listed.

    Raises NotFound, also for a project's model that is no longer there; ModelUnavailable.
    """
    with db.read() as session:
        name = known_model(request, asked) or projects.get(session, project_id).model
    for model in request.app.state.list_models():
        if name == model["name"] or (name == "default" and model["default"]):
            return _Model(model["name"], model["labels"], model.get("sha256", model["name"]))
    loaded = drafter(request).model(name)
    return _Model(loaded.name, loaded.labels, loaded.name)


def _answer(db: Database, project_id: int, model: _Model) -> LabelMapOut:
    with db.read() as session:
        found = label_maps.of(session, project_id, model.name, model.labels)
        waiting = label_maps.outdated(session, project_id, model.name, found)
    return LabelMapOut.of(model.name, found, waiting)
