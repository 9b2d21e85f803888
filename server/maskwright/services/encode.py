"""Upright pixels back into a file of the kind they came from."""

import io

import cv2
import numpy as np
from PIL import Image

from maskwright.services.image_errors import BrokenImage
from maskwright.services.sniff import BMP, JPEG, PNG, TIFF, WEBP, ImageKind


def encode(image: Image.Image, kind: ImageKind) -> bytes:
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


def encode_deep(channels: np.ndarray, kind: ImageKind) -> bytes:
    order = [2, 1, 0, 3][: channels.shape[2]]
    done, encoded = cv2.imencode(kind.suffixes[0], np.ascontiguousarray(channels[..., order]))
    if not done:
        raise BrokenImage("The image could not be turned upright. Save it upright.")
    return encoded.tobytes()
