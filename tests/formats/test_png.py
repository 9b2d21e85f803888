import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from maskwright.formats.png import encode_gray16, encode_ids, encode_palette
from maskwright.formats.png_decode import decode_colors
from maskwright.formats.voc_labels import PALETTE

sizes = npst.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20)


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


@given(npst.arrays(np.uint8, sizes))
def test_pillow_reads_the_indices_of_a_palette_png(indices):
    image = opened(encode_palette(indices, PALETTE))
    assert image.mode == "P"
    assert np.array_equal(np.asarray(image), indices)


@given(npst.arrays(np.uint16, sizes))
def test_pillow_reads_the_values_of_a_16_bit_png(values):
    assert np.array_equal(np.asarray(opened(encode_gray16(values))), values)


@given(npst.arrays(np.int32, sizes, elements=st.integers(0, 0xFFFFFF)))
def test_ids_of_24_bits_come_back(ids):
    assert np.array_equal(decode_colors(encode_ids(ids), ids.size), ids)


def test_an_id_is_red_then_green_then_blue():
    image = opened(encode_ids(np.array([[1 + 2 * 256 + 3 * 65536]], np.int32)))
    assert image.getpixel((0, 0)) == (1, 2, 3)


def test_the_palette_is_the_one_given():
    image = opened(encode_palette(np.zeros((1, 1), np.uint8), PALETTE))
    assert bytes(image.getpalette() or []) == PALETTE
