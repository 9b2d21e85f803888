"""Outlines that are to be filled one over the other, as programs that draw polygons do.

Such a polygon goes through the middles of the outermost pixels, and holds all that is inside. What
a thing encloses is drawn after it, so holes need no words; areas without a label that are enclosed
or enclose are drawn as well.
"""

from collections.abc import Iterator
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from maskwright.formats.objects import Segments

Bytes = npt.NDArray[np.uint8]
Points = npt.NDArray[np.int32]
_FEWEST = 3  # points that readers ask of a polygon


def filled_outlines(segments: Segments) -> Iterator[tuple[int, Points]]:
    """Yield (id of the segment, its outline (N, 2) of x, y) in the order to be drawn; 0 is none.

    A segment of several parts has several outlines.
    """
    found: list[tuple[float, int, Points]] = []
    height, width = segments.ids.shape
    for place in range(len(segments.items) + 1):
        x, y, w, h = segments.items[place - 1].box if place else (0, 0, width, height)
        pixels = (segments.ids[y : y + h, x : x + w] == place).view(np.uint8)
        for outline in _outlines(pixels, (x, y)):
            points = outline[:, 0]
            if len(points) < _FEWEST:
                points = np.concatenate((points, points[:1], points[:1]))[:_FEWEST]
            found.append((-cv2.contourArea(outline), place, points))
    found.sort(key=lambda one: one[:2])
    return ((place, points) for _, place, points in found)


def _outlines(
    pixels: npt.NDArray[np.uint8], offset: tuple[int, int]
) -> list[npt.NDArray[np.int32]]:
    """Return the outlines (N, 1, 2) of the parts of `pixels`, joined by edges or corners."""
    mode, method = cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    found = cv2.findContours(pixels, mode, method, offset=offset)
    return cast("list[npt.NDArray[np.int32]]", found[0])
