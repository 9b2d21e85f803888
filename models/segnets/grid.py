"""Where the nodes of a coarse grid lie in an image, and what lies between them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from segnets.network import Grid


@dataclass(frozen=True)
class Axis:
    """Evenly spaced nodes along one side of an image: node j at `first + j × step` of the side."""

    first: float
    step: float
    count: int

    @classmethod
    def of(cls, grid: Grid, nodes: int, working: int, extent: float | None = None) -> Axis:
        """The nodes of a network's answer for a working image `working` pixels long.

        `extent` is how many of them the image itself takes, where the rest is padding.
        """
        side = working if extent is None else extent
        if grid == "corners":
            stride = (working - 1) / max(nodes - 1, 1)
            return cls(0.5 / side, max(stride, 1) / side, nodes)
        pitch = working / nodes
        return cls(0.5 * pitch / side, pitch / side, nodes)

    def at_pixels(self, length: int) -> Tensor:
        """(length,) float64: the centre of every pixel of a side, in nodes, held to the grid."""
        centres = (torch.arange(length, dtype=torch.float64) + 0.5) / length
        return self._in_nodes(centres)

    def to_pixels(self, length: int) -> Tensor:
        """(length, count) float32 weights that interpolate at the centre of every pixel."""
        return self._weights(self.at_pixels(length))

    def to_axis(self, other: Axis) -> Tensor:
        """(other.count, count) float32 weights that interpolate at another axis' nodes."""
        places = other.first + torch.arange(other.count, dtype=torch.float64) * other.step
        return self._weights(self._in_nodes(places))

    def _in_nodes(self, places: Tensor) -> Tensor:
        return ((places - self.first) / self.step).clamp(0, self.count - 1)

    def _weights(self, at: Tensor) -> Tensor:
        low = at.floor().clamp(max=max(self.count - 2, 0)).long()
        share = at - low
        weights = torch.zeros(len(at), self.count, dtype=torch.float64)
        rows = torch.arange(len(at))
        weights[rows, low] = 1 - share
        if self.count > 1:
            weights[rows, low + 1] += share
        return weights.float()


@dataclass(frozen=True, eq=False)
class Coarse:
    """The probability of every label at the nodes of a grid over an image."""

    probabilities: Tensor  # (labels, h, w) float32 on the CPU; sums to 1 over the labels
    rows: Axis  # h nodes
    columns: Axis  # w nodes

    @classmethod
    def of(cls, grid: Grid, probabilities: Tensor, working: tuple[int, int]) -> Coarse:
        """A network's answer for a whole image that was resized to `working` (rows, columns)."""
        nodes = probabilities.shape[-2:]
        return cls(
            probabilities, Axis.of(grid, nodes[0], working[0]), Axis.of(grid, nodes[1], working[1])
        )

    def on(self, rows: Axis, columns: Axis) -> Tensor:
        """(labels, rows, columns): the probabilities at the nodes of another grid."""
        if (rows, columns) == (self.rows, self.columns):
            return self.probabilities
        across = self.probabilities @ self.columns.to_axis(columns).T
        return self.rows.to_axis(rows) @ across


def mean_of(views: list[Coarse]) -> Coarse:
    """The mean opinion of several views of one image, on the finest grid among them."""
    finest = max(views, key=lambda view: view.rows.count * view.columns.count)
    total = torch.zeros_like(finest.probabilities)
    for view in views:
        total += view.on(finest.rows, finest.columns)
    return Coarse(total / len(views), finest.rows, finest.columns)
