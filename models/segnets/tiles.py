"""Looks at images far larger than a network's working size part by part, without seams."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from segnets.grid import Axis, Coarse
from segnets.network import Grid
from segnets.options import Detail
from segnets.transforms import Preprocessing, resize
from segnets.views import Look

# Tiles begin at multiples of this many working pixels: a multiple of every network's stride, so
# that the nodes of neighbouring tiles coincide.
_UNIT = 16
_HOP = 384
# Zero padding shows in the outermost nodes of a tile: they count for next to nothing.
_MARGIN = 16
_LEAST = 1e-4

_LARGE_PIXELS = 1 << 26
_LARGE_WORKING_PIXELS = 1 << 24
_LONG_ASPECT = 3.0


@dataclass(frozen=True)
class Plan:
    """Resize an image by `scale` and cover it with tiles of `side` working pixels."""

    scale: float
    side: int

    def by(self, factor: float) -> Plan:
        """The same for a working image `factor` times as large."""
        return replace(self, scale=self.scale * factor)


def plan(
    detail: Detail, size: tuple[int, int], preprocessing: Preprocessing, grid: Grid
) -> Plan | None:
    """Whether and how to tile an image of `size` (rows, columns); None looks at it at once.

    `tiles` keeps the image's own resolution. `auto` looks at photographs at once, whatever their
    size, since an object is known by its whole; it tiles where that would lose too much:

    * from 64 megapixels (8192×8192), more than cameras usually make but common from the air.
      Such an image is shrunk to 16 megapixels first, about a hundred tiles;
    * panoramas, longer than 3 times their height, or 4 times for networks that work by their short
      side: in a row of tiles that are as high as the image.
    """
    side = tile_side(preprocessing, grid)
    rows, columns = size
    short, long = sorted(size)
    scale = 1.0
    if detail == "auto":
        if rows * columns >= _LARGE_PIXELS:
            scale = math.sqrt(_LARGE_WORKING_PIXELS / (rows * columns))
        elif long > _longest(preprocessing) * short:
            scale = min(1.0, side / short)
        else:
            return None
    if detail == "whole" or long * scale <= side + _UNIT:
        return None
    return Plan(scale, side)


def tile_side(preprocessing: Preprocessing, grid: Grid) -> int:
    """The side of a tile that shows what the network is used to see at once."""
    usual = preprocessing.short_side or preprocessing.long_side
    return max(usual // _UNIT, 2) * _UNIT + int(grid == "corners")


def tiled(image: Tensor, look: Look, plan: Plan, grid: Grid) -> Coarse:
    """Look at an (H, W, 3) uint8 image tile by tile.

    Needs memory for the image, the shrunk image, and one float per label and node.
    """
    size = image.shape[0], image.shape[1]
    working = tuple(max(1, round(length * plan.scale)) for length in size)
    if working != size:
        image = resize(image, *working).permute(1, 2, 0)
    rows, columns = (_Line.of(length, plan.side, grid) for length in working)
    total, weight = torch.empty(0), torch.empty(0)
    for top in rows.starts:
        for left in columns.starts:
            seen = look(_cut(image, top, left, rows.tile, columns.tile))
            if not len(total):
                rows_at, columns_at = rows.nodes(seen.shape[-2]), columns.nodes(seen.shape[-1])
                total = torch.zeros(len(seen), rows_at, columns_at)
                weight = torch.zeros(rows_at, columns_at)
            down, across = rows.window(top, seen.shape[-2]), columns.window(left, seen.shape[-1])
            share = down[:, None] * across
            place = rows.place(top, seen.shape[-2]), columns.place(left, seen.shape[-1])
            total[:, *place] += seen * share
            weight[place] += share
    total /= weight
    return Coarse(total, rows.axis(total.shape[1]), columns.axis(total.shape[2]))


@dataclass(frozen=True)
class _Line:
    """Tiles along one side of a working image."""

    grid: Grid
    image: int  # pixels of the image along this side
    tile: int  # pixels of a tile
    starts: tuple[int, ...]

    @classmethod
    def of(cls, image: int, side: int, grid: Grid) -> _Line:
        """Tiles that overlap by at least `side - _HOP - _UNIT`; the last may pass the image."""
        last = side % _UNIT  # 1 where corners are aligned
        padded = max(math.ceil((image - last) / _UNIT), 2) * _UNIT + last
        if padded <= side:
            return cls(grid, image, padded, (0,))
        hops = math.ceil((padded - side) / _HOP)
        starts = (round(n * (padded - side) / hops / _UNIT) * _UNIT for n in range(hops + 1))
        return cls(grid, image, side, tuple(starts))

    @property
    def padded(self) -> int:
        return self.starts[-1] + self.tile

    def pitch(self, seen: int) -> int:
        """Working pixels between two nodes, of which a tile has `seen`."""
        return (self.tile - 1) // (seen - 1) if self.grid == "corners" else self.tile // seen

    def nodes(self, seen: int) -> int:
        """Nodes of the whole line, if a tile has `seen`."""
        return self.starts[-1] // self.pitch(seen) + seen

    def place(self, start: int, seen: int) -> slice:
        """The nodes of the tile that begins there."""
        first = start // self.pitch(seen)
        return slice(first, first + seen)

    def window(self, start: int, seen: int) -> Tensor:
        """(seen,) how much each node of a tile counts: less and less towards inner edges."""
        inside = (torch.arange(seen) + 0.5) * (self.tile / seen)  # pixels from the tile's start
        weights = torch.ones(seen)
        if start > 0:
            weights *= _ramp(inside)
        if start < self.starts[-1]:
            weights *= _ramp(self.tile - inside)
        return weights

    def axis(self, nodes: int) -> Axis:
        """All nodes of the line, placed in the image."""
        return Axis.of(self.grid, nodes, self.padded, self.image)


def _ramp(distance: Tensor) -> Tensor:
    """From next to nothing at a tile's edge smoothly to 1 where the least overlap ends."""
    t = ((distance - _MARGIN) / (_HOP // 4 - _MARGIN)).clamp(0, 1)
    return (t * t * (3 - 2 * t)).clamp(min=_LEAST)


def _cut(image: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    """(H, W, 3) → (3, height, width); beyond the image, its last row and column go on."""
    rows = torch.arange(top, top + height).clamp(max=image.shape[0] - 1)
    columns = torch.arange(left, left + width).clamp(max=image.shape[1] - 1)
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1][rows - rows[0]][
        :, columns - columns[0]
    ].permute(2, 0, 1)


def _longest(preprocessing: Preprocessing) -> float:
    """How many times its height an image may be long and still be seen at once."""
    if preprocessing.short_side is None:
        return _LONG_ASPECT
    return preprocessing.long_side / preprocessing.short_side
