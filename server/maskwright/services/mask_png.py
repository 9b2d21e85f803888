"""Whole masks as PNG: what every other tool reads and writes."""

import io
import threading

import numpy as np
from PIL import Image
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.domain.labels import palette
from maskwright.domain.mask import Mask
from maskwright.domain.tiles import LayerName, Pixels
from maskwright.errors import InvalidMaskUpload
from maskwright.services import masks
from maskwright.services.labels import to_label
from maskwright.tables import ImageRow, ProjectRow, RevisionRow

_TURN = threading.BoundedSemaphore(3)
"""Held while a whole mask lies in memory: one of 100 megapixels, with its picture and its
tiles, takes 300 MB."""


def read(
    session: Session, image: ImageRow, revision: RevisionRow | None, layer: LayerName
) -> bytes:
    """Return one layer of a revision as PNG; None is revision 0."""
    with _TURN:
        loaded = masks.load_revision(session, image, revision, [layer])
        project = session.get_one(ProjectRow, image.project_id)
        return to_png(loaded.layers[layer], layer, project)


def save(
    db: Database,
    image_id: int,
    png: bytes,
    size: tuple[int, int],
    base: int | None,
    actor: Actor,
    ref: str = "head",
    idempotency_key: str | None = None,
) -> RevisionRow:
    """Commit the mask in a PNG of `size` (width, height); see `masks.save_mask`."""
    with _TURN:
        mask = from_png(png, *size)
        return masks.save_mask(db, image_id, mask, base, actor, ref, idempotency_key)


def to_png(pixels: Pixels, layer: LayerName, project: ProjectRow) -> bytes:
    """Return a layer as PNG: classes indexed with the project's colors, others gray."""
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    if layer == "classes":
        picture.putpalette(palette(to_label(row) for row in project.labels))
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4)
    return out.getvalue()


def from_png(data: bytes, width: int, height: int) -> Mask:
    """Return the mask in an indexed (or 8-bit gray) PNG of exactly that size.

    Raises InvalidMaskUpload.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            if picture.size != (width, height):
                raise InvalidMaskUpload(
                    f"The mask is {picture.width}×{picture.height}, the image {width}×{height}. "
                    "Send a mask of the size of the upright image."
                )
            if picture.mode not in ("P", "L", "1"):
                raise InvalidMaskUpload(
                    f"The PNG's pixels are {picture.mode}. Send an indexed or 8-bit gray PNG "
                    "whose values are label indices, 255 for void."
                )
            # NumPy reads a 1-bit picture as booleans: index 0 or 1, as meant.
            classes = np.array(picture).astype(np.uint8)
            if picture.mode == "L" and data[24] in (2, 4):  # bits, spread over 0-255 by Pillow
                classes //= 255 // (2 ** data[24] - 1)
    except InvalidMaskUpload:
        raise
    except Exception as error:  # Pillow raises almost anything on a damaged file
        raise InvalidMaskUpload("The body is no readable PNG. Send an indexed PNG.") from error
    return Mask(classes)
