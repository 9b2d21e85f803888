"""What every schema is made of: strict requests, pages, problems."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints

# PostgreSQL can't store a NUL, and nobody types one.
Text = Annotated[str, StringConstraints(pattern=r"^[^\u0000]*$")]

Name = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\u0000-\u001f]+$"
    ),
]

Item = TypeVar("Item")


class Request(BaseModel):
    """A request body: no unknown member, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True)


class AuthorOut(BaseModel):
    id: int
    name: str


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next_cursor` asks for the next, null on the last."""

    items: list[Item]
    next_cursor: str | None


class Problem(BaseModel):
    """RFC 9457 problem details. `code` is stable; `detail` says what to do."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:maskwright:problem:not_found",
                    "title": "Not found",
                    "status": 404,
                    "code": "not_found",
                    "detail": "There is no image 7.",
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    code: str
    detail: str
