"""What the application asks of a model. `segnets` is one maker of such; a test has another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from maskwright.domain.mask import Classes


@dataclass(frozen=True, eq=False)
class Draft:
    """A model's opinion of one image, in its own label indices.

    `classes`, `confidence`: (H, W) uint8; confidence 255 = certain.
    """

    classes: Classes
    confidence: npt.NDArray[np.uint8]


class Proposer(Protocol):
    """A loaded model. Safe to share between threads."""

    @property
    def name(self) -> str: ...

    @property
    def labels(self) -> Sequence[str]:
        """The model's label names, in the order of its indices."""
        ...

    def propose(self, image: npt.NDArray[np.uint8]) -> Draft:
        """Draft an (H, W, 3) uint8 RGB image."""
        ...
