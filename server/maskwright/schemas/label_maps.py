"""Label maps, as they travel."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from maskwright.domain.label_map import LabelMap
from maskwright.domain.labels import VOID
from maskwright.schemas.common import Request

ModelLabel = Annotated[str, StringConstraints(min_length=1, max_length=200)]

Target = Annotated[int, Field(ge=0, lt=VOID)]


class LabelMapIn(Request):
    """The whole of what a person chose. Labels of the model that are left out go by their names."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"map": {"sofa": 1, "cat": None}}]})

    map: dict[ModelLabel, Target | None] = Field(
        max_length=1000,
        description="Name of a model's label → index of the project's label, or null for void.",
    )


class MapEntryOut(BaseModel):
    """Where one label of the model goes."""

    index: int = Field(description="The model's.")
    name: str
    target: int | None = Field(description="Index of the project's label; null is void.")
    automatic: int | None = Field(description="Where its name leads.")
    chosen: bool = Field(description="Whether a person decided it.")
    gone: int | None = Field(description="The index that was chosen, if its label is gone.")


class LabelMapOut(BaseModel):
    """How a project reads a model's labels."""

    model: str
    entries: list[MapEntryOut]
    edited: bool = Field(description="Whether a person decided any of it.")
    outdated: int = Field(description="Images waiting with a draft of another map or model.")

    @classmethod
    def of(cls, model: str, label_map: LabelMap, outdated: int) -> "LabelMapOut":
        return cls(
            model=model,
            entries=[
                MapEntryOut.model_validate(entry, from_attributes=True)
                for entry in label_map.entries
            ],
            edited=label_map.edited,
            outdated=outdated,
        )
