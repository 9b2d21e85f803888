"""What counts as one object: the one owner of "things become instances".

A thing's pixels are told apart by the instance layer where it names an instance, and by
4-connected component where it does not (no layer, or instance 0). An instance that holds two
labels is two objects. All pixels of a label that is no thing are one segment.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maskwright.domain.labels import Label
from maskwright.domain.mask import Instances, Mask
from maskwright.formats.runs import Bools, Ints, Runs, connect, find_runs

MAX_INSTANCES = 0xFFFE
"""Instances that 16 bits number beside 0 for none and 65535 for void."""

Ids = npt.NDArray[np.uint16] | npt.NDArray[np.int32]


@dataclass(frozen=True)
class Segment:
    """Pixels that belong together: an object of a thing, or all of a label that is none.

    `box` is (x, y, width, height) in pixels.
    """

    id: int
    label: Label
    area: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Segments:
    """`ids`: (H, W) the segment of every pixel, 0 = none; `items[i]` has id i + 1."""

    ids: Ids
    items: tuple[Segment, ...]


def find_objects(mask: Mask, labels: Sequence[Label]) -> Segments:
    """Return the objects of the things among `labels`, numbered in reading order."""
    return find_segments(mask, [label for label in labels if label.is_thing])


def all_or_none(objects: Segments) -> Ids | None:
    """Return the objects that a format keeps which numbers them with 16 bits; see `Format.kept`."""
    return objects.ids if len(objects.items) <= MAX_INSTANCES else None


def find_segments(mask: Mask, labels: Sequence[Label]) -> Segments:
    """Return objects (numbered in reading order), then the other labels (by index).

    Objects have the same ids as in `find_objects`.
    """
    runs = find_runs(mask.classes, mask.instances)
    classes = mask.classes.ravel()[runs.starts]
    by_index = {label.index: label for label in labels}
    objects, first = _number_objects(mask, runs, classes, _flags(labels, is_thing=True))
    stuff = np.flatnonzero(
        _flags(labels, is_thing=False) & (np.bincount(classes, minlength=256) > 0)
    )
    rank = np.zeros(256, np.int64)
    rank[stuff] = np.arange(len(stuff)) + len(first) + 1
    ids = objects + rank[classes]
    count = len(first) + len(stuff)
    found = [by_index[int(index)] for index in (*classes[first], *stuff)]
    raster = (
        runs.paint(ids.astype(np.uint16)) if count < 1 << 16 else runs.paint(ids.astype(np.int32))
    )
    return Segments(raster, _measure(runs, ids, found))


def _flags(labels: Sequence[Label], *, is_thing: bool) -> Bools:
    flags = np.zeros(256, np.bool_)
    flags[[label.index for label in labels if label.is_thing == is_thing]] = True
    return flags


def _number_objects(
    mask: Mask, runs: Runs, classes: npt.NDArray[np.uint8], things: Bools
) -> tuple[Ints, Ints]:
    """Return (N,) the object of every run, 0 = none, and the first run of every object."""
    counted = things[classes]
    if mask.instances is None:
        root = connect(runs, classes, counted)
    else:
        instances = mask.instances.ravel()[runs.starts]
        root = connect(runs, classes, counted & (instances == 0))
        named = np.flatnonzero(counted & (instances > 0))
        keys = classes[named].astype(np.int64) << 16 | instances[named]
        _, first, member = np.unique(keys, return_index=True, return_inverse=True)
        root[named] = named[first][member]
    is_first = counted & (root == np.arange(len(root)))
    return np.where(counted, np.cumsum(is_first)[root], 0), np.flatnonzero(is_first)


def _measure(runs: Runs, ids: Ints, labels: Sequence[Label]) -> tuple[Segment, ...]:
    """Return area and box of every id 1…len(labels)."""
    count = len(labels) + 1
    rows, left = np.divmod(runs.starts, runs.shape[1])
    right = left + runs.lengths
    area = np.bincount(ids, weights=runs.lengths, minlength=count).astype(np.int64)
    x0, x1 = np.full(count, runs.shape[1]), np.zeros(count, np.int64)
    np.minimum.at(x0, ids, left)
    np.maximum.at(x1, ids, right)
    # Runs come row by row, and of repeated indices numpy keeps the last.
    y0, y1 = np.zeros(count, np.int64), np.zeros(count, np.int64)
    y1[ids] = rows
    y0[ids[::-1]] = rows[::-1]
    boxes = np.stack((x0, y0, x1 - x0, y1 - y0 + 1), axis=1).tolist()
    return tuple(
        Segment(i, label, int(area[i]), tuple(boxes[i])) for i, label in enumerate(labels, 1)
    )


def number_objects(values: npt.NDArray[np.generic], counted: Bools) -> Instances | None:
    """Number the values where `counted` (H, W) is true 1… in the order of their first pixels.

    Returns None where nothing is counted, or more than 16 bits can number.
    """
    if not counted.any():
        return None
    keys = np.where(counted, values.astype(np.int64), -1)
    runs = find_runs(keys.astype(np.int32))
    of_run = keys.ravel()[runs.starts]
    found, first, member = np.unique(of_run, return_index=True, return_inverse=True)
    rank = np.zeros(len(found), np.int64)
    named = np.flatnonzero(found >= 0)
    rank[named[np.argsort(first[named])]] = np.arange(1, len(named) + 1)
    if len(named) > MAX_INSTANCES:
        return None
    return runs.paint(rank[member].astype(np.uint16))
