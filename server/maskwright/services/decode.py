"""From the bytes of an image file to upright pixels, and nothing bigger than allowed.

The size is read from the header and checked before any pixel is decoded, so a
decompression bomb costs nothing. What the product sees is 8-bit RGB:

* alpha is composited over white (the file keeps its alpha; the mask covers every pixel);
* more than 8 bits per channel (16-bit, 32-bit, float) are windowed: the 0.1 to 99.9
  percentile range of the image becomes 0 to 255, so that 12-bit microscopy is not black;
* an EXIF orientation is applied once, here.
"""

import io
import struct
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError

from maskwright.services.image_errors import (
    AnimatedImage,
    BrokenImage,
    FileTooLarge,
    MultiPageImage,
    TooManyPixels,
    UnsupportedImage,
)
from maskwright.services.sniff import (
    BMP,
    JPEG,
    PNG,
    TIFF,
    WEBP,
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
_STRIP = 256  # rows converted at once
_BITS_PER_SAMPLE, _SUBFILE_TYPE, _REDUCED = 258, 254, 1
_DEEP_MODES = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})


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
        if info.bits == 16 and image.mode not in _DEEP_MODES:
            channels = _turn(_deep_colour(data), info.orientation)
            turned = info.orientation != 1
            return window(channels), _encode_deep(channels, info.kind) if turned else None
        if info.orientation == 1:  # turning would copy it
            return to_rgb(image), None
        upright = ImageOps.exif_transpose(image)
        return to_rgb(upright), _encode(upright, info.kind)


def to_rgb(image: Image.Image) -> np.ndarray:
    """Pixels of any Pillow mode as (H, W, 3) uint8 RGB, alpha over white."""
    if image.mode in _DEEP_MODES:
        return window(np.asarray(image)[..., None])
    if image.mode in ("LAB", "HSV"):
        raise UnsupportedImage(
            f"Images in {image.mode} colour are not taken. Save it as RGB and upload that.",
            kind=image.mode,
        )
    rgb = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, _STRIP):  # whole copies of a big image would add up
        box = (0, top, image.width, min(image.height, top + _STRIP))
        rgb[top : box[3]] = _strip_to_rgb(image.crop(box))
    return rgb


def _strip_to_rgb(image: Image.Image) -> np.ndarray:
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def window(channels: np.ndarray) -> np.ndarray:
    """(H, W, 1, 3 or 4) of any number type → (H, W, 3) uint8, the 0.1–99.9 percentile as 0–255.

    A fourth channel is alpha, over white. All channels share one window, so hues stay.
    """
    colour = channels[..., :3]
    flat = colour.ravel()
    sample = flat[:: max(1, flat.size // 1_000_000)].astype(np.float64)
    sample = sample[np.isfinite(sample)]
    low, high = np.percentile(sample, (0.1, 99.9)) if sample.size else (0.0, 1.0)
    if high <= low:  # nearly one value: show whatever differs
        low, high = (sample.min(), sample.max()) if sample.size else (0.0, 1.0)
    scale = 255.0 / (high - low) if high > low else 0.0
    rgb = np.empty((*channels.shape[:2], 3), np.uint8)
    for row in range(0, len(rgb), _STRIP):  # strips keep the float copy small
        strip = colour[row : row + _STRIP].astype(np.float64)
        strip = np.nan_to_num(strip, nan=low, posinf=high, neginf=low)
        scaled = np.clip((strip - low) * scale, 0, 255)
        if channels.shape[2] == 4:
            alpha = channels[row : row + _STRIP, :, 3:] / np.iinfo(channels.dtype).max
            scaled = scaled * alpha + 255.0 * (1 - alpha)
        rgb[row : row + _STRIP] = np.rint(scaled)
    return rgb


def _deep_colour(data: bytes) -> np.ndarray:
    """(H, W, 3 or 4) uint16 of a 16-bit colour file, not turned."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim != 3 or pixels.dtype != np.uint16:
        raise UnsupportedImage(
            "This layout of 16-bit colour is not taken. Save it as 16-bit RGB PNG.", kind="16-bit"
        )
    order = [2, 1, 0, 3][: pixels.shape[2]]
    return pixels[..., order]


def _turn(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply an EXIF orientation to (H, W, C)."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    # Which axes to mirror afterwards: rows for 3, 4, 7, 8 and columns for 2, 3, 6, 7.
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def _encode(image: Image.Image, kind: ImageKind) -> bytes:
    """The upright image as a file of its own kind, with its colour profile."""
    options: dict[str, dict[str, object]] = {
        JPEG.name: {"quality": 95, "subsampling": 0},
        PNG.name: {},
        WEBP.name: {"lossless": True, "exact": True},
        TIFF.name: {"compression": "tiff_adobe_deflate"},
        BMP.name: {},
    }
    out = io.BytesIO()
    exif = image.getexif()
    metadata = {"exif": exif} if exif and kind is not TIFF else {}
    profile = image.info.get("icc_profile")
    image.save(out, kind.name, icc_profile=profile, **metadata, **options[kind.name])
    return out.getvalue()


def _encode_deep(channels: np.ndarray, kind: ImageKind) -> bytes:
    order = [2, 1, 0, 3][: channels.shape[2]]
    done, encoded = cv2.imencode(kind.suffixes[0], np.ascontiguousarray(channels[..., order]))
    if not done:
        raise BrokenImage("The image could not be turned upright. Save it upright.")
    return encoded.tobytes()


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
