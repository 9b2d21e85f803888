"""Tiles as clients send them, made into a bundle or refused with a reason."""

import base64
import binascii
import io
from collections.abc import Iterable
from typing import Protocol

import numpy as np
from PIL import Image

from maskwright.domain.codec import InvalidTiles, TileBundle
from maskwright.domain.tiles import LAYERS, TILE, Grid, LayerName, Pixels
from maskwright.errors import InvalidMaskUpload


def from_bundle(body: bytes, max_bytes: int, width: int, height: int) -> TileBundle:
    """Return the bundle in a request body, for an image of that size."""
    try:
        return TileBundle.from_bytes(body, max_bytes, Grid(width, height))
    except InvalidTiles as error:
        raise InvalidMaskUpload(str(error)) from error


class PngTile(Protocol):
    """One tile: its place in tiles, and the base64 of its PNG."""

    layer: LayerName
    x: int
    y: int
    png: str


def from_pngs(pngs: Iterable[PngTile], width: int, height: int) -> TileBundle:
    """Return the bundle of tiles that came one PNG each."""
    grid = Grid(width, height)
    tiles: dict[LayerName, dict[int, Pixels]] = {}
    for tile in pngs:
        if tile.x >= grid.columns or tile.y >= grid.rows:
            raise InvalidMaskUpload(
                f"Tile ({tile.x}, {tile.y}) is outside the image's {grid.columns}×{grid.rows}."
            )
        index = tile.y * grid.columns + tile.x
        tiles.setdefault(tile.layer, {})[index] = _pixels(tile.png, tile.layer)
    return TileBundle(width, height, tiles)


def _pixels(png: str, layer: LayerName) -> Pixels:
    try:
        data = base64.b64decode(png, validate=True)
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            if picture.size != (TILE, TILE):
                raise InvalidMaskUpload(f"A tile's PNG must be {TILE}×{TILE} pixels.")
            if picture.mode not in ("P", "L", "1", "I;16", "I"):
                raise InvalidMaskUpload("A tile's PNG must be indexed or gray.")
            pixels = np.array(picture).astype(np.int64)
            if picture.mode == "L" and data[24] in (2, 4):  # bits, spread over 0-255 by Pillow
                pixels //= 255 // (2 ** data[24] - 1)
    except InvalidMaskUpload:
        raise
    except (binascii.Error, ValueError, OSError, SyntaxError) as error:
        raise InvalidMaskUpload("A tile's png is not the base64 of a readable PNG.") from error
    dtype = LAYERS[layer].dtype
    if pixels.max() > np.iinfo(dtype).max or pixels.min() < 0:
        raise InvalidMaskUpload(f"A tile's values do not fit the layer {layer}.")
    return pixels.astype(dtype)
