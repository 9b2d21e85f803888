"""Masks drawn over thumbnails."""

import io

import numpy as np
import pytest
from PIL import Image

from maskwright.domain.labels import VOID, Label
from maskwright.services import thumbnails

RED = Label(1, "rose", "#ff0000")
BACKGROUND = Label(0, "background", "#000000")
WHITE = np.full((64, 64, 3), 255, np.uint8)


def drawn(classes: np.ndarray, labels: list[Label]) -> np.ndarray:
    data = thumbnails.draw(thumbnails.make(WHITE), classes, labels)
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_label_covers_55_percent() -> None:
    middle = drawn(np.full((64, 64), 1, np.uint8), [RED])[20:40, 20:40].mean((0, 1))
    np.testing.assert_allclose(middle, [255, 115, 115], atol=5)


@pytest.mark.parametrize("index", [VOID, 7])
def test_void_and_unknown_labels_are_not_drawn(index: int) -> None:
    assert drawn(np.full((64, 64), index, np.uint8), [RED]).min() > 250


def test_background_covers_less_than_objects() -> None:
    middle = drawn(np.zeros((64, 64), np.uint8), [BACKGROUND])[20:40, 20:40].mean()
    assert middle == pytest.approx(255 * 0.75, abs=5)


def test_object_has_an_outline() -> None:
    classes = np.full((64, 64), VOID, np.uint8)
    classes[16:48, 16:48] = 1
    shown = drawn(classes, [RED])
    assert shown[30, 16, 1] < shown[30, 30, 1] - 40


def test_big_mask_is_sampled_at_pixel_centres() -> None:
    classes = np.full((640, 640), VOID, np.uint8)
    classes[:, 320:] = 1
    shown = drawn(classes, [RED])
    assert (shown[:, :30, 1].min() > 230, shown[:, 36:, 1].max() < 150) == (True, True)


def test_one_pixel_wide_image_has_a_thumbnail() -> None:
    data = thumbnails.make(np.zeros((5000, 1, 3), np.uint8))
    assert Image.open(io.BytesIO(data)).size == (1, 320)
