"""The photographs of a data set: copied as they are wherever a format allows."""

import io

import numpy as np
from PIL import Image

JPEG_SUFFIXES = frozenset({".jpg", ".jpeg"})
PICTURE_SUFFIXES = JPEG_SUFFIXES | {".png", ".webp", ".tif", ".tiff", ".bmp"}


def to_jpeg(picture: bytes, quality: int) -> bytes:
    """Return an encoded picture of any kind as JPEG, upright as it is stored.

    Of pictures with 16 bits a channel the upper 8 are kept; what is transparent becomes white.
    """
    with Image.open(io.BytesIO(picture)) as image:
        eight_bit = _upper_bits(image) if image.mode.startswith("I") else image
        flat = eight_bit if eight_bit.mode in ("L", "RGB") else _flatten(eight_bit)
        out = io.BytesIO()
        flat.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _upper_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    return Image.fromarray((np.clip(values, 0, 0xFFFF) >> 8).astype(np.uint8))


def _flatten(image: Image.Image) -> Image.Image:
    rgba = image.convert("RGBA")
    white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, rgba).convert("RGB")
