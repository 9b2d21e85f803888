"""From the network's coarse probabilities to one label per pixel of the photograph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from segnets.grid import Axis, Coarse

# Upper bound on pixels held as floats at once; a 50-megapixel image must not need gigabytes.
_BLOCK_PIXELS = 1 << 20
# The size of a block in cells of the grid. Small, so that few labels can win in it; but each block
# costs a little of its own, and long rows multiply faster.
_CELLS_DOWN, _CELLS_ACROSS = 2, 32


def label_pixels(
    coarse: Coarse, size: tuple[int, int], block_pixels: int = _BLOCK_PIXELS
) -> tuple[np.ndarray, np.ndarray]:
    """Bilinear upsampling, then the likeliest label and its probability (255 = certain).

    The answer is two (H, W) uint8 arrays of `size`. Works in blocks, and looks only at labels that
    can win somewhere in a block.
    """
    to_rows = coarse.rows.to_pixels(size[0])  # (H, h)
    to_columns = coarse.columns.to_pixels(size[1]).T.contiguous()  # (w, W)
    able = able_labels(coarse.probabilities)  # (labels, h - 1, w - 1)
    classes = torch.empty(size, dtype=torch.uint8)
    confidence = torch.empty(size, dtype=torch.uint8)
    across = list(_parts(coarse.columns, size[1], _CELLS_ACROSS, block_pixels))
    width = max(part.pixels.stop - part.pixels.start for part in across)
    for down in _parts(coarse.rows, size[0], _CELLS_DOWN, max(1, block_pixels // width)):
        for part in across:
            labels = torch.nonzero(able[:, down.cells, part.cells].any(2).any(1)).flatten()
            nodes = coarse.probabilities[labels, down.nodes, part.nodes]  # (k, few, w)
            columns = to_rows[down.pixels, down.nodes] @ nodes  # (k, rows, w)
            best, winners = _largest(columns, to_columns[part.nodes, part.pixels], labels)
            classes[down.pixels, part.pixels] = winners
            confidence[down.pixels, part.pixels] = best.mul_(255).round_().clamp_(0, 255)
    return classes.numpy(), confidence.numpy()


@dataclass(frozen=True)
class _Part:
    """A stretch of one side: its pixels, the nodes around them, and the cells between those."""

    pixels: slice
    nodes: slice
    cells: slice


def _parts(axis: Axis, length: int, cells: int, most: int) -> Iterator[_Part]:
    """A side of `length` pixels in stretches of that many cells, but at most `most` pixels."""
    before = axis.at_pixels(length).floor().long()  # (length,) the node before each pixel
    step = min(most, cells * max(1, round(axis.step * length)))
    for start in range(0, length, step):
        stop = min(start + step, length)
        first, last = int(before[start]), int(before[stop - 1])
        # The last pixels may lie on the last node, behind which there is no cell.
        cells_here = slice(min(first, max(axis.count - 2, 0)), last + 1)
        yield _Part(slice(start, stop), slice(first, last + 2), cells_here)


def able_labels(probabilities: Tensor) -> Tensor:
    """(labels, h, w) → (labels, h - 1, w - 1) bool: which labels can be the likeliest in a cell.

    A cell lies between four nodes (an axis of one node counts as two). Interpolation stays within
    what a label has at the four, so a label is out where that is less than what the others are
    sure to have: the largest minimum of a label, or half the smallest sum of the leading two.
    """
    labels, height, width = probabilities.shape
    if height == 1 or width == 1:
        probabilities = F.pad(
            probabilities[None], (0, int(width == 1), 0, int(height == 1)), mode="replicate"
        )[0]
    largest = F.max_pool2d(probabilities, 2, 1)
    sure = (-F.max_pool2d(-probabilities, 2, 1)).amax(0)  # (h - 1, w - 1)
    if labels > 1:
        leading = F.avg_pool2d(probabilities, 2, 1).topk(2, 0).indices  # (2, h - 1, w - 1)
        pair = torch.stack(
            [_corner(probabilities, y, x).gather(0, leading).sum(0) for y, x in _FOUR]
        )
        sure = torch.maximum(sure, pair.amin(0) / 2)
    return largest >= sure.clamp(min=1 / labels) - _ROUNDING


_FOUR = ((0, 0), (0, 1), (1, 0), (1, 1))
# Sums of interpolated floats come out this much off.
_ROUNDING = 1e-6


def _corner(nodes: Tensor, y: int, x: int) -> Tensor:
    """(labels, h, w) → (labels, h - 1, w - 1): one corner of every cell."""
    return nodes[:, y : nodes.shape[1] - 1 + y, x : nodes.shape[2] - 1 + x]


def _largest(columns: Tensor, to_columns: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The largest of `columns @ to_columns` at each pixel, and which label's it is."""
    best = columns[0] @ to_columns  # (rows, W)
    winners = torch.full(best.shape, int(labels[0]), dtype=torch.uint8)
    for number in range(1, len(labels)):
        value = columns[number] @ to_columns
        winners.masked_fill_(value > best, int(labels[number]))
        torch.maximum(best, value, out=best)
    return best, winners
