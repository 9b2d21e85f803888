"""Outlines of objects as polygons along the edges of pixels.

With corners on whole coordinates, pycocotools fills a polygon with exactly the pixels it was
drawn around. A polygon cannot say that a region has a hole, so an object with one has no outline
here, and the format says its pixels in another way.
"""

from dataclasses import dataclass

import numpy as np

from maskwright.formats.runs import Bools, Ints

Polygon = list[int]


def outlines(pixels: Bools, x: int = 0, y: int = 0) -> list[Polygon] | None:
    """Return the polygons [x0, y0, x1, y1, …] around the parts of `pixels` (H, W).

    `x`, `y`: position of the array in its image. Returns None if any part has a hole. Parts that
    touch by a corner only have a polygon each.
    """
    corners = _find_corners(np.pad(pixels, 1))
    if not len(corners.xs):
        return []
    found = _trace(corners)
    if any(not _is_filled(pixels, corners, loop) for loop in found):
        return None
    xs, ys = (corners.xs + x).tolist(), (corners.ys + y).tolist()
    return [[value for i in loop for value in (xs[i], ys[i])] for loop in found]


@dataclass(frozen=True, eq=False)
class _Corners:
    """Corners of the outline in reading order; where two parts touch, the corner is there twice.

    `xs`, `ys`: (N,) position. `beside`: (N,) the corner at the other end of the edge along the
    row. `across`: (N,) likewise along the column.
    """

    xs: Ints
    ys: Ints
    beside: Ints
    across: Ints


def _find_corners(padded: Bools) -> _Corners:
    above_left, above = padded[:-1, :-1], padded[:-1, 1:]
    left, here = padded[1:, :-1], padded[1:, 1:]
    touching = (above_left == here) & (above == left) & (above != here)
    rows, columns = np.nonzero((above_left ^ above ^ left ^ here) | touching)
    times = 1 + touching[rows, columns].astype(np.int64)
    xs, ys = np.repeat(columns, times), np.repeat(rows, times)
    swapped = np.repeat((touching & ~here)[rows, columns], times)
    beside = _partners(np.arange(len(xs)))
    across = _partners(_column_order(xs, ys, swapped))
    return _Corners(xs, ys, beside, across)


def _column_order(xs: Ints, ys: Ints, swapped: Bools) -> Ints:
    """Order the corners column by column.

    The first of a double corner ends the edge from its left. It also ends the edge from above if
    that bounds the same part (upper left and lower right set). Else it begins the edge downwards
    (`swapped`), and comes second in its column.
    """
    is_second = np.concatenate(([False], (xs[1:] == xs[:-1]) & (ys[1:] == ys[:-1])))
    turn = np.where(swapped, np.where(is_second, -1, 1), 0)
    return np.lexsort((np.arange(len(xs)) + turn, ys, xs))


def _partners(order: Ints) -> Ints:
    """Along a line, edges join its first corner to the second, the third to the fourth, …"""
    partner = np.empty(len(order), np.int64)
    partner[order[0::2]] = order[1::2]
    partner[order[1::2]] = order[0::2]
    return partner


def _trace(corners: _Corners) -> list[list[int]]:
    """Walk every loop, an edge along the row and one along the column in turn."""
    beside, across = corners.beside.tolist(), corners.across.tolist()
    done = bytearray(len(beside))
    loops: list[list[int]] = []
    for start in range(len(beside)):
        if done[start]:
            continue
        loop: list[int] = []
        at = start
        while not done[at]:
            next_at = beside[at]
            done[at] = done[next_at] = 1
            loop += (at, next_at)
            at = across[next_at]
        loops.append(loop)
    return loops


def _is_filled(pixels: Bools, corners: _Corners, loop: list[int]) -> bool:
    """Say whether the loop goes around pixels rather than around a hole.

    Its first corner is its topmost, and leftmost there, so the pixel below and right of that is
    inside.
    """
    return bool(pixels[corners.ys[loop[0]], corners.xs[loop[0]]])
