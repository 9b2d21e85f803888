"""Reading image files: kinds, depths, alpha, orientation, damage."""

import contextlib
import hashlib
import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

import fixtures_images as make
from maskwright.services import image_errors as errors
from maskwright.services.decode import Limits, accept, decode, inspect

LIMITS = Limits(max_bytes=10_000_000, max_pixels=1_000_000)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_lossless_kinds_give_their_very_pixels(kind: str, options: dict[str, object]) -> None:
    data = make.encoded(make.picture(), kind, **options)
    np.testing.assert_array_equal(accept(data, LIMITS).rgb, make.pixels())


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 2}])
def test_jpeg_gives_nearly_its_pixels(options: dict[str, object]) -> None:
    rgb = accept(make.jpeg(**options), LIMITS).rgb
    assert np.abs(rgb.astype(int) - make.pixels()).mean() < 3


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "PA", "RGBA"])
def test_png_of_any_mode_becomes_rgb(mode: str) -> None:
    image = make.picture("RGBA" if mode == "PA" else mode)
    rgb = accept(make.encoded(image), LIMITS).rgb
    np.testing.assert_array_equal(rgb, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(kind: str) -> None:
    data = make.encoded(make.picture("CMYK"), kind)
    assert np.abs(accept(data, LIMITS).rgb.astype(int) - make.pixels()).mean() < 6


def test_grey_jpeg_becomes_rgb() -> None:
    rgb = accept(make.encoded(make.picture("L"), "JPEG"), LIMITS).rgb
    assert rgb.shape == (40, 64, 3)


def test_alpha_is_composited_over_white() -> None:
    image = make.picture("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    assert (accept(make.encoded(image), LIMITS).rgb == 255).all()


def test_transparent_palette_entry_is_white() -> None:
    image = Image.new("P", (8, 8), 3)
    image.putpalette([0, 0, 0] * 256)
    assert (accept(make.encoded(image, transparency=3), LIMITS).rgb == 255).all()


@pytest.mark.parametrize("kind", [".png", ".tiff"])
def test_deep_grey_is_windowed_to_the_full_range(kind: str) -> None:
    data, ramp = make.deep_grey(kind)
    rgb = accept(data, LIMITS).rgb
    expected = np.clip((ramp - 104.0) * 255 / (4090.0 - 104), 0, 255)
    assert np.abs(rgb[..., 0] - expected).max() <= 1


@pytest.mark.parametrize("kind", [".png", ".tiff"])
def test_deep_colour_keeps_its_hues_in_one_window(kind: str) -> None:
    data, values = make.deep_colour(kind)
    rgb = accept(data, LIMITS).rgb.astype(float)
    low, high = np.percentile(values, (0.1, 99.9))
    expected = np.clip((values - low) * 255 / (high - low), 0, 255)
    assert np.abs(rgb - expected).max() <= 1


def test_deep_alpha_is_composited_over_white() -> None:
    data, _ = make.deep_colour(channels=4)
    assert (accept(data, LIMITS).rgb[:, :32] == 255).all()


def test_deep_grey_with_alpha_becomes_rgb() -> None:
    rgba = np.zeros((8, 8, 4), np.uint16)
    rgba[..., 3] = 65535
    assert accept(cv2.imencode(".png", rgba)[1].tobytes(), LIMITS).rgb.shape == (8, 8, 3)


def test_float_tiff_with_holes_is_windowed() -> None:
    values = np.linspace(-1, 1, 40 * 64).reshape(40, 64).astype(np.float32)
    values[0, 0] = np.nan
    rgb = accept(make.encoded(Image.fromarray(values), "TIFF"), LIMITS).rgb
    assert (rgb[0, 0, 0], rgb[-1, -1, 0]) == (0, 255)


def test_flat_deep_image_does_not_divide_by_zero() -> None:
    flat = Image.fromarray(np.full((8, 8), 700, np.uint16))
    assert (accept(make.encoded(flat), LIMITS).rgb == 0).all()


def test_upright_file_keeps_its_bytes() -> None:
    data = make.jpeg()
    assert accept(data, LIMITS).data is data


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_orientation_is_applied_once_and_exactly(kind: str, orientation: int) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    data = make.with_orientation(orientation, kind, **options)
    upright = accept(data, LIMITS)
    expected = turned(make.pixels(), orientation)
    np.testing.assert_array_equal(upright.rgb, expected)
    np.testing.assert_array_equal(decode(upright.data), expected)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_turned_jpeg_stays_within_a_recoding(orientation: int) -> None:
    data = make.with_orientation(orientation, "JPEG", quality=95)
    upright = accept(data, LIMITS)
    np.testing.assert_array_equal(
        upright.rgb, np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    )
    assert np.abs(decode(upright.data).astype(int) - upright.rgb).mean() < 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_inspected_size_is_the_upright_size(orientation: int) -> None:
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        info = inspect(make.with_orientation(orientation, kind), LIMITS)
        assert (info.width, info.height) == ((64, 40) if orientation < 5 else (40, 64))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_no_orientation_is_left_in_the_stored_file(kind: str) -> None:
    stored = accept(make.with_orientation(6, kind), LIMITS).data
    assert inspect(stored, LIMITS).orientation == 1


@pytest.mark.parametrize("channels", [3, 4])
def test_turned_deep_colour_keeps_sixteen_bits(channels: int) -> None:
    image = make.deep_colour(channels=channels)
    exif = Image.Exif()
    exif[make.ORIENTATION] = 6
    body = exif.tobytes().removeprefix(b"Exif\0\0")
    data = make.with_chunk(image[0], b"eXIf", body)
    stored = cv2.imdecode(np.frombuffer(accept(data, LIMITS).data, np.uint8), cv2.IMREAD_UNCHANGED)
    order = [2, 1, 0, 3][:channels]
    np.testing.assert_array_equal(stored[..., order], turned(image[1], 6))


def test_turned_jpeg_keeps_its_colour_profile_and_camera() -> None:
    exif = Image.Exif()
    exif[make.ORIENTATION], exif[0x010F] = 8, "Camera"
    data = make.jpeg(exif=exif, icc_profile=b"profile")
    stored = Image.open(io.BytesIO(accept(data, LIMITS).data))
    assert (stored.info["icc_profile"], stored.getexif()[0x010F]) == (b"profile", "Camera")


def test_turned_jpeg_is_not_subsampled() -> None:
    stored = Image.open(io.BytesIO(accept(make.with_orientation(3, "JPEG"), LIMITS).data))
    assert {layer[1:3] for layer in stored.layer} == {(1, 1)}


def test_nonsense_orientation_is_upright() -> None:
    data = make.with_orientation(77, "JPEG")
    assert accept(data, LIMITS).data is data


def test_phone_jpeg_with_a_second_picture_is_one_image() -> None:
    assert accept(make.phone_jpeg(), LIMITS, "a.jpg").rgb.shape == (40, 64, 3)


def test_tiff_with_a_smaller_copy_is_one_image() -> None:
    np.testing.assert_array_equal(accept(make.tiff_with_preview(), LIMITS).rgb, make.pixels())


@pytest.mark.parametrize(
    ("error", "data", "name"),
    [
        (errors.EmptyFile, b"", "a.png"),
        (errors.NotAnImage, b"hello, world", "a.png"),
        (errors.NotAnImage, bytes(4096), "a.jpg"),
        (errors.NotAnImage, b"RIFF\0\0\0\0WAVEfmt ", "a.webp"),
        (errors.BrokenImage, make.png()[:110], "a.png"),
        (errors.BrokenImage, make.jpeg()[:600], "a.jpg"),
        (errors.BrokenImage, make.encoded(make.picture(), "WEBP")[:-20], "a.webp"),
        (errors.BrokenImage, make.encoded(make.picture(), "TIFF")[:-200], "a.tif"),
        (errors.BrokenImage, make.encoded(make.picture(), "BMP")[:-200], "a.bmp"),
        (errors.BrokenImage, b"\xff\xd8\xff\xe0", "a.jpg"),
        (errors.BrokenImage, b"\x89PNG\r\n\x1a\n", "a.png"),
        (errors.BrokenImage, make.png_bomb(0, 7), "a.png"),
        (errors.MislabelledImage, make.jpeg(), "a.png"),
        (errors.MislabelledImage, make.png(), "a.JPG"),
        (errors.AnimatedImage, make.animated("PNG"), "a.png"),
        (errors.AnimatedImage, make.animated("WEBP"), "a.webp"),
        (errors.MultiPageImage, make.multi_page_tiff(), "a.tif"),
        (errors.AnimatedImage, make.animated("GIF"), "a.gif"),
        (errors.UnsupportedImage, make.encoded(make.picture("P"), "GIF"), "a.gif"),
        (errors.UnsupportedImage, make.encoded(make.picture("LAB"), "TIFF"), "a.tif"),
        (errors.UnsupportedImage, b"\0\0\0\x18ftypheic\0\0\0\0", "a.heic"),
        (errors.UnsupportedImage, b"\0\0\0\x18ftypmp42\0\0\0\0", "a.mp4"),
        (errors.UnsupportedImage, b'<?xml version="1.0"?>\n<svg xmlns="', "a.svg"),
        (errors.UnsupportedImage, b"%PDF-1.7", "a.pdf"),
        (errors.UnsupportedImage, b"\n<!DOCTYPE html><html>", "a.jpg"),
        (errors.UnsupportedImage, b"PK\x03\x04", "a.zip"),
        (errors.TooManyPixels, make.png_bomb(), "a.png"),
        (errors.TooManyPixels, make.png_bomb(70_000, 1), "a.png"),
        (errors.TooManyPixels, make.png(1001, 1000), "a.png"),
        (errors.FileTooLarge, bytes(LIMITS.max_bytes + 1), "a.png"),
    ],
)
def test_refused_file_has_its_own_error(
    error: type[errors.ImageRefused], data: bytes, name: str
) -> None:
    with pytest.raises(errors.ImageRefused) as caught:
        accept(data, LIMITS, name)
    assert type(caught.value) is error


@pytest.mark.parametrize("name", ["photo", "frame.0001", "a.jpeg", "A.JPG", "", "x.y.jfif"])
def test_name_that_promises_nothing_else_is_fine(name: str) -> None:
    assert inspect(make.jpeg(), LIMITS, name).kind.name == "JPEG"


def test_bomb_is_refused_from_its_header() -> None:
    with pytest.raises(errors.TooManyPixels, match=r"3600\.0 megapixels"):
        inspect(make.png_bomb(), LIMITS)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_file_is_read_or_refused_and_never_crashes(kind: str, data: st.DataObject) -> None:
    good = bytearray(make.encoded(make.picture(), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(good[: data.draw(st.integers(1, len(good)))])
    with contextlib.suppress(errors.ImageRefused):
        assert accept(damaged, LIMITS).rgb.dtype == np.uint8


def test_decoding_is_the_same_every_time() -> None:
    data = make.jpeg()
    assert hashlib.sha256(decode(data)).digest() == hashlib.sha256(decode(data)).digest()


def turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """The EXIF table, written independently of the code under test."""
    return {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a.swapaxes(0, 1), 2),
        8: np.rot90,
    }[orientation](pixels)
