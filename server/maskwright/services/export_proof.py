"""Read a finished export back, and compare every pixel with the store.

The store names a tile by the SHA-256 of its pixels, so what was read back is cut into tiles and
these are hashed: equal names are equal pixels. Only where a name differs is the tile decoded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.labels import VOID, Label
from maskwright.domain.mask import Mask
from maskwright.domain.tiles import LAYERS, cut, name_of
from maskwright.errors import AppError
from maskwright.formats.archive import ArchiveError, Source
from maskwright.formats.base import Format, FormatError
from maskwright.formats.objects import find_objects
from maskwright.services import masks, revisions
from maskwright.services.export_samples import Pinned, mask_of, pages
from maskwright.tables import ImageRow, RevisionRow

Progress = Callable[[int, int, str], None]


class ExportNotProved(AppError):
    """What was written is not what the store holds."""

    code, title = "export_not_proved", "The export differs from the masks"


@dataclass(frozen=True)
class Proof:
    """What was read back: images, their pixels, their objects, and the pixels that differ.

    A pixel differs if its label does, or the object it belongs to. Objects that the format cannot
    tell apart are not compared: `objects_left_out`.
    """

    images: int = 0
    pixels: int = 0
    objects: int = 0
    differing_pixels: int = 0
    objects_left_out: int = 0

    def plus(self, other: "Proof") -> "Proof":
        return Proof(
            self.images + other.images,
            self.pixels + other.pixels,
            self.objects + other.objects,
            self.differing_pixels + other.differing_pixels,
            self.objects_left_out + other.objects_left_out,
        )


def prove(
    db: Database,
    source: Source,
    format_: Format,
    labels: Sequence[Label],
    by_name: Mapping[str, Pinned],
    progress: Progress,
) -> Proof:
    """Compare all samples of `source` with the revisions they were made of.

    Raises ExportNotProved if samples are missing or cannot be read.
    """
    proof = Proof()
    stored = pages(db, list(by_name.values()))
    try:
        read = format_.read(source).samples
        for name, sample, (session, image, revision) in zip(by_name, read, stored, strict=True):
            if sample.name != name:
                raise FormatError(f"{sample.name} stands where {name} was written.")
            proof = proof.plus(compare(sample.mask, format_, labels, session, image, revision))
            progress(proof.images, len(by_name), "images checked")
    except (FormatError, ArchiveError, ValueError) as error:
        raise ExportNotProved(
            f"The export was written but cannot be read back: {error} It is not offered for "
            "download; your masks are untouched. Please report this."
        ) from error
    return proof


def compare(
    read: Mask,
    format_: Format,
    labels: Sequence[Label],
    session: Session,
    image: ImageRow,
    revision: RevisionRow | None,
) -> Proof:
    """Compare what was read back of one image with a revision of its mask."""
    if (read.height, read.width) != (image.height, image.width):
        return Proof(1, image.width * image.height, 0, image.width * image.height)
    if is_stored(read, image, revision) and not masks.has_layer(revision, "instances"):
        mask = Mask(read.classes)
    else:
        mask = mask_of(session, image, revision)
    objects = find_objects(mask, labels)
    differs = read.classes != mask.classes
    kept = format_.kept(labels, objects)
    compared = 0 if kept is None else int(kept.max(initial=0))
    if kept is not None:
        differs |= kept != (0 if read.instances is None else read.instances)
    left_out = len(objects.items) - compared
    return Proof(1, mask.classes.size, compared, int(np.count_nonzero(differs)), left_out)


def is_stored(mask: Mask, image: ImageRow, revision: RevisionRow | None) -> bool:
    """Say whether the classes are those of the revision, by the hashes of their tiles."""
    stored = revisions.manifest_of(revision).get("classes")
    if stored is None:
        return bool((mask.classes == VOID).all())
    layer = LAYERS["classes"]
    return all(
        name_of(tile, layer) == name
        for tile, name in zip(cut(mask.classes, layer), stored, strict=True)
    )
