"""Raw request bodies. How large they may be is said where the routers are included, in `app.py`."""

from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


async def raw_body(request: Request) -> bytes:
    """Return the body as it came."""
    return await request.body()


def parse(model: type[Model], body: bytes) -> Model:
    """Return the JSON body as `model`, for routes that take other kinds of content too."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in errors]) from error


def described(**content: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI entry of a raw request body."""
    return {"requestBody": {"required": True, "content": content}}
