"""COCO's compressed run-length encoding, of all segments of a raster in one pass.

The encoding is pycocotools': pixels column by column; lengths of runs of zeros and ones in turn,
zeros first; from the fourth on the difference to the one before the last; each number in groups
of five bits, low first, as characters from "0" on, with bit 5 set where more follow.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import cv2
import numpy as np
from pycocotools import mask as _untyped  # pyright: ignore[reportMissingTypeStubs]

from maskwright.formats.objects import Ids
from maskwright.formats.runs import Bools, Ints, find_flat_runs

_coco = cast("Any", _untyped)
_MAX_DIGITS = 8  # of 5 bits: more pixels than any image has


def encode_segments(ids: Ids, count: int) -> list[str]:
    """Return the `counts` of segments 1…count of `ids` (H, W); 0 is no segment."""
    columns = cast("Ids", cv2.transpose(ids)).ravel()
    starts, ends = find_flat_runs(columns)
    values = columns[starts]
    order = np.argsort(values, kind="stable")
    order = order[np.searchsorted(values[order], 1) :]
    starts, ends, values = starts[order], ends[order], values[order].astype(np.int64)
    bounds = np.searchsorted(values, np.arange(1, count + 2))
    numbers, offsets = _numbers(starts, ends, values, bounds, ids.size)
    return _characters(numbers, offsets)


def _numbers(starts: Ints, ends: Ints, values: Ints, bounds: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the differences to be written and the (count + 1) offsets of the segments in them.

    `bounds`: (count + 1) where each segment's runs begin in `starts`.
    """
    first = bounds[:-1]
    runs = np.diff(bounds)
    some = runs > 0
    rank = np.arange(len(starts)) - first[values - 1]  # of the run within its segment
    before = np.concatenate(([0], ends[:-1]))
    before[first[some]] = 0
    gaps, lengths = starts - before, ends - starts
    last = bounds[1:][some] - 1
    rest = np.full(len(runs), size)
    rest[some] -= ends[last]

    count = len(runs)
    numbers = np.empty(2 * len(starts) + count, np.int64)
    at = 2 * np.arange(len(starts)) + values - 1
    numbers[at] = gaps - np.where(rank >= 2, np.roll(gaps, 1), 0)
    numbers[at + 1] = lengths - np.where(rank >= 1, np.roll(lengths, 1), 0)
    end = 2 * bounds[1:] + np.arange(count)
    previous_gap = np.zeros(count, np.int64)
    previous_gap[some] = np.where(runs[some] >= 2, gaps[last], 0)
    numbers[end] = rest - previous_gap

    # A segment that reaches the last pixel has no run of zeros after it.
    dropped = some & (rest == 0)
    kept = np.ones(len(numbers), np.bool_)
    kept[end[dropped]] = False
    offsets = np.concatenate(([0], np.cumsum(2 * runs + 1 - dropped)))
    return numbers[kept], offsets


def _characters(numbers: Ints, offsets: Ints) -> list[str]:
    magnitude = numbers ^ (numbers >> 63)  # n, or -n - 1 of negative n
    groups = np.ones(len(numbers), np.int64)
    for bits in range(4, 64, 5):
        longer = magnitude >> bits > 0
        if not longer.any():
            break
        groups += longer
    ends = np.cumsum(groups)
    at = ends - groups
    text = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    for group in range(int(groups.max(initial=0))):
        has = groups > group
        more = groups[has] > group + 1
        text[at[has] + group] = (numbers[has] >> 5 * group & 31 | more << 5) + 48
    whole = text.tobytes().decode("ascii")
    cuts = np.concatenate(([0], ends))[offsets].tolist()
    return [whole[a:b] for a, b in pairwise(cuts)]


def decode_runs(counts: Sequence[str], size: int) -> tuple[Ints, Ints, Ints]:
    """Return what `counts` of several segments, each over `size` pixels, hold.

    That is starts and ends of all runs of ones, column by column, and the place in `counts` of
    the segment of each. Raises ValueError for counts that do not add up.
    """
    numbers, bounds = _parse(counts)
    of = np.repeat(np.arange(len(counts)), np.diff(bounds))
    at = np.arange(len(numbers)) - bounds[of]  # of the number within its segment
    lengths = _undo_differences(numbers, of, at, bounds)
    sums = np.concatenate(([0], np.cumsum(lengths)))
    if (lengths < 0).any() or (np.diff(sums[bounds]) != size).any():
        raise ValueError("The counts of an RLE do not add up to the size of its image.")
    ends = sums[1:] - sums[bounds][of]
    ones = (at & 1 == 1) & (lengths > 0)
    return (ends - lengths)[ones], ends[ones], of[ones]


def _parse(counts: Sequence[str]) -> tuple[Ints, Ints]:
    """Return the numbers as they are written, and (len(counts) + 1) where each text's begin."""
    text = np.frombuffer("".join(counts).encode("ascii"), np.uint8).astype(np.int64) - 48
    if text.size and (text.min() < 0 or text.max() > 63):
        raise ValueError("The counts of an RLE have a character that has no meaning there.")
    is_last = text & 32 == 0
    last = np.flatnonzero(is_last)
    cuts = np.cumsum([0, *map(len, counts)])
    if not all(is_last[cut - 1] for cut in cuts[1:] if cut):
        raise ValueError("The counts of an RLE end in the middle of a number.")
    first = np.concatenate(([0], last[:-1] + 1)) if last.size else last
    digits = last - first + 1
    if digits.max(initial=0) > _MAX_DIGITS:
        raise ValueError("The counts of an RLE have a number that is too large.")
    shift = 5 * (np.arange(text.size) - np.repeat(first, digits))
    numbers = np.add.reduceat((text & 31) << shift, first) if last.size else last
    numbers = numbers - ((text[last] >> 4 & 1) << 5 * digits)  # the sign
    return numbers, np.searchsorted(last, cuts)


def _undo_differences(numbers: Ints, of: Ints, at: Ints, bounds: Ints) -> Ints:
    """Add to every number from the fourth of its segment on the one before the last.

    The first stands alone; those at odd and at even places are put side by side, so that one
    running sum serves all.
    """
    odd, begin = at & 1 == 1, bounds[of]
    half = (np.diff(bounds) // 2)[of]
    head = begin + np.where(at == 0, 0, np.where(odd, 1, 1 + half))
    place = head + np.where(at == 0, 0, (at - np.where(odd, 1, 2)) // 2)
    sums = np.zeros(len(numbers) + 1, np.int64)
    sums[place + 1] = numbers
    np.cumsum(sums, out=sums)
    return sums[place + 1] - sums[head]


def decode_segmentation(segmentation: object, height: int, width: int) -> Bools:
    """Return the (H, W) pixels of a COCO `segmentation`, as pycocotools reads it.

    That is polygons, or RLE whose counts are compressed (text) or not (numbers).
    """
    if isinstance(segmentation, dict):
        rle = cast("dict[str, Any]", segmentation)
        check_size(rle["size"], height, width)
        if isinstance(rle["counts"], list):
            rle = _coco.frPyObjects(rle, height, width)
    else:
        rle = _coco.merge(_coco.frPyObjects(segmentation, height, width))
    return np.asarray(_coco.decode(rle)).view(np.bool_)


def check_size(size: Sequence[int], height: int, width: int) -> None:
    """Raise ValueError unless an RLE is of its image's size."""
    if list(size) != [height, width]:
        raise ValueError(f"An RLE is of size {size} and its image of {[height, width]}.")
