import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from formats.samples import LABELS, masks
from maskwright.formats.objects import find_segments
from maskwright.formats.rle import decode_runs, decode_segmentation, encode_segments


def theirs(pixels: np.ndarray) -> str:
    return coco_mask.encode(np.asfortranarray(pixels.astype(np.uint8)))["counts"].decode()


@given(masks())
def test_every_segment_is_encoded_as_pycocotools_does(pixels):
    found = find_segments(pixels, LABELS)
    ours = encode_segments(found.ids, len(found.items))
    assert ours == [theirs(found.ids == item.id) for item in found.items]


@given(st.integers(1, 70_000), st.integers(1, 3), st.data())
def test_long_runs_are_encoded_as_pycocotools_does(height, width, data):
    ids = np.zeros((height, width), np.uint16)
    for _ in range(data.draw(st.integers(0, 5))):
        start = data.draw(st.integers(0, height - 1))
        ids[start : start + data.draw(st.integers(1, height)), -1] = data.draw(st.integers(0, 2))
    assert encode_segments(ids, 2) == [theirs(ids == 1), theirs(ids == 2)]


def test_a_segment_without_pixels_is_all_zeros():
    assert encode_segments(np.zeros((3, 5), np.uint16), 1) == [theirs(np.zeros((3, 5)))]


def test_an_id_beyond_sixteen_bits_is_encoded():
    ids = np.array([[0, 70_000]], np.int32)
    assert encode_segments(ids, 70_000)[-1] == theirs(ids == 70_000)


def test_counts_that_are_numbers_are_read():
    pixels = decode_segmentation({"size": [2, 2], "counts": [1, 2, 1]}, 2, 2)
    assert pixels.tolist() == [[False, True], [True, False]]


def test_an_rle_of_another_size_than_its_image_is_refused():
    with pytest.raises(ValueError, match="size"):
        decode_segmentation({"size": [2, 2], "counts": "04"}, 3, 3)


@given(masks())
def test_runs_are_decoded_as_pycocotools_does(pixels):
    found = find_segments(pixels, LABELS)
    counts = [theirs(found.ids == item.id) for item in found.items]
    starts, ends, of = decode_runs(counts, found.ids.size)
    flat = np.zeros(found.ids.size, np.uint16)
    for start, end, segment in zip(starts, ends, of, strict=True):
        flat[start:end] = segment + 1
    assert np.array_equal(flat.reshape(found.ids.T.shape).T, found.ids)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), max_size=8))
def test_long_runs_are_decoded(pairs):
    bounds = np.cumsum([length for pair in pairs for length in pair])
    flat = np.zeros(int(bounds[-1]) if pairs else 5, np.uint8)
    for start, end in zip(bounds[0::2], bounds[1::2], strict=True):
        flat[start:end] = 1
    starts, ends, _ = decode_runs([theirs(flat[:, None])], flat.size)
    changes = np.flatnonzero(np.diff(flat, prepend=0, append=0))
    assert np.array_equal(np.stack((starts, ends), axis=1).ravel(), changes)


@pytest.mark.parametrize("counts", ["", "5", "P", "04P", "é", "0O", "o" * 20 + "0", "?4"])
def test_counts_that_make_no_sense_are_refused(counts):
    with pytest.raises(ValueError):
        decode_runs(["04", counts], 4)
