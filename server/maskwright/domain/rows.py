"""The rows of a tile, each told against the row above.

A row is a list of runs of equal pixels. Most rows have the runs of the row above, moved a little:
such a row costs a zero byte and a small number per run. The others are told as edits: runs of the
row above are moved or passed over, new ones put between. Deflate then makes bits of the bytes.
`docs/tile-format.md` is the specification.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import add
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

Ints = npt.NDArray[np.int64]
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
    steps, moved, new = _read_steps(reader, len(heights))
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
    height, count = np.array(heights), np.array(counts)
    kept = _unzigzag(reader.array(int(((height - 1) * (count - 1)).sum())))
    below = _Below(height, count, kept)
    fallen = below.fallen.tolist()

    starts: list[int] = []
    colors: list[int] = []
    above, at = _BLANK, 0
    for script, runs, head in zip(steps, counts, heads[edited].tolist(), strict=True):
        row = edits.apply(above, script, head == EDITED_FIRST)
        starts += row[0]
        colors += row[1]
        above = (list(map(add, row[0], fallen[at : at + runs])), row[1])
        at += runs
    painted = np.array(colors, layer.dtype)[below.source]
    return _paint(below.columns(np.array(starts)), painted, np.repeat(count, height))


class _Below:
    """The rows of equal runs below each edited row, of all of them at once.

    `heights`, `counts`: (edited rows,) rows of equal runs, the edited one among them, and runs in
    each of these rows. `kept`: how far each run but the first is moved in each row below.
    """

    def __init__(self, heights: Ints, counts: Ints, kept: Ints) -> None:
        row_group = np.repeat(np.arange(len(heights)), heights)
        row_depth = np.arange(TILE) - (np.cumsum(heights) - heights)[row_group]
        per_row = counts[row_group]
        number = np.arange(int(per_row.sum())) - np.repeat(np.cumsum(per_row) - per_row, per_row)
        group, depth = np.repeat(row_group, per_row), np.repeat(row_depth, per_row)
        self.source: Ints = (np.cumsum(counts) - counts)[group] + number
        """(all runs,) the run of an edited row, numbered through, that each run comes from."""

        moves = np.zeros(group.size, np.int64)
        moves[(number > 0) & (depth > 0)] = kept
        # The moves of a run from row to row are put side by side: one running sum serves all.
        size = heights * counts
        head = (np.cumsum(size) - size)[group] + number * heights[group]
        sums = np.zeros(group.size + 1, np.int64)
        sums[head + depth + 1] = moves
        np.cumsum(sums, out=sums)
        self._moved: Ints = sums[head + depth + 1] - sums[head]
        last = depth == heights[group] - 1
        self.fallen: Ints = self._moved[last]
        """(runs of edited rows,) how far each has moved where its group of rows ends."""

    def columns(self, starts: Ints) -> Ints:
        """Return (all runs,) where each starts, of where those of the edited rows do."""
        return starts[self.source] + self._moved


def _read_steps(reader: Reader, rows: int) -> tuple[list[bytes], list[int], list[int]]:
    """Return the steps of each row, and how many runs of each are moved and how many are new."""
    ends = _row_ends(reader.rest, rows)
    starts = np.concatenate(([0], ends[:-1]))
    if (ends - starts).max() > 2 * TILE:
        raise InvalidTiles("A row of a tile has too many steps.")
    script = reader.take(int(ends[-1])).tobytes()
    steps = np.frombuffer(script, np.uint8)
    moved = np.add.reduceat(steps >> 2, starts, dtype=np.int64).tolist()
    new = np.add.reduceat(steps & 3 == NEW, starts, dtype=np.int64).tolist()
    bounds = zip(starts.tolist(), ends.tolist(), strict=True)
    return [script[start:end] for start, end in bounds], moved, new


def _row_ends(data: memoryview, rows: int) -> npt.NDArray[np.intp]:
    """Return where the steps of each row end, looking no further than they can be."""
    size = 2 * TILE
    while True:
        ends = np.flatnonzero(np.frombuffer(data[:size], np.uint8) & 3 == END)
        if len(ends) >= rows:
            return ends[:rows] + 1
        if size >= len(data):
            raise InvalidTiles("The tiles end too early.")
        if size > rows * 2 * TILE:
            raise InvalidTiles("A row of a tile has too many steps.")
        size *= 4


@dataclass(frozen=True)
class _Edits:
    """What is left of the streams of the edited rows."""

    values: Iterator[int]
    gaps: Iterator[int]
    shifts: Iterator[int]

    def apply(self, above: Runs, steps: bytes, first: bool) -> Runs:
        """Return the row that the steps make of the row above."""
        old_starts, old_runs = above
        starts, runs, upper = [0], [old_runs[0]], 1
        for step in steps:
            if moved := step >> 2:
                after = upper + moved
                if after > len(old_starts):
                    raise InvalidTiles("A row of a tile refers to runs that the one above has not.")
                starts.extend(map(add, old_starts[upper:after], self.shifts))
                runs += old_runs[upper:after]
                upper = after
            kind = step & 3
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
