"""Errors as answers: every one is application/problem+json with a stable code."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maskwright.errors import AppError, TooLarge, Unprocessable

MEDIA_TYPE = "application/problem+json"
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_TOO_LARGE = "The request is larger than is taken here. Send less at once."
_DETAILS = {
    404: "There is nothing at this address. GET /api/v1/openapi.json lists what there is.",
    405: "This can't be done here. The Allow header and GET /api/v1/openapi.json say what can.",
    413: _TOO_LARGE,
}
log = structlog.get_logger()


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of these error statuses, for a route's `responses`."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": _DESCRIPTIONS.get(status, "Error"), "content": content}
        for status in statuses
    }


_DESCRIPTIONS = {
    400: "The request can't be read.",
    403: "Not allowed from there.",
    404: "There is no such thing.",
    409: "It conflicts with what is there; the problem says with what.",
    410: "It was there and is no longer.",
    413: "More than the settings allow.",
    415: "A kind of content that is not taken here.",
    416: "No such range of bytes.",
    422: "Something in the request is not valid; the problem says what.",
    428: "If-Match is missing.",
    503: "Busy; Retry-After says when to come back.",
}


def answer(problem: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(
        problem, status_code=problem["status"], media_type=MEDIA_TYPE, headers=headers
    )


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(TooLargeAsProblem)


class TooLargeAsProblem:
    """ASGI middleware: the body limit answers 413 in plain text before any handler; this rewords
    it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reworded = False

        async def send_reworded(message: Message) -> None:
            nonlocal reworded
            if message["type"] == "http.response.start" and message["status"] == 413:
                kind = Headers(raw=message["headers"]).get("content-type", "")
                reworded = kind.startswith("text/plain")
                if reworded:
                    await answer(TooLarge(_TOO_LARGE).problem())(scope, receive, send)
            if not reworded:
                await send(message)

        await self.app(scope, receive, send_reworded)


def _app_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)
    headers: dict[str, str] = {}
    if "retry_after" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after"])
    return answer(error.problem(), headers)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    kind = request.headers.get("content-type", "")
    if (
        error.errors()
        and error.errors()[0]["type"] == "model_attributes_type"
        and "json" not in kind
    ):
        return answer(
            Unprocessable("Send the body as JSON, with Content-Type: application/json.").problem()
        )
    errors = [
        {"where": ".".join(str(part) for part in item["loc"]), "message": item["msg"]}
        for item in error.errors()[:20]
    ]
    first = errors[0] if errors else {"where": "request", "message": "invalid"}
    return answer(
        {
            "type": "urn:maskwright:problem:invalid",
            "title": "Invalid input",
            "status": 422,
            "code": "invalid",
            "detail": f"{first['where']}: {first['message']}.",
            "errors": errors,
        }
    )


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, f"http_{error.status_code}")
    problem = {
        "type": f"urn:maskwright:problem:{code}",
        "title": str(error.detail),
        "status": error.status_code,
        "code": code,
        "detail": _DETAILS.get(error.status_code, str(error.detail)),
    }
    return answer(problem, dict(error.headers or {}))


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error", method=request.method, path=request.url.path, exc_info=error)
    return answer(
        AppError(
            "This is a fault of Maskwright, not of your request. Nothing that was acknowledged is "
            "lost; the server's log says more."
        ).problem()
    )
