import cv2
import numpy as np
from hypothesis import given
from hypothesis.extra import numpy as npst

from maskwright.formats.outlines import outlines
from maskwright.formats.rle import decode_segmentation

pixel_arrays = npst.arrays(
    np.bool_, npst.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=10)
)


def hole_count(pixels: np.ndarray) -> int:
    background = np.pad(~pixels, 1, constant_values=True).astype(np.uint8)
    return cv2.connectedComponents(background, connectivity=8)[0] - 2


@given(pixel_arrays)
def test_pycocotools_fills_outlines_with_the_pixels_they_were_drawn_around(pixels):
    found = outlines(pixels)
    if found:
        assert np.array_equal(decode_segmentation(found, *pixels.shape), pixels)


@given(pixel_arrays)
def test_only_pixels_around_a_hole_have_no_outline(pixels):
    assert (outlines(pixels) is None) == (hole_count(pixels) > 0)


@given(pixel_arrays)
def test_every_4_connected_part_has_an_outline_of_its_own(pixels):
    found = outlines(pixels)
    if found is not None:
        parts = cv2.connectedComponents(pixels.astype(np.uint8), connectivity=4)[0] - 1
        assert len(found) == parts


def test_an_outline_has_corners_only():
    assert outlines(np.ones((2, 3), np.bool_), x=10, y=20) == [[10, 20, 13, 20, 13, 22, 10, 22]]


def test_no_pixels_have_no_outline():
    assert outlines(np.zeros((2, 2), np.bool_)) == []
