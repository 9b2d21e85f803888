"""How tiles are written: runs of a row told against the row above, then deflated.

Masks are flat regions whose borders move a pixel or two from row to row. A row with the same runs
as the one above costs one zero byte and a small number per border, which deflate then squeezes to
a few bits. `docs/tile-format.md` is the specification; `frontend/editor/codec.js` the other half.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from maskwright.domain.tiles import LAYERS, TILE, Grid, Layer, LayerName, Pixels

MEDIA_TYPE = "application/vnd.maskwright.tiles"
MAGIC = b"MWT1"
ALL_TILES = 0xFFFFFFFF
MAX_RUNS = 254
_RAW, _ROWS = b"\x00", b"\x01"
_BY_ID = {layer.id: layer for layer in LAYERS.values()}


class InvalidTiles(ValueError):
    """Bytes that are no tile or no tile bundle; the message says what is wrong with them."""


def encode_tile(tile: Pixels, layer: Layer) -> bytes:
    """Return the canonical payload of a (256, 256) tile, not yet deflated."""
    raw = np.ascontiguousarray(tile, layer.dtype)
    starts = np.ones((TILE, TILE), bool)
    np.not_equal(raw[:, 1:], raw[:, :-1], out=starts[:, 1:])
    runs = starts.sum(axis=1)
    if runs.max() > MAX_RUNS:
        return _RAW + raw.tobytes()
    rows, columns = np.nonzero(starts)
    values = raw[rows, columns]
    above = np.arange(rows.size) - runs[rows]
    same = np.zeros(TILE, bool)
    same[1:] = runs[1:] == runs[:-1]
    # `above` is the same run one row up only where both rows have as many runs; elsewhere it
    # points somewhere harmless, and `same` is already False.
    moved = columns - columns[above]
    differs = (values != values[above]) | (np.abs(moved) > 127)
    same[rows[differs]] = False
    in_key_row, inner = ~same[rows], columns > 0
    deltas = moved[~in_key_row & inner]
    payload = b"".join(
        (
            _ROWS,
            np.where(same, 0, runs).astype(np.uint8).tobytes(),
            values[in_key_row].tobytes(),
            columns[in_key_row & inner].astype(np.uint8).tobytes(),
            np.where(deltas < 0, -2 * deltas - 1, 2 * deltas).astype(np.uint8).tobytes(),
        )
    )
    return payload if len(payload) <= layer.tile_bytes else _RAW + raw.tobytes()


def decode_tile(data: bytes | memoryview, offset: int, layer: Layer) -> tuple[Pixels, int]:
    """Return the (256, 256) tile whose payload starts at `offset`, and the offset after it.

    Raises InvalidTiles when the bytes are no payload.
    """
    reader = _Reader(memoryview(data), offset)
    mode = reader.take(1).tobytes()
    if mode == _RAW:
        flat = np.frombuffer(reader.take(layer.tile_bytes), layer.dtype)
        return flat.reshape(TILE, TILE), reader.offset
    if mode != _ROWS:
        raise InvalidTiles("A tile starts with an unknown mode.")
    heads = reader.array(TILE).astype(np.intp)
    keys = np.flatnonzero(heads)
    if heads[0] == 0 or heads.max() > MAX_RUNS:
        raise InvalidTiles("A tile's row heads are malformed.")
    runs = heads[keys]  # (key rows,)
    heights = np.diff(keys, append=TILE)
    values = np.frombuffer(reader.take(int(runs.sum()) * layer.dtype.itemsize), layer.dtype)
    columns = reader.array(int(runs.sum()) - keys.size).astype(np.int32)
    zigzag = reader.array(int(((heights - 1) * (runs - 1)).sum())).astype(np.int32)
    deltas = np.where(zigzag & 1, -(zigzag + 1) // 2, zigzag // 2)
    return _paint(runs, heights, values, columns, deltas, layer), reader.offset


def _paint(
    runs: npt.NDArray[np.intp],
    heights: npt.NDArray[np.intp],
    values: Pixels,
    columns: npt.NDArray[np.int32],
    deltas: npt.NDArray[np.int32],
    layer: Layer,
) -> Pixels:
    """Lay out the runs of each group: one key row and the `height - 1` rows told against it.

    All groups at once: in a tile of a photograph's mask they are many and small.
    """
    group = np.repeat(np.arange(runs.size), heights)  # of each row
    depth = np.arange(TILE) - (np.cumsum(heights) - heights)[group]  # below its key row
    per_row = runs[group]
    column = np.arange(int(per_row.sum())) - np.repeat(np.cumsum(per_row) - per_row, per_row)
    group, depth = np.repeat(group, per_row), np.repeat(depth, per_row)  # of each run from here
    starts = _add_up(runs, heights, (group, depth, column), columns, deltas)
    if starts.min() < 0 or starts.max() >= TILE:
        raise InvalidTiles("A run of a tile starts outside its row.")
    rows = np.repeat(np.arange(TILE), per_row)
    lengths = np.diff(rows * TILE + starts, append=TILE * TILE)
    if lengths.min() <= 0:
        raise InvalidTiles("The runs of a tile's row are not in order.")
    painted = values[(np.cumsum(runs) - runs)[group] + column]
    return np.repeat(painted, lengths).reshape(TILE, TILE).astype(layer.dtype, copy=False)


def _add_up(
    runs: npt.NDArray[np.intp],
    heights: npt.NDArray[np.intp],
    place: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]],
    columns: npt.NDArray[np.int32],
    deltas: npt.NDArray[np.int32],
) -> npt.NDArray[np.int64]:
    """Return each run's start: its key row's, plus the deltas down to its row.

    `place`: (group, rows below the key row, number in the row) of each run. The steps of a run
    from row to row are put side by side, so that one running sum serves all.
    """
    group, depth, number = place
    steps = np.zeros(group.size, np.int64)
    inner, key = number > 0, depth == 0
    steps[inner & key] = columns
    steps[inner & ~key] = deltas
    size = runs * heights
    head = (np.cumsum(size) - size)[group] + number * heights[group]
    sums = np.zeros(group.size + 1, np.int64)
    sums[head + depth + 1] = steps
    np.cumsum(sums, out=sums)
    return sums[head + depth + 1] - sums[head]


class _Reader:
    """Bytes taken in order, never past the end."""

    def __init__(self, data: memoryview, offset: int = 0) -> None:
        self.data, self.offset = data, offset

    def take(self, size: int) -> memoryview:
        part = self.data[self.offset : self.offset + size]
        if len(part) != size:
            raise InvalidTiles("The tiles end too early.")
        self.offset += size
        return part

    def array(self, size: int) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self.take(size), np.uint8)

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")


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
    def from_bytes(cls, data: bytes, max_bytes: int) -> "TileBundle":
        """Return the bundle that `data` holds; at most `max_bytes` once inflated.

        Raises InvalidTiles.
        """
        body = _inflate(data, max_bytes)
        reader = _Reader(memoryview(body))
        if reader.take(4).tobytes() != MAGIC:
            raise InvalidTiles("This is no tile bundle: it does not start with MWT1.")
        grid = Grid(reader.number(), reader.number())
        if not 0 < grid.width <= 1 << 20 or not 0 < grid.height <= 1 << 20:
            raise InvalidTiles("The bundle's width or height is out of range.")
        tiles: dict[LayerName, dict[int, Pixels]] = {}
        wanted: list[tuple[Layer, list[int]]] = []
        for _ in range(reader.take(1)[0]):
            layer = _BY_ID.get(reader.take(1)[0])
            if layer is None or layer.name in tiles:
                raise InvalidTiles("The bundle names an unknown layer, or one layer twice.")
            tiles[layer.name] = {}
            wanted.append((layer, _read_indices(reader, grid)))
        for layer, indices in wanted:
            for index in indices:
                tile, reader.offset = decode_tile(reader.data, reader.offset, layer)
                tiles[layer.name][index] = tile
        if reader.offset != len(body):
            raise InvalidTiles("The bundle goes on after its last tile.")
        return cls(grid.width, grid.height, tiles)


def pack(grid: Grid, layers: Mapping[LayerName, Mapping[int, bytes]]) -> bytes:
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
    return zlib.compress(body + struct.pack("<I", zlib.crc32(body)), 6)


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


def _read_indices(reader: _Reader, grid: Grid) -> list[int]:
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
