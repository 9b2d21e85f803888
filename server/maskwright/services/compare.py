"""What differs between two revisions of an image."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from maskwright.services import masks
from maskwright.tables import ImageRow


@dataclass(frozen=True)
class Comparison:
    """`by_label[index]` counts the pixels that came to the label and that went from it."""

    base: int
    other: int
    changed_pixels: int
    by_label: dict[str, dict[str, int]]


def compare(session: Session, image: ImageRow, base: str, other: str) -> Comparison:
    """Compare the classes of two refs or revision numbers."""
    one, two = masks.load(session, image, base), masks.load(session, image, other)
    before, after = one.layers["classes"], two.layers["classes"]
    differs = before != after
    lost = np.bincount(before[differs], minlength=256)
    gained = np.bincount(after[differs], minlength=256)
    return Comparison(
        one.revision,
        two.revision,
        int(differs.sum()),
        {
            str(index): {"gained": int(gained[index]), "lost": int(lost[index])}
            for index in np.flatnonzero(lost + gained)
        },
    )
