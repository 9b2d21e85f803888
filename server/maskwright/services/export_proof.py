"""Read a finished export back, and compare every pixel with the store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from maskwright.db import Database
from maskwright.domain.labels import Label
from maskwright.domain.mask import Mask
from maskwright.errors import AppError
from maskwright.formats.archive import ArchiveError, Source
from maskwright.formats.base import Format, FormatError, Sample
from maskwright.formats.objects import MAX_INSTANCES, find_objects
from maskwright.services.export_samples import Pinned, reload

Progress = Callable[[int, int, str], None]


class ExportNotProved(AppError):
    """What was written is not what the store holds."""

    code, title = "export_not_proved", "The export differs from the masks"


@dataclass(frozen=True)
class Proof:
    """What was read back: images, their pixels, their objects, and the pixels that differ.

    A pixel differs if its label does, or the object it belongs to.
    """

    images: int = 0
    pixels: int = 0
    objects: int = 0
    differing_pixels: int = 0

    def plus(self, other: "Proof") -> "Proof":
        return Proof(
            self.images + other.images,
            self.pixels + other.pixels,
            self.objects + other.objects,
            self.differing_pixels + other.differing_pixels,
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
    stored = reload(db, list(by_name.values()))
    try:
        read = format_.read(source).samples
        for (name, pinned), sample, (image_id, mask) in zip(
            by_name.items(), read, stored, strict=True
        ):
            if sample.name != name or image_id != pinned.image_id:
                raise FormatError(f"{sample.name} stands where {name} was written.")
            proof = proof.plus(compare(sample, mask, labels))
            progress(proof.images, len(by_name), "images checked")
    except (FormatError, ArchiveError, ValueError) as error:
        raise ExportNotProved(
            f"The export was written but cannot be read back: {error} It is not offered for "
            "download; your masks are untouched. Please report this."
        ) from error
    return proof


def compare(sample: Sample, mask: Mask, labels: Sequence[Label]) -> Proof:
    """Compare what was read back of one image with its mask."""
    objects = find_objects(mask, labels)
    if sample.mask.classes.shape != mask.classes.shape:
        return Proof(1, mask.classes.size, len(objects.items), mask.classes.size)
    differs = sample.mask.classes != mask.classes
    if len(objects.items) <= MAX_INSTANCES:
        read = sample.mask.instances
        differs |= objects.ids != (0 if read is None else read)
    return Proof(1, mask.classes.size, len(objects.items), int(np.count_nonzero(differs)))
