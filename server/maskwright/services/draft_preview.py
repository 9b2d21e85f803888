"""What a model sees in an image, small and in its own labels; nothing of it is kept."""

import io

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from maskwright.formats.voc_labels import PALETTE
from maskwright.services.decode import decode
from maskwright.services.drafting import Drafter

LONG_SIDE = 512
"""Pixels: what models work at, so a preview costs no more than a draft."""


def png(drafter: Drafter, model: str, data: bytes) -> bytes:
    """Draft the image file `data`, and return the model's indices as a PNG in VOC's colors.

    Raises Busy, ModelUnavailable.
    """
    made = drafter.draft(model, lambda: _small(decode(data)))
    picture = Image.fromarray(made.classes)
    picture.putpalette(PALETTE)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _small(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Shrink (H, W, 3) so that its long side is at most LONG_SIDE."""
    height, width = image.shape[:2]
    scale = LONG_SIDE / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
