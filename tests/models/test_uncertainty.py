"""Margin and entropy against all labels at full size at once."""

import numpy as np
import torch

from segnets.grid import Coarse
from segnets.uncertainty import doubt

SIZE = (50, 70)


def some(labels: int = 6, sharpness: float = 3.0) -> Coarse:
    logits = np.random.default_rng(0).normal(0, sharpness, (labels, 7, 9)).astype(np.float32)
    return Coarse.of("corners", torch.from_numpy(logits).softmax(0), (49, 65))


def at_full_size(coarse: Coarse) -> torch.Tensor:
    rows, columns = coarse.rows.to_pixels(SIZE[0]), coarse.columns.to_pixels(SIZE[1])
    return rows @ coarse.probabilities @ columns.T  # (labels, H, W)


def test_margin_is_the_lead_over_the_second_label() -> None:
    coarse = some()
    best, second = at_full_size(coarse).topk(2, 0).values
    margin, _ = doubt(coarse, SIZE)
    assert np.abs(margin - (best - second).numpy() * 255).max() <= 0.51


def test_entropy_is_a_share_of_its_maximum() -> None:
    coarse = some()
    full = at_full_size(coarse)
    expected = -(full * full.log()).sum(0) / np.log(6)
    _, entropy = doubt(coarse, SIZE)
    assert np.abs(entropy - expected.numpy() * 255).max() <= 0.6


def test_certainty_and_indifference_are_the_ends_of_the_scales() -> None:
    certain, indifferent = torch.zeros(4, 7, 9), torch.full((4, 7, 9), 0.25)
    certain[2] = 1
    ends = [
        tuple(
            int(value)
            for m in doubt(Coarse.of("corners", p, (49, 65)), SIZE)
            for value in (m.min(), m.max())
        )
        for p in (certain, indifferent)
    ]
    assert ends == [(255, 255, 0, 0), (0, 0, 255, 255)]


def test_bands_make_no_difference() -> None:
    whole, parts = doubt(some(), SIZE), doubt(some(), SIZE, band_pixels=1)
    assert all(np.abs(a.astype(int) - b).max() <= 1 for a, b in zip(whole, parts, strict=True))
