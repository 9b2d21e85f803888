"""Layers cut into 256×256 tiles, each named by the hash of its content."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from maskwright.domain.labels import VOID

TILE = 256
"""Side of a tile in pixels."""

LayerName = Literal["classes", "instances", "confidence"]
LAYER_NAMES: tuple[LayerName, ...] = get_args(LayerName)
Pixels = npt.NDArray[np.uint8 | np.uint16]


@dataclass(frozen=True)
class Layer:
    """What a layer is made of: its id on the wire, its pixel type, the value that means nothing."""

    name: LayerName
    id: int
    dtype: np.dtype[np.uint8 | np.uint16]
    fill: int

    @property
    def tile_bytes(self) -> int:
        return TILE * TILE * self.dtype.itemsize


LAYERS: Mapping[LayerName, Layer] = {
    "classes": Layer("classes", 0, np.dtype(np.uint8), VOID),
    "instances": Layer("instances", 1, np.dtype("<u2"), 0),
    "confidence": Layer("confidence", 2, np.dtype(np.uint8), 0),
}


@dataclass(frozen=True)
class Grid:
    """The tiles of an image of `width`×`height` pixels, numbered row by row."""

    width: int
    height: int

    @property
    def columns(self) -> int:
        return -(-self.width // TILE)

    @property
    def rows(self) -> int:
        return -(-self.height // TILE)

    @property
    def count(self) -> int:
        return self.columns * self.rows

    def position(self, index: int) -> tuple[int, int]:
        """Return (x, y) of the tile, in tiles."""
        return index % self.columns, index // self.columns

    def box(self, index: int) -> tuple[slice, slice]:
        """Return the (rows, columns) of the layer that the tile covers, cut at the image's edge."""
        x, y = self.position(index)
        return (
            slice(y * TILE, min((y + 1) * TILE, self.height)),
            slice(x * TILE, min((x + 1) * TILE, self.width)),
        )


def cut(pixels: Pixels, layer: Layer, indices: Iterable[int] | None = None) -> Iterator[Pixels]:
    """Yield the layer's tiles, (256, 256) each, padded with the layer's fill beyond the edge."""
    grid = Grid(pixels.shape[1], pixels.shape[0])
    for index in range(grid.count) if indices is None else indices:
        part = pixels[grid.box(index)]
        tile = np.full((TILE, TILE), layer.fill, layer.dtype)
        tile[: part.shape[0], : part.shape[1]] = part
        yield tile


def join(tiles: Iterable[Pixels], layer: Layer, width: int, height: int) -> Pixels:
    """Return the (height, width) layer that the tiles, in order, were cut from."""
    grid = Grid(width, height)
    pixels = np.empty((height, width), layer.dtype)
    for index, tile in enumerate(tiles):
        part = pixels[grid.box(index)]
        part[...] = tile[: part.shape[0], : part.shape[1]]
    return pixels


def name_of(tile: Pixels, layer: Layer) -> bytes:
    """Return the tile's name: SHA-256 of its pixels, row-major, little-endian; 32 bytes."""
    return hashlib.sha256(np.ascontiguousarray(tile, layer.dtype).data).digest()


def trim(tile: Pixels, layer: Layer, grid: Grid, index: int) -> Pixels:
    """Return the tile with everything beyond the image's edge set to the layer's fill."""
    rows, columns = grid.box(index)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if height == TILE and width == TILE:
        return tile
    trimmed = np.full((TILE, TILE), layer.fill, layer.dtype)
    trimmed[:height, :width] = tile[:height, :width]
    return trimmed
