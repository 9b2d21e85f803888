"""Runs of equal pixels: the form in which a mask is small enough to reason about quickly.

A mask of a photograph has about fifty times fewer runs than pixels, so what is done on runs in
numpy costs little more than finding them.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Pixel = TypeVar("Pixel", np.uint16, np.int32)
Raster = npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of a raster of `shape`, row by row; none goes over the end of a row.

    `starts`: (N,) flat index of the first pixel; `ends`: (N,) one past the last.
    """

    starts: Ints
    ends: Ints
    shape: tuple[int, int]

    @property
    def lengths(self) -> Ints:
        return self.ends - self.starts

    def paint(self, values: npt.NDArray[Pixel]) -> npt.NDArray[Pixel]:
        """Return the raster (H, W) in which run i holds `values[i]`."""
        return np.repeat(values, self.lengths).reshape(self.shape)


def find_runs(raster: Raster, also: Raster | None = None) -> Runs:
    """Return the runs in which `raster`, and `also` if given, hold one value."""
    changes = _changes(raster)
    if also is not None:
        changes |= _changes(also)
    width = raster.shape[1]
    changes[width - 1 :: width] = True
    return Runs(*_bounds(changes, raster.size), raster.shape)


def find_flat_runs(flat: Raster) -> tuple[Ints, Ints]:
    """Return starts and ends of the runs of a one-dimensional array."""
    return _bounds(_changes(flat), flat.size)


def _changes(raster: Raster) -> Bools:
    flat = raster.ravel()
    return flat[1:] != flat[:-1]


def _bounds(changes: Bools, size: int) -> tuple[Ints, Ints]:
    bounds = np.flatnonzero(changes) + 1
    return np.concatenate(([0], bounds)), np.concatenate((bounds, [size]))


def connect(runs: Runs, values: npt.NDArray[np.generic], among: Bools) -> Ints:
    """Join the runs that touch by an edge (4-connected) and hold equal values.

    Only runs where `among` is true are joined. Returns (N,) for every run the index of the first
    run of its component.
    """
    upper, lower = _touching(runs, among)
    equal = (values[upper] == values[lower]) & among[upper]
    return _roots(upper[equal], lower[equal], len(runs.starts))


def _touching(runs: Runs, among: Bools) -> tuple[Ints, Ints]:
    """Return all pairs (run, run below it that shares a column) whose lower is in `among`."""
    width = runs.shape[1]
    lower = np.flatnonzero(among & (runs.starts >= width))
    first = np.searchsorted(runs.starts, runs.starts[lower] - width, side="right") - 1
    last = np.searchsorted(runs.starts, runs.ends[lower] - 1 - width, side="right") - 1
    counts = last - first + 1
    offsets = np.cumsum(counts) - counts
    upper = np.arange(int(counts.sum())) + np.repeat(first - offsets, counts)
    return upper, np.repeat(lower, counts)


def _roots(left: Ints, right: Ints, count: int) -> Ints:
    """Union-find on whole arrays: hook the larger root on the smaller, flatten, until all agree.

    A root only ever points to a smaller one, so there is no cycle and the smallest index of a
    component is its root.
    """
    root = np.arange(count)
    while True:
        a, b = root[left], root[right]
        apart = a != b
        if not apart.any():
            return root
        left, right, a, b = left[apart], right[apart], a[apart], b[apart]
        root[np.maximum(a, b)] = np.minimum(a, b)
        root = _flatten(root)


def _flatten(root: Ints) -> Ints:
    while True:
        above = root[root]
        if np.array_equal(above, root):
            return root
        root = above
