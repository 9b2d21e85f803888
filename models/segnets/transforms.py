"""From a photograph to the network's input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

# EfficientNet-Lite was trained on (x - 127) / 128, unlike its siblings.
_MEAN = 127.0
_SCALE = 128.0


@dataclass(frozen=True)
class Preprocessing:
    """What a checkpoint expects of its input."""

    long_side: int = 513
    multiple: int = 16  # both sides become multiple × k + 1, so that corners align at each stride

    def working_size(self, height: int, width: int) -> tuple[int, int]:
        """(rows, columns) the network sees of an image of this size."""
        scale = self.long_side / max(height, width)

        def side(length: int) -> int:
            return max(1, round((length * scale - 1) / self.multiple)) * self.multiple + 1

        return side(height), side(width)


def to_tensor(array: npt.NDArray[Any]) -> Tensor:
    """The array's memory as a tensor; copied only if PyTorch can't take it as it lies."""
    usable = np.require(array, requirements=["C", "W"])
    return torch.from_numpy(usable)  # pyright: ignore[reportUnknownMemberType] untyped there


def resize(image: Tensor, height: int, width: int) -> Tensor:
    """(H, W, 3) uint8 → (3, height, width) uint8, bilinear, antialiased when it gets smaller."""
    planes = image.permute(2, 0, 1)[None]  # (1, 3, H, W), channels last in memory
    return F.interpolate(planes, size=(height, width), mode="bilinear", antialias=True)[0]


def normalise(image: Tensor) -> Tensor:
    """0–255 of any dtype → float32, about -1 to 1."""
    return (image.float() - _MEAN) / _SCALE
