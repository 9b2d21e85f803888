"""From coarse probabilities to pixels."""

import numpy as np
import pytest
import torch

from segnets.decode import label_pixels

WORKING = (65, 97)  # 9 × 13 nodes


@pytest.fixture
def probabilities() -> torch.Tensor:
    """(21, 9, 13), every label likely somewhere."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(21, 9, 13, generator=generator).mul(3).softmax(0)


def by_hand(probabilities: torch.Tensor, size: tuple[int, int]) -> np.ndarray:
    """Interpolated probabilities (labels, H, W), one pixel at a time."""
    nodes = probabilities.double().numpy()
    out = np.empty((len(nodes), *size))
    for y in range(size[0]):
        for x in range(size[1]):
            at_y = np.clip(((y + 0.5) * WORKING[0] / size[0] - 0.5) / 8, 0, 8)
            at_x = np.clip(((x + 0.5) * WORKING[1] / size[1] - 0.5) / 8, 0, 12)
            top, left = min(int(at_y), 7), min(int(at_x), 11)
            down, right = at_y - top, at_x - left
            cell = nodes[:, top : top + 2, left : left + 2]
            rows = cell[:, 0] * (1 - down) + cell[:, 1] * down
            out[:, y, x] = rows[:, 0] * (1 - right) + rows[:, 1] * right
    return out


@pytest.mark.parametrize("size", [(40, 60), (65, 97), (100, 31), (1, 1)])
def test_pixels_are_interpolated_probabilities(
    probabilities: torch.Tensor, size: tuple[int, int]
) -> None:
    expected = by_hand(probabilities, size)
    classes, confidence = label_pixels(probabilities, WORKING, size)
    chosen = np.take_along_axis(expected, classes[None].astype(int), 0)[0]
    assert np.allclose(chosen, expected.max(0), atol=1e-6)
    assert np.abs(confidence - expected.max(0) * 255).max() <= 0.51


@pytest.mark.parametrize("band_pixels", [1, 500, 3000])
def test_bands_give_what_the_whole_gives(probabilities: torch.Tensor, band_pixels: int) -> None:
    whole = label_pixels(probabilities, WORKING, (120, 150))
    bands = label_pixels(probabilities, WORKING, (120, 150), band_pixels)
    assert np.array_equal(bands[0], whole[0])
    assert np.array_equal(bands[1], whole[1])


def test_a_certain_label_has_confidence_255() -> None:
    probabilities = torch.zeros(3, 9, 13)
    probabilities[2] = 1
    classes, confidence = label_pixels(probabilities, WORKING, (50, 50))
    assert (classes == 2).all()
    assert (confidence == 255).all()


def test_labels_that_tie_go_to_the_lower_index() -> None:
    classes, _ = label_pixels(torch.full((4, 9, 13), 0.25), WORKING, (20, 20))
    assert (classes == 0).all()
