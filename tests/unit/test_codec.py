"""The tile codec: any pixels in, the same pixels out; no bytes make it misbehave."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from maskwright.domain.codec import InvalidTiles, TileBundle, decode_tile, encode_tile, pack
from maskwright.domain.tiles import LAYERS, TILE, Grid, cut, join

CLASSES, INSTANCES = LAYERS["classes"], LAYERS["instances"]
LIMIT = 1 << 24


@st.composite
def blocky_tiles(draw: st.DrawFn, dtype: np.dtype) -> np.ndarray:
    """Tiles of rectangles and noise, as masks are, in every mixture."""
    top = int(np.iinfo(dtype).max)
    pixels = np.full((TILE, TILE), draw(st.integers(0, top)), dtype)
    for _ in range(draw(st.integers(0, 8))):
        y, x = draw(st.integers(0, 255)), draw(st.integers(0, 255))
        height, width = draw(st.integers(1, 256)), draw(st.integers(1, 256))
        pixels[y : y + height, x : x + width] = draw(st.integers(0, top))
    noisy = draw(st.sampled_from([0, 0, 3, 256]))
    if noisy:
        seed = draw(st.integers(0, 2**32 - 1))
        rng = np.random.default_rng(seed)
        pixels[:noisy] = rng.integers(0, top + 1, (noisy, TILE), dtype)
    return pixels


@given(blocky_tiles(CLASSES.dtype))
def test_any_class_tile_comes_back(tile):
    payload = encode_tile(tile, CLASSES)
    decoded, end = decode_tile(payload, 0, CLASSES)
    assert end == len(payload)
    assert np.array_equal(decoded, tile)


@given(blocky_tiles(INSTANCES.dtype))
def test_any_instance_tile_comes_back(tile):
    assert np.array_equal(decode_tile(encode_tile(tile, INSTANCES), 0, INSTANCES)[0], tile)


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 600), st.integers(1, 600)),
                  elements=st.sampled_from([0, 1, 255]), fill=st.just(255)))  # fmt: skip
def test_any_size_of_mask_is_cut_and_joined_exactly(mask):
    height, width = mask.shape
    assert np.array_equal(join(cut(mask, CLASSES), CLASSES, width, height), mask)


@given(blocky_tiles(CLASSES.dtype), blocky_tiles(INSTANCES.dtype))
def test_any_bundle_comes_back(classes, instances):
    bundle = TileBundle(
        700, 300, {"classes": {0: classes, 5: classes}, "instances": {2: instances}}
    )
    back = TileBundle.from_bytes(bundle.to_bytes(), LIMIT)
    assert (back.width, back.height) == (700, 300)
    assert sorted(back.tiles["classes"]) == [0, 5]
    assert np.array_equal(back.tiles["instances"][2], instances)


@given(st.binary(max_size=2000))
def test_any_bytes_as_payload_give_a_tile_or_an_error(data):
    try:
        tile, _ = decode_tile(b"\x01" + data, 0, CLASSES)
    except InvalidTiles:
        return
    assert tile.shape == (TILE, TILE)


@given(blocky_tiles(CLASSES.dtype), st.data())
def test_any_damage_of_a_bundle_is_noticed(tile, data):
    body = bytearray(TileBundle(256, 256, {"classes": {0: tile}}).to_bytes())
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    try:
        back = TileBundle.from_bytes(bytes(body), LIMIT)
    except InvalidTiles:
        return
    # A few bits of a zlib stream carry nothing; where they flip, the content must be intact.
    assert np.array_equal(back.tiles["classes"][0], tile)


def test_bomb_is_refused_before_it_is_inflated():
    with pytest.raises(InvalidTiles, match="more than 1000 bytes"):
        TileBundle.from_bytes(zlib.compress(bytes(10_000_000)), 1000)


def test_bundle_of_a_huge_grid_is_refused():
    import struct

    body = b"MWT1" + struct.pack("<IIB", 1 << 20, 1 << 20, 1) + struct.pack("<BI", 0, 0xFFFFFFFF)
    sent = zlib.compress(body + struct.pack("<I", zlib.crc32(body)))
    with pytest.raises(InvalidTiles, match="end too early"):
        TileBundle.from_bytes(sent, LIMIT)


def test_flat_mask_takes_less_than_a_hundredth_of_its_pixels():
    mask = np.full((1024, 2048), 255, np.uint8)
    mask[300:700, 200:1500] = 3
    bundle = TileBundle(2048, 1024, {"classes": dict(enumerate(cut(mask, CLASSES)))})
    assert len(bundle.to_bytes()) < mask.size / 100


def test_bundle_for_another_image_is_refused_before_its_tiles_are_decoded():
    sent = pack(Grid(51_200, 51_200), {"classes": dict.fromkeys(range(40_000), b"no tile")})
    with pytest.raises(InvalidTiles, match="The mask is 51200×51200, the image 300×200"):
        TileBundle.from_bytes(sent, LIMIT, Grid(300, 200))
