"""From the network's coarse probabilities to one label per pixel of the photograph."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

# Node j of the network's output grid is pixel STRIDE × j of the working image.
STRIDE = 8
# Upper bound on pixels held as floats at once; a 50-megapixel image must not need gigabytes.
_BAND_PIXELS = 1 << 20


def label_pixels(
    probabilities: Tensor,
    working_size: tuple[int, int],
    size: tuple[int, int],
    band_pixels: int = _BAND_PIXELS,
) -> tuple[np.ndarray, np.ndarray]:
    """Bilinear upsampling, then the likeliest label and its probability (255 = certain).

    `probabilities` is (labels, h, w) float32 for a working image of `working_size`; the answer is
    two (H, W) uint8 arrays of `size`. Works in bands of rows.
    """
    labels = probabilities.shape[0]
    height, width = size
    # The winner of a pixel has at least 1/labels there, hence at some node: the rest can't win.
    able = torch.nonzero(probabilities.amax((1, 2)) >= 1 / labels).flatten()
    to_rows = _interpolation(height, working_size[0], probabilities.shape[1])  # (H, h)
    to_cols = _interpolation(width, working_size[1], probabilities.shape[2]).T  # (w, W)
    able_labels = able.to(torch.uint8)
    nodes = probabilities[able].contiguous()  # (k, h, w)
    classes = torch.empty(size, dtype=torch.uint8)
    confidence = torch.empty(size, dtype=torch.uint8)
    step = max(1, band_pixels // width)
    for top in range(0, height, step):
        rows = slice(top, min(top + step, height))
        columns = torch.matmul(to_rows[rows], nodes)  # (k, rows, w)
        best, index = _largest(columns, to_cols)
        classes[rows] = able_labels[index]
        confidence[rows] = best.mul_(255).round_().clamp_(0, 255).to(torch.uint8)
    return classes.numpy(), confidence.numpy()


def _largest(columns: Tensor, to_cols: Tensor) -> tuple[Tensor, Tensor]:
    """Largest value and its position along the first axis of `columns @ to_cols`."""
    best = columns[0] @ to_cols  # (rows, W)
    index = torch.zeros(best.shape, dtype=torch.int32)
    for number in range(1, len(columns)):
        value = columns[number] @ to_cols
        index.masked_fill_(value > best, number)
        torch.maximum(best, value, out=best)
    return best, index


def _interpolation(length: int, working: int, nodes: int) -> Tensor:
    """(length, nodes) weights that sample the nodes at the centre of every pixel."""
    centres = (torch.arange(length, dtype=torch.float64) + 0.5) * (working / length) - 0.5
    at = (centres / STRIDE).clamp(0, nodes - 1)
    low = at.floor().clamp(max=max(nodes - 2, 0)).long()
    share = at - low
    weights = torch.zeros(length, nodes, dtype=torch.float64)
    rows = torch.arange(length)
    weights[rows, low] = 1 - share
    if nodes > 1:
        weights[rows, low + 1] += share
    return weights.float()
