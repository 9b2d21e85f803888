"""From the network's coarse probabilities to one label per pixel of the photograph."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from segnets.grid import Coarse

# Upper bound on pixels held as floats at once; a 50-megapixel image must not need gigabytes.
_BAND_PIXELS = 1 << 20
# Few, so that few labels can win in a band; each band costs a little of its own.
_CELLS_PER_BAND = 2


def label_pixels(
    coarse: Coarse, size: tuple[int, int], band_pixels: int = _BAND_PIXELS
) -> tuple[np.ndarray, np.ndarray]:
    """Bilinear upsampling, then the likeliest label and its probability (255 = certain).

    The answer is two (H, W) uint8 arrays of `size`. Works in bands of rows, and looks only at
    labels that can win somewhere in a band.
    """
    height, width = size
    to_rows = coarse.rows.to_pixels(height)  # (H, h)
    to_columns = coarse.columns.to_pixels(width).T.contiguous()  # (w, W)
    cells = coarse.rows.at_pixels(height).floor().long()  # (H,) the row of cells of each pixel
    able = able_labels(coarse.probabilities).any(2)  # (labels, h - 1)
    classes = torch.empty(size, dtype=torch.uint8)
    confidence = torch.empty(size, dtype=torch.uint8)
    most = max(1, band_pixels // width)
    pixels_per_cell = max(1, round(coarse.rows.step * height))
    step = min(most, _CELLS_PER_BAND * pixels_per_cell)
    for top in range(0, height, step):
        rows = slice(top, min(top + step, height))
        first, last = int(cells[rows.start]), int(cells[rows.stop - 1])
        # The last pixels may lie on the last node, which has no cell of its own.
        here = able[:, min(first, able.shape[1] - 1) : last + 1].any(1)
        labels = torch.nonzero(here).flatten()
        near = slice(first, last + 2)
        nodes = coarse.probabilities[labels, near]  # (k, few, w)
        columns = to_rows[rows, near] @ nodes  # (k, rows, w)
        _largest(columns, to_columns, labels, classes[rows], confidence[rows])
    return classes.numpy(), confidence.numpy()


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


def _largest(
    columns: Tensor, to_columns: Tensor, labels: Tensor, classes: Tensor, confidence: Tensor
) -> None:
    """Writes the label of the largest of `columns @ to_columns` and its value, 255 = 1."""
    best = columns[0] @ to_columns  # (rows, W)
    classes.fill_(int(labels[0]))
    for number in range(1, len(labels)):
        value = columns[number] @ to_columns
        classes.masked_fill_(value > best, int(labels[number]))
        torch.maximum(best, value, out=best)
    confidence.copy_(best.mul_(255).round_().clamp_(0, 255))
