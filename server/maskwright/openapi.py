"""The OpenAPI document: FastAPI's own, with our problems instead of its validation errors."""

from typing import Any

from fastapi import FastAPI

from maskwright.problems import responses
from maskwright.schemas import Problem, TilesIn

_REF = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` complete: the schemas that routes only refer to, and one 422."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        document = generate()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for model in (Problem, TilesIn):
            definition = model.model_json_schema(ref_template=_REF)
            schemas.update(definition.pop("$defs", {}))
            schemas[model.__name__] = definition
        for path in document["paths"].values():
            for operation in path.values():
                _complete(operation)
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _complete(operation: dict[str, Any]) -> None:
    """Document what any operation can answer, whoever wrote it."""
    answers = operation["responses"]
    invalid = answers.get("422")
    if invalid and "application/json" in invalid.get("content", {}):
        answers["422"] = responses(422)[422]
    general = (400, 403, 413) if "requestBody" in operation else (403,)
    for status, answer in responses(*general).items():
        answers.setdefault(str(status), answer)
