"""From a photograph to the network's input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

# EfficientNet-Lite was trained on (x - 127) / 128, unlike its siblings.
_LITE_MEAN = (127.0, 127.0, 127.0)
_LITE_STD = (128.0, 128.0, 128.0)


@dataclass(frozen=True)
class Preprocessing:
    """What a checkpoint expects of its input.

    Without `short_side` the image's long side becomes `long_side`. With it, the short side becomes
    `short_side`, unless the long one would exceed `long_side`, which bounds what a panorama costs.
    """

    long_side: int = 513
    multiple: int = 16  # both sides become multiple × k + 1, so that corners align at each stride
    short_side: int | None = None
    mean: Sequence[float] = _LITE_MEAN  # of red, green and blue, 0 to 255
    std: Sequence[float] = _LITE_STD

    def __post_init__(self) -> None:
        sides = (self.long_side, self.multiple, self.short_side or 1)
        if min(sides) < 1 or len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            raise ValueError("sides must be positive, mean and std three numbers, std positive")

    def working_size(self, height: int, width: int) -> tuple[int, int]:
        """(rows, columns) the network sees of an image of this size."""
        if self.short_side is not None:
            return self._short_working_size(height, width, self.short_side)
        scale = self.long_side / max(height, width)
        return self._fitting(height * scale), self._fitting(width * scale)

    def normalise(self, image: Tensor) -> Tensor:
        """(…, 3, h, w) of 0 to 255 → float32, about -2 to 2."""
        mean = image.new_tensor(self.mean, dtype=torch.float32)[:, None, None]
        std = image.new_tensor(self.std, dtype=torch.float32)[:, None, None]
        return (image.float() - mean) / std

    def _short_working_size(self, height: int, width: int, short: int) -> tuple[int, int]:
        # Rounded down, as those who trained the published checkpoints did.
        long = short * max(height, width) // min(height, width)
        if long > self.long_side:
            short, long = max(1, self.long_side * short // long), self.long_side
        rows, columns = (long, short) if height > width else (short, long)
        return self._fitting(rows), self._fitting(columns)

    def _fitting(self, length: float) -> int:
        if self.multiple == 1:
            return max(1, round(length))
        return max(1, round((length - 1) / self.multiple)) * self.multiple + 1


def to_tensor(array: npt.NDArray[Any]) -> Tensor:
    """The array's memory as a tensor; copied only if PyTorch can't take it as it lies."""
    usable = np.require(array, requirements=["C", "W"])
    return torch.from_numpy(usable)  # pyright: ignore[reportUnknownMemberType] untyped there


def resize(image: Tensor, height: int, width: int) -> Tensor:
    """(H, W, 3) uint8 → (3, height, width) uint8, bilinear, antialiased when it gets smaller."""
    planes = image.permute(2, 0, 1)[None]  # (1, 3, H, W), channels last in memory
    return F.interpolate(planes, size=(height, width), mode="bilinear", antialias=True)[0]


def normalise(image: Tensor) -> Tensor:
    """0–255 of any dtype → float32, about -1 to 1, as EfficientNet-Lite expects."""
    return (image.float() - _LITE_MEAN[0]) / _LITE_STD[0]
