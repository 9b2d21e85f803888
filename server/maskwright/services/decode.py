"""From the bytes of an image file to upright pixels, and nothing bigger than allowed.

The size is read from the header and checked before any pixel is decoded, so a
decompression bomb costs nothing. An EXIF orientation is applied once, here.
"""

import io
import struct
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError

from maskwright.services.encode import encode, encode_deep
from maskwright.services.image_errors import (
    AnimatedImage,
    BrokenImage,
    FileTooLarge,
    MultiPageImage,
    TooManyPixels,
    UnsupportedImage,
)
from maskwright.services.rgb import DEEP_MODES, deep_colour, to_rgb, turn, window
from maskwright.services.sniff import (
    BMP,
    JPEG,
    PNG,
    TIFF,
    ImageKind,
    check_name,
    is_animated_gif,
    sniff,
)

# Our own limit replaces Pillow's, which warns first and refuses only at twice its value.
Image.MAX_IMAGE_PIXELS = None
MAX_SIDE = 65535  # pixels; JPEG's limit, and what tools downstream can count on

# What Pillow's parsers raise on damaged input, besides OSError for what they foresaw.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    ZeroDivisionError,
    struct.error,
    zlib.error,
    cv2.error,
)
_BITS_PER_SAMPLE, _SUBFILE_TYPE, _REDUCED = 258, 254, 1


@dataclass(frozen=True)
class Limits:
    """How much one uploaded image may be."""

    max_bytes: int
    max_pixels: int


@dataclass(frozen=True)
class Inspected:
    """What the header tells: kind, upright size in pixels, EXIF orientation (1 to 8)."""

    kind: ImageKind
    width: int
    height: int
    orientation: int
    bits: int  # per channel

    @property
    def browser_ready(self) -> bool:
        """A browser shows these bytes as they are, with every grey level that matters."""
        return self.kind not in (TIFF, BMP) and self.bits <= 8


@dataclass(frozen=True, eq=False)
class UprightImage:
    """An accepted image: the bytes to keep and its pixels, rgb (H, W, 3) uint8."""

    info: Inspected
    data: bytes
    rgb: np.ndarray


def inspect(data: bytes, limits: Limits, name: str = "") -> Inspected:
    """Read the header of `data` and refuse what is not one still image within `limits`.

    Decodes no pixels. Raises a subclass of `ImageRefused`.
    """
    if len(data) > limits.max_bytes:
        raise FileTooLarge.of(len(data), limits.max_bytes)
    if is_animated_gif(data):
        raise _animated("GIF")
    kind = sniff(data)
    check_name(name, kind)
    try:
        with _open(data, kind) as image:
            info = _inspect_header(data, kind, image)
            _check_size(info, limits)
            _check_still(kind, image)
    except _DAMAGE as error:
        raise _broken(kind, error) from error
    return info


def accept(data: bytes, limits: Limits, name: str = "") -> UprightImage:
    """Check `data` down to its last pixel and turn it upright.

    An image that is upright already keeps its very bytes. Another is stored anew without
    its orientation: JPEG at quality 95 without chroma subsampling, the rest losslessly.
    """
    info = inspect(data, limits, name)
    try:
        rgb, stored = _decode_upright(data, info)
    except _DAMAGE as error:
        raise _broken(info.kind, error) from error
    return UprightImage(info, data if stored is None else stored, rgb)


def decode(data: bytes) -> np.ndarray:
    """Upright pixels of a stored image file: (H, W, 3) uint8 RGB."""
    return accept(data, Limits(max_bytes=len(data), max_pixels=MAX_SIDE**2)).rgb


def _open(data: bytes, kind: ImageKind) -> ImageFile.ImageFile:
    try:
        return Image.open(io.BytesIO(data), formats=[kind.name])
    except UnidentifiedImageError as error:
        raise _broken(kind, error) from error


def _inspect_header(data: bytes, kind: ImageKind, image: ImageFile.ImageFile) -> Inspected:
    width, height = image.size
    orientation = _orientation(image)
    # Pillow swaps the sides of a lying TIFF itself, and only of a TIFF.
    if orientation >= 5 and kind is not TIFF:
        width, height = height, width
    return Inspected(kind, width, height, orientation, _bits(data, kind, image))


def _orientation(image: ImageFile.ImageFile) -> int:
    try:
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            value = image.tag_v2.get(ExifTags.Base.Orientation, 1)
        else:
            value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _DAMAGE:  # damaged metadata does not spoil the picture
        return 1
    return value if value in range(2, 9) else 1


def _bits(data: bytes, kind: ImageKind, image: ImageFile.ImageFile) -> int:
    """Bits per channel as the file has them: Pillow reads 16-bit colour as 8."""
    if kind is PNG:
        return data[24]  # IHDR: 8 signature, 8 chunk head, 8 size, then the depth
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return max(image.tag_v2.get(_BITS_PER_SAMPLE, (1,)))
    return 8


def _check_size(info: Inspected, limits: Limits) -> None:
    width, height = info.width, info.height
    if width < 1 or height < 1:
        raise BrokenImage(f"The image is {width} × {height} pixels. Export it again.")
    if max(width, height) > MAX_SIDE:
        raise TooManyPixels(
            f"The image is {width} × {height} pixels; a side may have {MAX_SIDE}. "
            "Cut it into parts and upload those.",
            limit=MAX_SIDE,
        )
    if width * height > limits.max_pixels:
        raise TooManyPixels(
            f"The image is {width} × {height} = {width * height / 1e6:.1f} megapixels, "
            f"the limit is {limits.max_pixels / 1e6:.1f}. Make it smaller or cut it into "
            "parts, or raise MASKWRIGHT_MAX_PIXELS.",
            limit=limits.max_pixels,
        )


def _check_still(kind: ImageKind, image: ImageFile.ImageFile) -> None:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        _check_single_page(image)
    # A JPEG with several frames (MPO) is a photograph that carries a preview or a depth map.
    elif kind is not JPEG and getattr(image, "is_animated", False):
        raise _animated(kind.name)


def _check_single_page(image: TiffImagePlugin.TiffImageFile) -> None:
    """A TIFF may carry smaller copies of its one page, but no second page."""
    if image.tag_v2.get(_SUBFILE_TYPE, 0) & _REDUCED:
        raise UnsupportedImage(
            "The first page of this TIFF is only a preview, as in camera raw files. "
            "Develop it, then save it as TIFF, PNG or JPEG.",
            kind="raw",
        )
    page = 1
    while True:
        try:
            image.seek(page)
        except EOFError:
            image.seek(0)
            return
        if not image.tag_v2.get(_SUBFILE_TYPE, 0) & _REDUCED:
            raise MultiPageImage(
                "This TIFF has several pages. Export its pages as single files and upload those."
            )
        page += 1


def _decode_upright(data: bytes, info: Inspected) -> tuple[np.ndarray, bytes | None]:
    """rgb (H, W, 3) uint8, and the bytes to store if not `data`."""
    with _open(data, info.kind) as image:
        image.load()
        if info.bits == 16 and image.mode not in DEEP_MODES:
            channels = turn(deep_colour(data), info.orientation)
            turned = info.orientation != 1
            return window(channels), encode_deep(channels, info.kind) if turned else None
        if info.orientation == 1:  # turning would copy it
            return to_rgb(image), None
        upright = ImageOps.exif_transpose(image)
        return to_rgb(upright), encode(upright, info.kind)


def _animated(kind: str) -> AnimatedImage:
    return AnimatedImage(
        f"This {kind} is animated. Export the frames as PNG or JPEG and upload those."
    )


def _broken(kind: ImageKind, error: Exception) -> BrokenImage:
    layout = " (or has a layout that is not taken; 8- and 16-bit grey or RGB are)"
    return BrokenImage(
        f"The {kind.name} is damaged or cut short{layout if kind is TIFF else ''}. "
        "Copy, download or export it again.",
        reason=str(error)[:200],
    )
