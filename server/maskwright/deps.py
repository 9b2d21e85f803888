"""What routes are given: the store, the settings, the actor, and headers read the same way."""

import re
from typing import Annotated, cast

from fastapi import Depends, Header, Path, Query, Request, Response

from maskwright.db import Database
from maskwright.domain.actor import LOCAL, Actor
from maskwright.errors import BadRequest, NotFound, PreconditionRequired, Unprocessable
from maskwright.jobs.port import JobQueue
from maskwright.services.drafting import Drafter
from maskwright.settings import Settings

MAX_ID = 2**53 - 1
"""The largest id that every client reads exactly; far inside what the databases hold."""


def database(request: Request) -> Database:
    return cast(Database, request.app.state.db)


def settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


def drafter(request: Request) -> Drafter:
    return cast(Drafter, request.app.state.drafter)


def job_queue(request: Request) -> JobQueue:
    return cast(JobQueue, request.app.state.queue)


def known_model(request: Request, name: str | None) -> str | None:
    """Return the name of a model that clients may ask for.

    `segnets` also takes paths; those are for the command line and the settings, not for clients.
    """
    listed = [model["name"] for model in request.app.state.list_models()]
    if name is None or name in {"default", settings(request).model, *listed}:
        return name
    raise NotFound(
        f"No model is called {name!r}. There are: {', '.join(listed)}.", code="unknown_model"
    )


def actor() -> Actor:
    """Return who asks: on loopback, the one local user."""
    return LOCAL


def if_match(
    value: Annotated[
        str | None,
        Header(
            alias="If-Match",
            description='The revision the change was begun on, as its ETag: `"12"`; `"0"` before '
            "the first; `*` for whatever is there.",
            examples=['"0"'],
        ),
    ] = None,
) -> int | None:
    """Return the revision that the client has, None for `*`. Raises when the header is missing."""
    if value is None:
        raise PreconditionRequired(
            'Say which revision you changed with If-Match: "<revision>" (the ETag you got with '
            'the mask; "0" if there was none yet).'
        )
    return parse_if_match(value)


def optional_if_match(
    value: Annotated[str | None, Header(alias="If-Match", examples=['"0"'])] = None,
) -> int | None:
    """Return the revision that the client insists on, None when it does not."""
    return None if value is None else parse_if_match(value)


def parse_if_match(value: str) -> int | None:
    if value.strip() == "*":
        return None
    match = re.fullmatch(r'\s*(?:W/)?"?([0-9]{1,15})"?\s*', value, re.ASCII)
    if match is None:
        raise BadRequest('If-Match must be one revision in quotes, as in "12".')
    return int(match[1])


def idempotency_key(
    value: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Any text of up to 150 characters. The same key again gives the same "
            "result again instead of a second one.",
        ),
    ] = None,
) -> str | None:
    if value is not None and not 0 < len(value) <= 150:
        raise Unprocessable("Idempotency-Key must have 1 to 150 characters.")
    return value


def cursor(
    value: Annotated[
        str | None, Query(alias="cursor", description="`next_cursor` of the page before.")
    ] = None,
) -> int | None:
    """Return the number that a page begins under, for lists that run by id, newest first."""
    if value is None or value == "":
        return None
    if not re.fullmatch(r"[0-9]{1,15}", value, re.ASCII):
        raise Unprocessable("This cursor is not one that a list here gave out.")
    return int(value)


def etag_matches(request: Request, etag: str) -> bool:
    """Tell whether the client has this version already."""
    header = request.headers.get("if-none-match", "")
    return header.strip() == "*" or etag in (
        part.strip().removeprefix("W/") for part in header.split(",")
    )


def not_modified(etag: str) -> Response:
    return Response(status_code=304, headers={"ETag": etag})


DatabaseDep = Annotated[Database, Depends(database)]
SettingsDep = Annotated[Settings, Depends(settings)]
DrafterDep = Annotated[Drafter, Depends(drafter)]
QueueDep = Annotated[JobQueue, Depends(job_queue)]
ActorDep = Annotated[Actor, Depends(actor)]
BaseDep = Annotated[int | None, Depends(if_match)]
OptionalBaseDep = Annotated[int | None, Depends(optional_if_match)]
KeyDep = Annotated[str | None, Depends(idempotency_key)]
CursorDep = Annotated[int | None, Depends(cursor)]
LimitDep = Annotated[int, Query(ge=1, le=200, description="Rows of a page.")]
ProjectId = Annotated[int, Path(ge=1, le=MAX_ID, examples=[1])]
ImageId = Annotated[int, Path(ge=1, le=MAX_ID, examples=[1])]
