"""Factories that write image files: ordinary, odd and damaged ones."""

import io
import struct
import zlib
from typing import Any

import cv2
import numpy as np
from PIL import Image, TiffImagePlugin

ORIENTATION = 0x0112


def pixels(height: int = 40, width: int = 64) -> np.ndarray:
    """A smooth picture in which every turn and mirror shows: (H, W, 3) uint8."""
    y, x = np.mgrid[0:height, 0:width]
    red = x * 255 // max(1, width - 1)
    green = y * 255 // max(1, height - 1)
    blue = np.where((x < width // 4) & (y < height // 4), 255, 30)
    return np.dstack([red, green, blue]).astype(np.uint8)


def picture(mode: str = "RGB", height: int = 40, width: int = 64) -> Image.Image:
    return Image.fromarray(pixels(height, width)).convert(mode)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(height: int = 40, width: int = 64) -> bytes:
    return encoded(picture("RGB", height, width))


def jpeg(height: int = 40, width: int = 64, **options: Any) -> bytes:
    return encoded(picture("RGB", height, width), "JPEG", **{"quality": 95, **options})


def with_orientation(orientation: int, kind: str, **options: Any) -> bytes:
    """The standard picture, stored so that `orientation` says how to turn it."""
    image = picture()
    if kind == "TIFF":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[ORIENTATION] = orientation
        return encoded(image, kind, tiffinfo=tags, **options)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return encoded(image, kind, exif=exif, **options)


def deep_grey(kind: str = ".png", low: int = 100, high: int = 4095) -> tuple[bytes, np.ndarray]:
    """A 12-bit ramp in a 16-bit file, and its values (H, W) uint16."""
    ramp = np.linspace(low, high, 40 * 64).reshape(40, 64).astype(np.uint16)
    return cv2.imencode(kind, ramp)[1].tobytes(), ramp


def deep_colour(kind: str = ".png", channels: int = 3) -> tuple[bytes, np.ndarray]:
    """A 12-bit colour ramp in a 16-bit file, and its values (H, W, C) uint16, RGB order."""
    values = (pixels().astype(np.uint16) + 1) * 15
    if channels == 4:
        alpha = np.full((40, 64, 1), 65535, np.uint16)
        alpha[:, :32] = 0
        values = np.dstack([values, alpha])
    order = [2, 1, 0, 3][:channels]
    return cv2.imencode(kind, values[..., order].copy())[1].tobytes(), values


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], loop=0)


def multi_page_tiff() -> bytes:
    return animated("TIFF")


def tiff_with_preview() -> bytes:
    """One full page, then a smaller copy that is marked as such."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[254] = 1
    small = picture().resize((16, 10))
    small.encoderinfo = {"tiffinfo": tags}
    return encoded(picture(), "TIFF", save_all=True, append_images=[small])


def phone_jpeg() -> bytes:
    """A JPEG with a second picture behind the first, as phones write depth maps."""
    return encoded(picture(), "MPO", save_all=True, append_images=[picture("L").resize((16, 10))])


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunk(data: bytes, name: bytes, body: bytes) -> bytes:
    """The PNG `data` with one more chunk behind its header."""
    header_end = 33
    return data[:header_end] + png_chunk(name, body) + data[header_end:]


def png_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A few bytes that claim billions of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100_000), 9)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", header),
            png_chunk(b"IDAT", data),
            png_chunk(b"IEND", b""),
        ]
    )
