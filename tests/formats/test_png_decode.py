"""Masks as PNG: ours by the fast way, others' by Pillow, damaged and absurd ones refused."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from maskwright.formats.base import FormatError
from maskwright.formats.png import (
    encode_gray,
    encode_gray16,
    encode_palette,
    encode_rgb,
    encode_rgba,
    recolor,
)
from maskwright.formats.png_decode import decode_colors, decode_indices, decode_rgba
from maskwright.formats.voc_labels import PALETTE

MANY = 1 << 20
sizes = npst.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20)
grays = npst.arrays(np.uint8, sizes)
SMALL = np.arange(12, dtype=np.uint8).reshape(3, 4)


def by_pillow(values: np.ndarray, **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(values).save(out, "PNG", **options)
    return out.getvalue()


@given(grays)
def test_our_values_come_back(values):
    for png in (encode_gray(values), encode_palette(values, PALETTE), by_pillow(values)):
        assert np.array_equal(decode_indices(png, MANY), values)


@given(npst.arrays(np.uint16, sizes))
def test_our_16_bit_values_come_back(values):
    for png in (encode_gray16(values), by_pillow(values)):
        assert np.array_equal(decode_indices(png, MANY), values)


@given(npst.arrays(np.uint32, sizes))
def test_four_channels_come_back(values):
    expected = values.view(np.uint8).reshape(*values.shape, 4)
    for png in (encode_rgba(values), by_pillow(expected)):
        assert np.array_equal(decode_rgba(png, MANY), expected)


@given(npst.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_colors_come_back(pixels):
    expected = pixels.astype(np.int32) @ (1, 256, 65536)
    for png in (encode_rgb(pixels), by_pillow(pixels)):
        assert decode_indices(png, MANY) is None
        assert np.array_equal(decode_colors(png, MANY), expected)


@given(grays)
def test_a_recolored_png_is_the_same_values_with_a_palette(values):
    png = recolor(encode_gray(values), PALETTE)
    image = Image.open(io.BytesIO(png))
    assert image.mode == "P"
    assert np.array_equal(np.asarray(image), values)
    assert np.array_equal(decode_indices(png, MANY), values)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_palettes_of_few_bits_are_read(bits):
    image = Image.fromarray(SMALL % 2**bits)
    image.putpalette(PALETTE)
    out = io.BytesIO()
    image.save(out, "PNG", bits=bits)
    assert np.array_equal(decode_indices(out.getvalue(), MANY), SMALL % 2**bits)


@pytest.mark.parametrize("at", [20, 40, -20, -3])
def test_a_damaged_png_is_refused_or_read_as_pillow_does(at):
    png = bytearray(encode_gray(SMALL))
    png[at] ^= 0xFF
    try:
        expected = np.asarray(Image.open(io.BytesIO(bytes(png))))
    except Exception:
        with pytest.raises(FormatError):
            decode_indices(bytes(png), MANY)
    else:
        assert np.array_equal(decode_indices(bytes(png), MANY), expected)


@pytest.mark.parametrize("cut", [0, 8, 30, 45])
def test_a_cut_png_is_refused(cut):
    with pytest.raises(FormatError):
        decode_indices(encode_gray(SMALL)[:cut], MANY)


def test_no_pixel_of_a_bomb_is_inflated():
    png = bytearray(encode_gray(SMALL))
    png[16:24] = (60_000).to_bytes(4) * 2
    with pytest.raises(FormatError, match="60000 × 60000 pixels; at most 1,048,576"):
        decode_indices(bytes(png), MANY)
