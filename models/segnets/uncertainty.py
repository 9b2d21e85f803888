"""How much a network doubts each pixel: maps of the size of the photograph."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from segnets.grid import Coarse

Map = npt.NDArray[np.uint8]

# Upper bound on pixels held as floats at once.
_BAND_PIXELS = 1 << 20
# A label below this everywhere in a band can't change either map by one step of 255.
_NOTHING = 1e-5


def doubt(
    coarse: Coarse, size: tuple[int, int], band_pixels: int = _BAND_PIXELS
) -> tuple[Map, Map]:
    """Margin and entropy of the probabilities at every pixel of an image of `size` (H, W).

    Two (H, W) uint8 arrays. Margin is the lead of the likeliest label over the second, 255 =
    certain. Entropy is Shannon's as a share of its maximum: 255 = all labels equally likely.
    """
    height, width = size
    to_rows = coarse.rows.to_pixels(height)  # (H, h)
    to_columns = coarse.columns.to_pixels(width).T.contiguous()  # (w, W)
    margin = torch.empty(size, dtype=torch.uint8)
    entropy = torch.empty(size, dtype=torch.uint8)
    most = math.log(max(len(coarse.probabilities), 2))
    step = max(1, band_pixels // width)
    for top in range(0, height, step):
        rows = slice(top, min(top + step, height))
        columns = to_rows[rows] @ coarse.probabilities  # (labels, rows, w)
        able = columns[columns.amax((1, 2)) >= _NOTHING]
        lead, spread = _lead_and_spread(able, to_columns)
        margin[rows] = _bytes(lead)
        entropy[rows] = _bytes(spread / most)
    return margin.numpy(), entropy.numpy()


def _lead_and_spread(columns: Tensor, to_columns: Tensor) -> tuple[Tensor, Tensor]:
    """(k, rows, w) → (rows, W) largest less second largest of `columns @ to_columns`; entropy."""
    best = columns[0] @ to_columns
    second = torch.zeros_like(best)
    spread = -torch.xlogy(best, best)
    for column in columns[1:]:
        value = column @ to_columns
        spread -= torch.xlogy(value, value)
        second = torch.maximum(second, torch.minimum(best, value))
        best = torch.maximum(best, value)
    return best - second, spread


def _bytes(shares: Tensor) -> Tensor:
    return shares.mul(255).round().clamp(0, 255).to(torch.uint8)
