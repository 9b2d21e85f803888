"""How drafts are made, as it travels."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from maskwright.domain.proposer import Detail, DraftOptions
from maskwright.schemas.common import Request

Scales = Annotated[list[Annotated[float, Field(ge=0.5, le=2)]], Field(min_length=1, max_length=5)]


class DraftOptionsIn(Request):
    """What is left out is as the model was measured."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"flips": True}]})

    refine: bool | None = Field(
        None, description="Follow the photograph's edges; null leaves it to the model."
    )
    flips: bool = Field(False, description="Average over the mirrored image too.")
    scales: Scales = Field([1.0], description="Average over these sizes of the image.")
    detail: Detail = Field("auto", description="The image at once, or part by part.")

    def to_options(self) -> DraftOptions:
        return DraftOptions(self.refine, self.flips, tuple(self.scales), self.detail)


class DraftOptionsOut(BaseModel):
    refine: bool | None
    flips: bool
    scales: list[float]
    detail: Detail

    @classmethod
    def of(cls, options: DraftOptions) -> "DraftOptionsOut":
        return cls.model_validate(options.record)
