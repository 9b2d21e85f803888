"""From the pixels of any file to 8-bit RGB, the one thing that models and screens are shown.

* alpha is composited over white (the file keeps its alpha; the mask covers every pixel);
* more than 8 bits per channel (16-bit, 32-bit, float) are windowed: the 0.1 to 99.9
  percentile range of the image becomes 0 to 255, so that 12-bit microscopy is not black.
"""

import cv2
import numpy as np
from PIL import Image

from maskwright.services.image_errors import UnsupportedImage

DEEP_MODES = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})
_STRIP = 256  # rows converted at once


def to_rgb(image: Image.Image) -> np.ndarray:
    """Pixels of any Pillow mode as (H, W, 3) uint8 RGB, alpha over white."""
    if image.mode in DEEP_MODES:
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


def deep_colour(data: bytes) -> np.ndarray:
    """(H, W, 3 or 4) uint16 of a 16-bit colour file, not turned."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim != 3 or pixels.dtype != np.uint16:
        raise UnsupportedImage(
            "This layout of 16-bit colour is not taken. Save it as 16-bit RGB PNG.", kind="16-bit"
        )
    order = [2, 1, 0, 3][: pixels.shape[2]]
    return pixels[..., order]


def turn(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply an EXIF orientation to (H, W, C)."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    # Which axes to mirror afterwards: rows for 3, 4, 7, 8 and columns for 2, 3, 6, 7.
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
