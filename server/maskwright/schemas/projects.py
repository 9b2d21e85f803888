"""Projects and their labels, as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from maskwright.domain.labels import VOID, InvalidLabels, Label
from maskwright.domain.presets import PRESETS
from maskwright.domain.proposer import DraftOptions
from maskwright.domain.status import STATUSES
from maskwright.errors import Unprocessable
from maskwright.schemas.common import Name, Request, Text
from maskwright.schemas.draft_options import DraftOptionsIn, DraftOptionsOut
from maskwright.services.stats import ProjectStats
from maskwright.tables import ProjectRow


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
    draft_options: DraftOptionsIn | None = Field(
        None, description="How this project's images are drafted; null: as the model was measured."
    )

    def options(self) -> DraftOptions | None:
        if "draft_options" not in self.model_fields_set:
            return None
        return self.draft_options.to_options() if self.draft_options else DraftOptions()


class ProjectOut(BaseModel):
    id: int
    name: str
    description: str
    created_at: datetime
    updated_at: datetime
    labels: list[LabelOut]
    model: str
    draft_options: DraftOptionsOut
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
            draft_options=DraftOptionsOut.of(DraftOptions.of_record(row.draft_options)),
            images=sum(by_status.values()),
            by_status={status: by_status.get(status, 0) for status in STATUSES},
            trashed_at=row.trashed_at,
        )


class StatsOut(BaseModel):
    images: int
    by_status: dict[str, int]
    labelled_images: int
    label_pixels: dict[str, int]
    label_share: dict[str, float]
    void_share: float
    uncertainty: list[int] = Field(
        description="Images with a draft by its doubt: bins of equal width from 0 to 1."
    )

    @classmethod
    def of(cls, stats: ProjectStats) -> "StatsOut":
        return cls(
            images=stats.images,
            by_status={status: stats.by_status.get(status, 0) for status in STATUSES},
            labelled_images=stats.labelled_images,
            label_pixels=stats.label_pixels,
            label_share=stats.label_share,
            void_share=stats.void_share,
            uncertainty=stats.uncertainty,
        )


class ModelOut(BaseModel):
    name: str
    labels: list[str] = Field(description="In the order of the model's indices.")
    default: bool
    architecture: str
    licence: str
    source: str
    sha256: str = Field(description="Of its weights.")
    measured: dict[str, Any] = Field(
        description="What was measured, on what: `miou`, `iou` per label, `data`, "
        "`seconds_640x480`, `hardware` and others. Empty if nobody measured."
    )
