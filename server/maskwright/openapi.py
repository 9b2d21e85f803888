"""The OpenAPI document: FastAPI's own, with our problems instead of its validation errors."""

from typing import Any

from fastapi import FastAPI

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
                _use_problem(operation["responses"])
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it


def _use_problem(responses: dict[str, Any]) -> None:
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
    invalid = responses.get("422")
    if invalid and "application/json" in invalid.get("content", {}):
        responses["422"] = {
            "description": "Something in the request is not valid; the problem says what.",
            "content": content,
        }
