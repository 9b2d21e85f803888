"""How tiles are written, one by one and as the bundles that travel.

`docs/tile-format.md` is the specification; `frontend/editor/codec.js` the other half.
"""

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import numpy as np

from maskwright.domain.rows import decode_rows, encode_rows
from maskwright.domain.tiles import LAYERS, TILE, Grid, Layer, LayerName, Pixels
from maskwright.domain.wire import InvalidTiles, Reader

MEDIA_TYPE = "application/vnd.maskwright.tiles"
MAGIC = b"MWT1"
ALL_TILES = 0xFFFFFFFF
_RAW, _ROWS, _COLUMNS = b"\x00", b"\x01", b"\x02"
_BY_ID = {layer.id: layer for layer in LAYERS.values()}


def encode_tile(tile: Pixels, layer: Layer) -> bytes:
    """Return the canonical payload of a (256, 256) tile, not yet deflated.

    Upright borders code best by rows, flat ones by columns: the cheaper is taken.
    """
    raw = np.ascontiguousarray(tile, layer.dtype)
    by_rows = encode_rows(raw)
    by_columns = encode_rows(np.ascontiguousarray(raw.T))
    if by_rows is None or by_columns is None:
        return _RAW + raw.tobytes()
    if by_columns.cost < by_rows.cost:
        return _COLUMNS + by_columns.payload
    return _ROWS + by_rows.payload


def decode_tile(data: bytes | memoryview, offset: int, layer: Layer) -> tuple[Pixels, int]:
    """Return the (256, 256) tile whose payload starts at `offset`, and the offset after it.

    Raises InvalidTiles when the bytes are no payload.
    """
    reader = Reader(memoryview(data), offset)
    mode = reader.take(1).tobytes()
    if mode == _RAW:
        flat = np.frombuffer(reader.take(layer.tile_bytes), layer.dtype)
        return flat.reshape(TILE, TILE), reader.offset
    if mode not in (_ROWS, _COLUMNS):
        raise InvalidTiles("A tile starts with an unknown mode.")
    tile = decode_rows(reader, layer)
    return (tile if mode == _ROWS else np.ascontiguousarray(tile.T)), reader.offset


def deflate_tile(payload: bytes) -> bytes:
    """Return the payload as it is stored."""
    return zlib.compress(payload, 6)


def inflate_tile(stored: bytes) -> bytes:
    """Return the payload of a stored tile."""
    return zlib.decompress(stored)


@dataclass(frozen=True, eq=False)
class TileBundle:
    """Some tiles of one image: what a save sends and what opening a mask answers.

    `tiles[layer][index]` is a (256, 256) array.
    """

    width: int
    height: int
    tiles: Mapping[LayerName, Mapping[int, Pixels]] = field(
        default_factory=dict[LayerName, Mapping[int, Pixels]]
    )
    coded: Mapping[LayerName, Mapping[int, bytes]] = field(
        default_factory=dict[LayerName, Mapping[int, bytes]]
    )
    """The payloads that the tiles were read from, if they were."""

    @property
    def grid(self) -> Grid:
        return Grid(self.width, self.height)

    def to_bytes(self) -> bytes:
        """Return the bundle as it travels."""
        layers: dict[LayerName, dict[int, bytes]] = {
            name: {index: encode_tile(tile, LAYERS[name]) for index, tile in tiles.items()}
            for name, tiles in self.tiles.items()
        }
        return pack(self.grid, layers)

    @classmethod
    def from_bytes(cls, data: bytes, max_bytes: int, expected: Grid | None = None) -> "TileBundle":
        """Return the bundle that `data` holds; at most `max_bytes` once inflated.

        A few bytes can name a huge grid of even tiles, so give the grid that is `expected` if the
        data are not your own. Raises InvalidTiles.
        """
        body = _inflate(data, max_bytes)
        reader = Reader(memoryview(body))
        if reader.take(4).tobytes() != MAGIC:
            raise InvalidTiles("This is no tile bundle: it does not start with MWT1.")
        grid = Grid(reader.number(), reader.number())
        if not 0 < grid.width <= 1 << 20 or not 0 < grid.height <= 1 << 20:
            raise InvalidTiles("The bundle's width or height is out of range.")
        if expected is not None and grid != expected:
            raise InvalidTiles(
                f"The mask is {grid.width}×{grid.height}, the image {expected.width}×"
                f"{expected.height}. Send a mask of the size of the upright image."
            )
        tiles: dict[LayerName, dict[int, Pixels]] = {}
        wanted: list[tuple[Layer, list[int]]] = []
        for _ in range(reader.byte()):
            layer = _BY_ID.get(reader.byte())
            if layer is None or layer.name in tiles:
                raise InvalidTiles("The bundle names an unknown layer, or one layer twice.")
            tiles[layer.name] = {}
            wanted.append((layer, _read_indices(reader, grid)))
        coded: dict[LayerName, dict[int, bytes]] = {layer.name: {} for layer, _ in wanted}
        for layer, indices in wanted:
            for index in indices:
                begin = reader.offset
                tile, reader.offset = decode_tile(reader.data, begin, layer)
                tiles[layer.name][index] = tile
                coded[layer.name][index] = body[begin : reader.offset]
        if reader.offset != len(body):
            raise InvalidTiles("The bundle goes on after its last tile.")
        return cls(grid.width, grid.height, tiles, coded)


def pack(
    grid: Grid,
    layers: Mapping[LayerName, Mapping[int, bytes]],
    deflate: Callable[[bytes], bytes] = partial(zlib.compress, level=6),
) -> bytes:
    """Return the bundle of tiles whose payloads are at hand."""
    head = [MAGIC, struct.pack("<IIB", grid.width, grid.height, len(layers))]
    payloads: list[bytes] = []
    for name, tiles in layers.items():
        indices = sorted(tiles)
        complete = len(indices) == grid.count
        count = ALL_TILES if complete else len(indices)
        head.append(struct.pack("<BI", LAYERS[name].id, count))
        head.append(b"" if complete else np.array(indices, "<u4").tobytes())
        payloads.extend(tiles[index] for index in indices)
    body = b"".join((*head, *payloads))
    return deflate(body + struct.pack("<I", zlib.crc32(body)))


def _inflate(data: bytes, max_bytes: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise InvalidTiles("The tiles are not a zlib stream.") from error
    if len(body) > max_bytes:
        raise InvalidTiles(f"The tiles are more than {max_bytes} bytes once inflated.")
    if not inflater.eof or inflater.unused_data or len(body) < 17:
        raise InvalidTiles("The tiles end too early, or something follows them.")
    if zlib.crc32(body[:-4]) != int.from_bytes(body[-4:], "little"):
        raise InvalidTiles("The tiles were damaged on the way: the checksum differs. Send again.")
    return body[:-4]


def _read_indices(reader: Reader, grid: Grid) -> list[int]:
    count = reader.number()
    if count == ALL_TILES:
        # Each tile takes at least 259 bytes, so a small body can't name a huge grid.
        if grid.count > len(reader.data):
            raise InvalidTiles("The tiles end too early.")
        return list(range(grid.count))
    indices = np.frombuffer(reader.take(count * 4), "<u4").tolist()
    if any(b <= a for a, b in pairwise(indices)) or (indices and indices[-1] >= grid.count):
        raise InvalidTiles("The bundle's tile numbers are not ascending, or outside the image.")
    return indices
