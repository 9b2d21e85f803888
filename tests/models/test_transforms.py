"""From a photograph to the network's input."""

import numpy as np
import pytest
import torch

from segnets.catalogue import PREPROCESSING
from segnets.transforms import Preprocessing, normalise, resize


@pytest.mark.parametrize(
    ("size", "working"),
    [
        ((480, 640), (385, 513)),
        ((640, 480), (513, 385)),
        ((513, 513), (513, 513)),
        ((1, 1), (513, 513)),
        ((1, 2000), (17, 513)),
        ((5773, 8660), (337, 513)),
    ],
)
def test_the_long_side_becomes_513_and_both_fit_the_strides(
    size: tuple[int, int], working: tuple[int, int]
) -> None:
    assert Preprocessing().working_size(*size) == working


@pytest.mark.parametrize(
    ("size", "working"),
    [
        ((480, 640), (520, 693)),  # 693.33: rounded down, as published
        ((640, 480), (693, 520)),
        ((1, 1), (520, 520)),
        ((100, 1000), (208, 2080)),
        ((1000, 100), (2080, 208)),
        ((1, 8000), (1, 2080)),
    ],
)
def test_the_short_side_becomes_520_unless_the_long_one_would_pass_its_bound(
    size: tuple[int, int], working: tuple[int, int]
) -> None:
    assert Preprocessing(**PREPROCESSING).working_size(*size) == working


def test_each_channel_has_its_own_mean_and_deviation() -> None:
    image = torch.tensor([124, 116, 0], dtype=torch.uint8)[:, None, None]
    expected = [(124 / 255 - 0.485) / 0.229, (116 / 255 - 0.456) / 0.224, -0.406 / 0.225]
    found = Preprocessing(**PREPROCESSING).normalise(image)
    assert found.flatten().tolist() == pytest.approx(expected, abs=1e-6)


def test_shrinking_averages_instead_of_picking() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    small = resize(torch.from_numpy(stripes), 9, 9)
    assert small.shape == (3, 9, 9)
    assert (small.float() - 100).abs().max() < 15


def test_values_are_what_efficientnet_lite_was_trained_on() -> None:
    assert normalise(torch.tensor([0, 127, 255])).tolist() == [-127 / 128, 0.0, 1.0]
