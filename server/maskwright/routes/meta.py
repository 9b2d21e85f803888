"""The state of the installation itself."""

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy import text

from maskwright import __version__
from maskwright.deps import DatabaseDep
from maskwright.problems import responses
from maskwright.schemas import ModelOut

router = APIRouter(tags=["installation"])


@router.get("/health", responses=responses(503))
def health(db: DatabaseDep) -> dict[str, Any]:
    """Answers when the server and its database are there."""
    with db.read() as session:
        session.execute(text("SELECT 1"))
    return {"status": "ok", "version": __version__}


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request) -> Response:
    """Counts and durations for Prometheus."""
    registry: CollectorRegistry = request.app.state.metrics
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/models")
def list_models(request: Request) -> list[ModelOut]:
    """The models that can draft."""
    return [ModelOut.model_validate(model) for model in request.app.state.list_models()]
