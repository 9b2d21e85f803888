"""From coarse probabilities to pixels."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from segnets.decode import able_labels, label_pixels
from segnets.grid import Coarse
from segnets.network import Grid

WORKING = (65, 97)  # 9 × 13 nodes


@pytest.fixture
def probabilities() -> torch.Tensor:
    """(21, 9, 13), every label likely somewhere."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(21, 9, 13, generator=generator).mul(3).softmax(0)


def on_grid(probabilities: torch.Tensor, grid: Grid = "corners") -> Coarse:
    return Coarse.of(grid, probabilities, WORKING)


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
    classes, confidence = label_pixels(on_grid(probabilities), size)
    chosen = np.take_along_axis(expected, classes[None].astype(int), 0)[0]
    assert np.allclose(chosen, expected.max(0), atol=1e-6)
    assert np.abs(confidence - expected.max(0) * 255).max() <= 0.51


@pytest.mark.parametrize("block_pixels", [1, 500, 3000])
def test_blocks_give_what_the_whole_gives(probabilities: torch.Tensor, block_pixels: int) -> None:
    whole = label_pixels(on_grid(probabilities), (120, 150))
    blocks = label_pixels(on_grid(probabilities), (120, 150), block_pixels)
    assert np.array_equal(blocks[0], whole[0])
    assert np.array_equal(blocks[1], whole[1])


def test_a_certain_label_has_confidence_255() -> None:
    probabilities = torch.zeros(3, 9, 13)
    probabilities[2] = 1
    classes, confidence = label_pixels(on_grid(probabilities), (50, 50))
    assert (classes == 2).all()
    assert (confidence == 255).all()


def test_labels_that_tie_go_to_the_lower_index() -> None:
    classes, _ = label_pixels(on_grid(torch.full((4, 9, 13), 0.25)), (20, 20))
    assert (classes == 0).all()


@pytest.mark.parametrize("size", [(130, 194), (65, 97), (33, 50)])
def test_centres_are_interpolated_as_pytorch_does(
    probabilities: torch.Tensor, size: tuple[int, int]
) -> None:
    expected = F.interpolate(probabilities[None], size, mode="bilinear", align_corners=False)[0]
    classes, confidence = label_pixels(on_grid(probabilities, "centres"), size)
    assert (classes == expected.argmax(0).numpy()).mean() > 0.9999
    assert np.abs(confidence - expected.amax(0).numpy() * 255).max() <= 0.51


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 1)])
def test_grids_of_a_single_row_or_column_decode(shape: tuple[int, int]) -> None:
    probabilities = torch.zeros(3, *shape)
    probabilities[1] = 1
    classes, _ = label_pixels(Coarse.of("centres", probabilities, (16, 16)), (20, 30))
    assert (classes == 1).all()


@pytest.mark.parametrize("sharpness", [0.1, 1, 10, 50])
def test_a_label_that_is_left_out_of_a_cell_wins_nowhere_in_it(sharpness: float) -> None:
    generator = torch.Generator().manual_seed(1)
    nodes = torch.randn(6, 8, 8, generator=generator).mul(sharpness).softmax(0)
    able = able_labels(nodes)
    share = torch.linspace(0, 1, 12)
    for y in range(7):
        for x in range(7):
            top = nodes[:, y, x, None] * (1 - share) + nodes[:, y, x + 1, None] * share
            down = nodes[:, y + 1, x, None] * (1 - share) + nodes[:, y + 1, x + 1, None] * share
            inside = top[:, None] * (1 - share[:, None]) + down[:, None] * share[:, None]
            winners = inside.argmax(0).unique()
            assert able[winners, y, x].all()
