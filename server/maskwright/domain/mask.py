"""The value everything turns on: a label index for every pixel of one image."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maskwright.domain.labels import VOID

Classes = npt.NDArray[np.uint8]
Instances = npt.NDArray[np.uint16]


class InvalidMask(ValueError):
    """Pixels that are no mask; the message says why."""


@dataclass(frozen=True, eq=False)
class Mask:
    """Label index of every pixel.

    `classes`: (H, W) uint8, 255 = void. `instances`: (H, W) uint16, 0 = none, or None when the
    image has no instance layer. The arrays are made read-only: a mask is a value.
    """

    classes: Classes
    instances: Instances | None = None

    def __post_init__(self) -> None:
        if self.classes.ndim != 2 or self.classes.dtype != np.uint8 or self.classes.size == 0:
            raise InvalidMask("Classes must be a non-empty (H, W) array of uint8.")
        self.classes.flags.writeable = False
        if self.instances is None:
            return
        if self.instances.dtype != np.uint16 or self.instances.shape != self.classes.shape:
            raise InvalidMask("Instances must be a uint16 array of the same size as the classes.")
        self.instances.flags.writeable = False

    @classmethod
    def void(cls, height: int, width: int) -> "Mask":
        """Return the mask of an image that nobody has labelled."""
        return cls(np.full((height, width), VOID, np.uint8))

    @property
    def height(self) -> int:
        return self.classes.shape[0]

    @property
    def width(self) -> int:
        return self.classes.shape[1]


def count_labels(classes: Classes) -> dict[int, int]:
    """Return how many pixels each index has, void included, absent indices left out."""
    counts = np.bincount(classes.ravel(), minlength=256)
    return {int(index): int(counts[index]) for index in np.flatnonzero(counts)}
