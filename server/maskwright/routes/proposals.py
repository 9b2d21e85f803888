"""Drafts: made, accepted, rejected."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from maskwright.deps import (
    ActorDep,
    DatabaseDep,
    DrafterDep,
    ImageId,
    OptionalBaseDep,
    known_model,
)
from maskwright.problems import responses
from maskwright.schemas import AcceptIn, DraftIn, RejectIn, RevisionOut
from maskwright.services import proposals
from maskwright.services.proposals import Selection

router = APIRouter(tags=["proposals"])


@router.post("/images/{image_id}/proposal", status_code=201, responses=responses(404, 422, 503))
def draft_image(
    image_id: ImageId,
    request: Request,
    response: Response,
    db: DatabaseDep,
    drafter: DrafterDep,
    actor: ActorDep,
    body: Annotated[DraftIn | None, Body()] = None,
) -> RevisionOut:
    """Run the model on the image now. The ground truth is not touched."""
    model = known_model(request, body.model) if body else None
    made = RevisionOut.of(proposals.draft(db, drafter, image_id, actor, model))
    response.headers["ETag"] = f'"{made.id}"'
    return made


@router.post("/images/{image_id}/proposal/accept", responses=responses(400, 404, 409, 422))
def accept_proposal(
    image_id: ImageId,
    body: AcceptIn,
    response: Response,
    base: OptionalBaseDep,
    db: DatabaseDep,
    actor: ActorDep,
) -> RevisionOut:
    """Copy the proposal, or the part of it that is named, into the ground truth."""
    chosen = Selection(body.labels, _points(body.components), body.min_confidence)
    saved = RevisionOut.of(proposals.accept(db, image_id, chosen, body.over, actor, base))
    response.headers["ETag"] = f'"{saved.id}"'
    return saved


@router.post("/images/{image_id}/proposal/reject", responses=responses(400, 404, 409, 422))
def reject_proposal(
    image_id: ImageId,
    body: RejectIn,
    response: Response,
    base: OptionalBaseDep,
    db: DatabaseDep,
    actor: ActorDep,
) -> RevisionOut:
    """Drop the proposal, or the part of it that is named: nobody is shown it again."""
    chosen = Selection(body.labels, _points(body.components), max_confidence=body.max_confidence)
    saved = RevisionOut.of(proposals.reject(db, image_id, chosen, actor, base))
    response.headers["ETag"] = f'"{saved.id}"'
    return saved


def _points(components: list[list[int]] | None) -> list[tuple[int, int]] | None:
    return None if components is None else [(x, y) for x, y in components]
