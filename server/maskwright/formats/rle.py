"""COCO's compressed run-length encoding, of all segments of a raster in one pass.

The encoding is pycocotools': pixels column by column; lengths of runs of zeros and ones in turn,
zeros first; from the fourth on the difference to the one before the last; each number in groups
of five bits, low first, as characters from "0" on, with bit 5 set where more follow.
"""

from itertools import pairwise
from typing import Any, cast

import cv2
import numpy as np
from pycocotools import mask as _untyped  # pyright: ignore[reportMissingTypeStubs]

from maskwright.formats.objects import Ids
from maskwright.formats.runs import Bools, Ints, find_flat_runs

_coco = cast("Any", _untyped)


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


def decode_segmentation(segmentation: object, height: int, width: int) -> Bools:
    """Return the (H, W) pixels of a COCO `segmentation`, as pycocotools reads it.

    That is polygons, or RLE whose counts are compressed (text) or not (numbers).
    """
    if isinstance(segmentation, dict):
        rle = cast("dict[str, Any]", segmentation)
        if tuple(rle["size"]) != (height, width):
            raise ValueError(f"An RLE is of size {rle['size']} and its image {[height, width]}.")
        if isinstance(rle["counts"], list):
            rle = _coco.frPyObjects(rle, height, width)
    else:
        rle = _coco.merge(_coco.frPyObjects(segmentation, height, width))
    return np.asarray(_coco.decode(rle)).view(np.bool_)
