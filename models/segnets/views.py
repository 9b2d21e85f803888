"""One look of a network at one picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor

from segnets.engines.base import Engine
from segnets.grid import Coarse
from segnets.network import Grid
from segnets.transforms import Preprocessing, resize

Look = Callable[[Tensor], Tensor]
"""(3, h, w) uint8 of working size → (labels, h', w') probabilities, float32 on the CPU."""


@dataclass(frozen=True, eq=False)
class Viewer:
    """Shows pictures of working size to a network; a function of its arguments alone."""

    engine: Engine
    preprocessing: Preprocessing
    temperature: float
    flips: bool = False

    def __call__(self, picture: Tensor) -> Tensor:
        """(3, h, w) uint8 → (labels, h', w') probabilities, float32 on the CPU."""
        x = self.preprocessing.normalise(picture)[None]  # (1, 3, h, w)
        seen = self._probabilities(x)
        if self.flips:
            # A grid's nodes lie symmetrically, so that a mirrored answer fits the straight one.
            seen = (seen + self._probabilities(x.flip(-1)).flip(-1)) / 2
        return seen

    def _probabilities(self, x: Tensor) -> Tensor:
        return probabilities_of(self.engine.decode(*self.engine.encode(x)), self.temperature)


def probabilities_of(logits: Tensor, temperature: float) -> Tensor:
    """(1, labels, h', w') logits → (labels, h', w') probabilities."""
    return (logits[0] / temperature).softmax(0)


def whole(image: Tensor, look: Look, preprocessing: Preprocessing, grid: Grid) -> Coarse:
    """Look at an (H, W, 3) uint8 image at once."""
    working = preprocessing.working_size(image.shape[0], image.shape[1])
    return Coarse.of(grid, look(resize(image, *working)), working)


def scaled(preprocessing: Preprocessing, scale: float) -> Preprocessing:
    """The same for a working image `scale` times as large."""
    if scale == 1:
        return preprocessing
    short = preprocessing.short_side
    return replace(
        preprocessing,
        long_side=round(preprocessing.long_side * scale),
        short_side=None if short is None else round(short * scale),
    )
