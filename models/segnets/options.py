"""How to draft an image. No PyTorch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Detail = Literal["auto", "whole", "tiles"]


@dataclass(frozen=True)
class ProposeOptions:
    """The plain `ProposeOptions()` is what a model's figures were measured with.

    `refine`: follow the photograph's edges at full resolution; None leaves it to the model's entry.
    `flips`: also look at the mirrored image. `scales`: look at it in each of these sizes, 1 = the
    size the model was made for. The views' probabilities are averaged.
    `detail`: `whole` looks at the image at once, `tiles` at its own resolution, part by part;
    `auto` is explained at `segnets.tiles.plan`.
    `maps`: also return the margin and the entropy.
    """

    refine: bool | None = None
    flips: bool = False
    scales: tuple[float, ...] = (1.0,)
    detail: Detail = "auto"
    maps: bool = False

    def __post_init__(self) -> None:
        if not self.scales or not all(0.25 <= scale <= 4 for scale in self.scales):
            raise ValueError(f"scales must be numbers from 0.25 to 4, got {self.scales}.")
