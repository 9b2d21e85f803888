"""Revisions of masks, and what is asked of drafts, as they travel."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from maskwright.domain.labels import VOID
from maskwright.schemas.common import AuthorOut, Name, Request
from maskwright.services.revisions import pixels_of
from maskwright.tables import RevisionRow


class RevisionOut(BaseModel):
    id: int
    image_id: int
    parent: int | None
    ref: Literal["head", "proposal"]
    kind: Literal["human", "model", "import", "merge"]
    author: AuthorOut
    created_at: datetime
    label_pixels: dict[str, int]
    void_pixels: int
    changed_tiles: int
    model: str | None
    message: str | None
    draft: dict[str, Any] | None = Field(
        description="How a model made it: `model`, `model_sha256`, `engine`, `options`, the `map` "
        "of its labels to the project's, `uncertainty`, `seconds`."
    )

    @classmethod
    def of(cls, row: RevisionRow) -> "RevisionOut":
        labels, void = pixels_of(row)
        return cls.model_validate(
            {
                "id": row.id,
                "image_id": row.image_id,
                "parent": row.parent_id,
                "ref": row.ref,
                "kind": row.kind,
                "author": {"id": row.author_id, "name": row.author.name},
                "created_at": row.created_at,
                "label_pixels": labels,
                "void_pixels": void,
                "changed_tiles": row.changed_tiles,
                "model": row.model,
                "message": row.message,
                "draft": row.draft,
            }
        )


Point = Annotated[list[int], Field(min_length=2, max_length=2)]

Indices = Annotated[list[Annotated[int, Field(ge=0, lt=VOID)]], Field(max_length=VOID)]

Points = Annotated[list[Point], Field(max_length=1000)]

Confidence = Annotated[float, Field(ge=0, le=255, strict=False)]


class AcceptIn(Request):
    """Which pixels of the proposal become ground truth: those that satisfy all that is given."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"labels": [8], "min_confidence": 128, "over": "void"}]}
    )

    labels: Indices | None = Field(None, description="Label indices.")
    components: Points | None = Field(
        None, description="Points [x, y]; each means the region of one label that holds it."
    )
    min_confidence: Confidence = Field(0, description="In units of the confidence layer, 0-255.")
    over: Literal["void", "all"] = Field("void", description="Whether only void may change.")


class RejectIn(Request):
    """Which pixels of the proposal are dropped from it: those that satisfy all that is given."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"labels": [9]}]})

    labels: Indices | None = None
    components: Points | None = None
    max_confidence: Confidence = 255


class DraftIn(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{}]}, protected_namespaces=())

    model: Name | None = Field(None, description="Default: the project's model.")


class RestoreIn(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 3}]})

    revision: int = Field(ge=0, le=2**53 - 1, description="0 for all void.")


class TileIn(Request):
    layer: Literal["classes", "instances", "confidence"] = "classes"
    x: int = Field(ge=0, le=1 << 20, description="In tiles from the left.")
    y: int = Field(ge=0, le=1 << 20, description="In tiles from the top.")
    png: str = Field(
        max_length=400_000,
        description="Base64 of a PNG of 256×256 pixels: 8-bit, or 16-bit gray for instances.",
    )


class TilesIn(Request):
    """Changed tiles in JSON, for scripts; the editor sends the binary bundle."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"tiles": [{"layer": "classes", "x": 0, "y": 0, "png": "iVBORw0KGgo…"}]}]
        }
    )

    tiles: list[TileIn] = Field(min_length=1, max_length=4096)


class CompareOut(BaseModel):
    base: int
    other: int
    changed_pixels: int
    by_label: dict[str, dict[str, int]]
