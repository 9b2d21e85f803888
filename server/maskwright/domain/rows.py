"""The rows of a tile, each told against the row above.

A row is a list of runs of equal pixels. Most rows have the runs of the row above, moved a little:
such a row costs a zero byte and a small number per run. The others are told as edits: runs of the
row above are moved or passed over, new ones put between. Deflate then makes bits of the bytes.
`docs/tile-format.md` is the specification.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from maskwright.domain.tiles import TILE, Layer, Pixels
from maskwright.domain.wire import InvalidTiles, Reader

MAX_RUNS = 6000
"""More runs in one tile are noise, which raw pixels hold better and faster."""
MAX_SHIFT = 127
MATCH_SHIFT = 24
"""How far a run may have moved to be taken for the one in the row above, where runs differ."""

SAME, EDITED, EDITED_FIRST = 0, 1, 2
"""Heads: same runs as above; other runs; other runs, and the first has another value."""
END, PASS, NEW, MORE = 0, 1, 2, 3
"""What follows the moved runs of a step; a step is one byte, 4 × moved runs + one of these."""
_MOST_MOVED = 63

Runs = tuple[list[int], list[int]]
"""Start columns, of which the first is 0, and values."""
_BLANK: Runs = ([0], [0])
"""What stands above row 0."""


@dataclass(frozen=True)
class CodedRows:
    """The sections of a payload, and roughly the bits that deflate will make of them."""

    payload: bytes
    cost: int


def encode_rows(pixels: Pixels) -> CodedRows | None:
    """Code a (256, 256) tile; None where it has more runs than are worth coding."""
    starts = np.ones((TILE, TILE), bool)
    np.not_equal(pixels[:, 1:], pixels[:, :-1], out=starts[:, 1:])
    runs = starts.sum(axis=1)
    if runs.sum() > MAX_RUNS:
        return None
    rows, columns = np.nonzero(starts)
    values = pixels[rows, columns]
    above = np.arange(rows.size) - runs[rows]
    same = np.zeros(TILE, bool)
    same[1:] = runs[1:] == runs[:-1]
    # `above` is the same run one row up only where both rows have as many runs; elsewhere it
    # points somewhere harmless, and `same` is already False.
    moved = columns - columns[above]
    same[rows[(values != values[above]) | (np.abs(moved) > MAX_SHIFT)]] = False

    script = _Script()
    heads = np.zeros(TILE, np.uint8)
    ends = [0, *np.cumsum(runs).tolist()]
    all_starts, all_values = columns.tolist(), values.tolist()
    for row in np.flatnonzero(~same).tolist():
        here = slice(ends[row], ends[row + 1])
        over = slice(ends[row - 1], ends[row])
        before = (all_starts[over], all_values[over]) if row else _BLANK
        heads[row] = script.add(before, (all_starts[here], all_values[here]))
    kept = moved[same[rows] & (columns > 0)]
    return CodedRows(
        heads.tobytes() + script.to_bytes(pixels.dtype) + _zigzag(kept).tobytes(),
        script.cost + kept.size + 3 * int(np.count_nonzero(kept)),
    )


@dataclass
class _Script:
    """The edited rows, in order, as four streams."""

    steps: bytearray = field(default_factory=bytearray)
    values: list[int] = field(default_factory=list[int])
    gaps: bytearray = field(default_factory=bytearray)
    shifts: list[int] = field(default_factory=list[int])

    @property
    def cost(self) -> int:
        edits = 6 * len(self.steps) + 5 * len(self.values) + 6 * len(self.gaps)
        return edits + 2 * len(self.shifts)

    def to_bytes(self, dtype: np.dtype[Any]) -> bytes:
        values = np.array(self.values, dtype.newbyteorder("<"))
        shifts = _zigzag(np.array(self.shifts, np.int64))
        return bytes(self.steps) + values.tobytes() + bytes(self.gaps) + shifts.tobytes()

    def add(self, above: Runs, row: Runs) -> int:
        """Tell `row` against the row above it; return its head."""
        starts, values = row
        moved, upper = 0, 1  # runs moved since the last step; the next run of the row above
        for number in range(1, len(starts)):
            match = _match(above, row, number, upper)
            if match is None:
                moved = self._step(moved, NEW)
                self.gaps.append(starts[number] - starts[number - 1])
                self.values.append(values[number])
                continue
            for _ in range(match - upper):
                moved = self._step(moved, PASS)
            self.shifts.append(starts[number] - above[0][match])
            moved, upper = moved + 1, match + 1
        self._step(moved, END)
        if values[0] == above[1][0]:
            return EDITED
        self.values.append(values[0])
        return EDITED_FIRST

    def _step(self, moved: int, kind: int) -> int:
        while moved > _MOST_MOVED:
            self.steps.append(4 * _MOST_MOVED + MORE)
            moved -= _MOST_MOVED
        self.steps.append(4 * moved + kind)
        return 0


def _match(above: Runs, row: Runs, number: int, upper: int) -> int | None:
    """Return which run of the row above, from `upper` on, this run of the row is best taken for.

    The nearest of the same value; none if the row's next run has it too and lies nearer.
    """
    starts, values = above
    start, value = row[0][number], row[1][number]
    best, distance = None, MATCH_SHIFT + 1
    for candidate in range(upper, len(starts)):
        if starts[candidate] > start + MATCH_SHIFT:
            break
        away = abs(starts[candidate] - start)
        if values[candidate] == value and away < distance:
            best, distance = candidate, away
    if best is None or number + 1 == len(row[0]) or row[1][number + 1] != value:
        return best
    return None if abs(row[0][number + 1] - starts[best]) < distance else best


def _zigzag(shifts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    return np.where(shifts < 0, -2 * shifts - 1, 2 * shifts).astype(np.uint8)


def _unzigzag(coded: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    wide = coded.astype(np.int64)
    return np.where(wide & 1, -(wide + 1) // 2, wide // 2)


def decode_rows(reader: Reader, layer: Layer) -> Pixels:
    """Return the (256, 256) tile that `encode_rows` coded. Raises InvalidTiles."""
    heads = reader.array(TILE)
    if heads[0] == SAME or heads.max() > EDITED_FIRST:
        raise InvalidTiles("A tile's row heads are malformed.")
    edited = np.flatnonzero(heads)
    heights = np.diff(edited, append=TILE).tolist()  # rows of equal runs, the edited one first
    steps = [_read_steps(reader) for _ in heights]
    moved = [sum(moved for moved, _ in row) for row in steps]
    new = [sum(kind == NEW for _, kind in row) for row in steps]
    counts = [1 + a + b for a, b in zip(moved, new, strict=True)]  # runs of a row
    firsts = int((heads == EDITED_FIRST).sum())
    values = np.frombuffer(
        reader.take((sum(new) + firsts) * layer.dtype.itemsize), layer.dtype
    ).tolist()
    edits = _Edits(
        iter(values),
        iter(reader.array(sum(new)).tolist()),
        iter(_unzigzag(reader.array(sum(moved))).tolist()),
    )
    kept_sizes = [(h - 1) * (n - 1) for h, n in zip(heights, counts, strict=True)]
    kept = _unzigzag(reader.array(sum(kept_sizes)))

    total = sum(h * n for h, n in zip(heights, counts, strict=True))
    columns, colors = np.empty(total, np.int64), np.empty(total, layer.dtype)
    above, at, at_kept = _BLANK, 0, 0
    for row, height, count, size, script in zip(
        edited.tolist(), heights, counts, kept_sizes, steps, strict=True
    ):
        starts, runs = edits.apply(above, script, heads[row] == EDITED_FIRST)
        colors[at : at + height * count].reshape(height, count)[:] = runs
        block = columns[at : at + height * count].reshape(height, count)
        block[0] = starts
        if height > 1:
            block[1:, 0] = 0
            block[1:, 1:] = kept[at_kept : at_kept + size].reshape(height - 1, count - 1)
            np.cumsum(block, axis=0, out=block)
            starts = block[-1].tolist()
        above = (starts, runs)
        at, at_kept = at + height * count, at_kept + size
    return _paint(columns, colors, np.repeat(counts, heights))


def _read_steps(reader: Reader) -> list[tuple[int, int]]:
    """Return the (moved runs, kind) of one row's steps."""
    steps: list[tuple[int, int]] = []
    while True:
        step = reader.byte()
        steps.append((step >> 2, step & 3))
        if step & 3 == END:
            return steps
        if len(steps) > 2 * TILE:
            raise InvalidTiles("A row of a tile has too many steps.")


@dataclass(frozen=True)
class _Edits:
    """What is left of the streams of the edited rows."""

    values: Iterator[int]
    gaps: Iterator[int]
    shifts: Iterator[int]

    def apply(self, above: Runs, steps: list[tuple[int, int]], first: bool) -> Runs:
        """Return the row that the steps make of the row above."""
        starts, runs, upper = [0], [above[1][0]], 1
        for moved, kind in steps:
            if upper + moved > len(above[0]):
                raise InvalidTiles("A row of a tile refers to runs that the one above has not.")
            for _ in range(moved):
                starts.append(above[0][upper] + next(self.shifts))
                runs.append(above[1][upper])
                upper += 1
            if kind == PASS:
                upper += 1
            elif kind == NEW:
                starts.append(starts[-1] + next(self.gaps))
                runs.append(next(self.values))
        if first:
            runs[0] = next(self.values)
        return starts, runs


def _paint(columns: npt.NDArray[np.int64], colors: Pixels, per_row: npt.NDArray[np.intp]) -> Pixels:
    """Lay out runs, row after row: where they start, what they hold, how many a row has."""
    if columns.min() < 0 or columns.max() >= TILE:
        raise InvalidTiles("A run of a tile starts outside its row.")
    rows = np.repeat(np.arange(TILE), per_row)
    lengths = np.diff(rows * TILE + columns, append=TILE * TILE)
    if lengths.min() <= 0:
        raise InvalidTiles("The runs of a tile's row are not in order.")
    return np.repeat(colors, lengths).reshape(TILE, TILE)
