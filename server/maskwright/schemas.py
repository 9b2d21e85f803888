"""What travels over HTTP, and only that: requests are strict, answers are made from rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from maskwright.domain.labels import VOID, InvalidLabels, Label
from maskwright.domain.presets import PRESETS
from maskwright.domain.status import STATUSES, Status
from maskwright.errors import Unprocessable
from maskwright.services.stats import ProjectStats
from maskwright.tables import ImageRow, ProjectRow, RevisionRow, StatusChangeRow

# A NUL can't be stored by PostgreSQL, and nobody types one; \A..\Z are Python's, $ is JSON's.
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


class LabelIn(Request):
    """One class of a project."""

    index: int = Field(ge=0, lt=VOID, description="What the pixels hold; 255 is void.")
    name: str = Field(min_length=1, max_length=100)
    color: str = Field(pattern=r"^#[0-9a-fA-F]{6}$", examples=["#1e90ff"])
    hotkey: str | None = Field(None, max_length=1)
    is_thing: bool = False

    def to_label(self) -> Label:
        return Label(
            self.index, self.name.strip(), self.color.lower(), self.hotkey or None, self.is_thing
        )


class LabelOut(BaseModel):
    index: int
    name: str
    color: str
    hotkey: str | None
    is_thing: bool

    @classmethod
    def of(cls, label: Label) -> "LabelOut":
        return cls(
            index=label.index,
            name=label.name,
            color=label.color,
            hotkey=label.hotkey,
            is_thing=label.is_thing,
        )


class PresetOut(BaseModel):
    """A label set to begin with."""

    key: str
    title: str
    labels: list[LabelOut]


PresetKey = Literal["voc", "coco-things", "cityscapes", "bdd100k", "camvid", "blank"]
Labels = Annotated[list[LabelIn], Field(max_length=VOID)]


def to_labels(labels: Sequence[LabelIn]) -> list[Label]:
    try:
        return [label.to_label() for label in labels]
    except InvalidLabels as error:
        raise Unprocessable(str(error), code="invalid_labels") from error


class ProjectIn(Request):
    """A new project. Give `labels`, or a `preset`, or neither for a blank label set."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Street scenes",
                    "labels": [
                        {"index": 0, "name": "road", "color": "#804080"},
                        {"index": 1, "name": "car", "color": "#00008e", "is_thing": True},
                    ],
                }
            ]
        }
    )

    name: Name
    description: Text = Field("", max_length=10_000)
    labels: Labels | None = None
    preset: PresetKey | None = None

    def label_set(self) -> list[Label]:
        if self.labels is not None:
            return to_labels(self.labels)
        return list(PRESETS[self.preset or "blank"].labels)


class ProjectChange(Request):
    """What is left out stays as it is; `labels` is the whole new set."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Street scenes, winter"}]})

    name: Name | None = None
    description: Text | None = Field(None, max_length=10_000)
    labels: Labels | None = None
    model: Name | None = None


class ProjectOut(BaseModel):
    id: int
    name: str
    description: str
    created_at: datetime
    updated_at: datetime
    labels: list[LabelOut]
    model: str
    images: int = Field(description="Images that are not in the trash.")
    by_status: dict[str, int]
    trashed_at: datetime | None

    @classmethod
    def of(cls, row: ProjectRow, by_status: dict[str, int]) -> "ProjectOut":
        return cls(
            id=row.id,
            name=row.name,
            description=row.description,
            created_at=row.created_at,
            updated_at=row.updated_at,
            labels=[LabelOut.model_validate(label, from_attributes=True) for label in row.labels],
            model=row.model,
            images=sum(by_status.values()),
            by_status={status: by_status.get(status, 0) for status in STATUSES},
            trashed_at=row.trashed_at,
        )


class ImageOut(BaseModel):
    id: int
    project_id: int
    name: str
    width: int
    height: int
    sha256: str
    media_type: str
    bytes: int
    status: Status
    head: int = Field(description="Revision of the ground truth; 0 while there is none.")
    proposal: int | None
    label_pixels: dict[str, int] = Field(description="Pixels of the ground truth per label index.")
    void_pixels: int
    uncertainty: float | None
    created_at: datetime
    updated_at: datetime
    trashed_at: datetime | None

    @classmethod
    def of(cls, row: ImageRow) -> "ImageOut":
        head, proposal = row.ref("head"), row.ref("proposal")
        labels, void = pixels_of(head) if head else ({}, row.width * row.height)
        return cls(
            id=row.id,
            project_id=row.project_id,
            name=row.name,
            width=row.width,
            height=row.height,
            sha256=row.sha256,
            media_type=row.media_type,
            bytes=row.bytes,
            status=row.status,  # type: ignore[arg-type]  # the column holds a Status
            head=head.id if head else 0,
            proposal=proposal.id if proposal else None,
            label_pixels=labels,
            void_pixels=void,
            uncertainty=row.uncertainty,
            created_at=row.created_at,
            updated_at=row.updated_at,
            trashed_at=row.trashed_at,
        )


class AuthorOut(BaseModel):
    id: int
    name: str


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
            }
        )


def pixels_of(revision: RevisionRow) -> tuple[dict[str, int], int]:
    """Return (pixels per label index, void pixels)."""
    counts = dict(revision.counts)
    void = counts.pop(str(VOID), 0)
    return counts, void


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


class StatusIn(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "submitted"}]})

    status: Status
    comment: Text | None = Field(None, max_length=10_000)


class StatusChangeOut(BaseModel):
    id: int
    before: Status
    after: Status
    author: AuthorOut
    revision: int | None
    comment: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: StatusChangeRow) -> "StatusChangeOut":
        return cls.model_validate(
            {
                "id": row.id,
                "before": row.before,
                "after": row.after,
                "author": {"id": row.author_id, "name": row.author.name},
                "revision": row.revision_id,
                "comment": row.comment,
                "created_at": row.created_at,
            }
        )


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


class StatsOut(BaseModel):
    images: int
    by_status: dict[str, int]
    labelled_images: int
    label_pixels: dict[str, int]
    label_share: dict[str, float]
    void_share: float

    @classmethod
    def of(cls, stats: ProjectStats) -> "StatsOut":
        return cls(
            images=stats.images,
            by_status={status: stats.by_status.get(status, 0) for status in STATUSES},
            labelled_images=stats.labelled_images,
            label_pixels=stats.label_pixels,
            label_share=stats.label_share,
            void_share=stats.void_share,
        )


class ModelOut(BaseModel):
    name: str
    labels: list[str]
    default: bool
    licence: str
    source: str
    measured: dict[str, Any]


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
