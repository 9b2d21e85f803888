"""What every segmentation network here can do, whatever it is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from torch import Tensor, nn

Grid = Literal["corners", "centres"]
"""Where the nodes of a coarse grid lie in the working image.

`corners`: the outermost nodes lie on the outermost pixels (interpolation's align_corners=True).
`centres`: each node is the centre of an equal part of the image (align_corners=False).
"""


class Network(nn.Module, ABC):
    """(B, 3, h, w) normalised photographs → logits on a coarse grid, in two halves.

    Both halves are deterministic, hold no state of an image and can be traced. Interpolating the
    logits, as `grid` says, to (h, w) gives the network's opinion of every pixel.
    """

    grid: ClassVar[Grid]

    @abstractmethod
    def encode(self, x: Tensor) -> tuple[Tensor, ...]:
        """The costly half: (B, 3, h, w) → what `decode` reads."""

    @abstractmethod
    def decode(self, *features: Tensor) -> Tensor:
        """The cheap half: features → logits (B, labels, h', w')."""

    def forward(self, x: Tensor) -> Tensor:
        """Both halves: (B, 3, h, w) → logits (B, labels, h', w')."""
        return self.decode(*self.encode(x))

    def drop_auxiliary(self) -> None:
        """Free what only training needs."""
