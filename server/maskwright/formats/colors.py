"""Masks whose pixels are the colors of labels."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from maskwright.domain.labels import VOID, Label
from maskwright.domain.mask import Classes
from maskwright.formats.base import FormatError
from maskwright.formats.voc_labels import COLORS, by_index, color_code

Rgb = tuple[int, int, int]


def void_color(labels: Sequence[Label]) -> Rgb:
    """Return a color that no label has: black if it is free."""
    taken = {label.rgb for label in labels}
    choices = ((0, 0, 0), COLORS[VOID], (255, 255, 255), *COLORS)
    return next(color for color in choices if color not in taken)


def check_colors(labels: Sequence[Label]) -> None:
    """Raise FormatError if two labels have one color."""
    names: dict[str, str] = {}
    for label in by_index(labels):
        other = names.setdefault(label.color, label.name)
        if other != label.name:
            raise FormatError(
                f"{other} and {label.name} have the same color {label.color}, so masks in colors "
                "cannot tell them apart. Give one another color, or write indices."
            )


def indices_of(
    coded: npt.NDArray[np.int32], colors: Mapping[int, int], path: str, where: str
) -> Classes:
    """Return (H, W) the indices of colors R + 256 G + 65536 B, by `colors`: color → index.

    Raises FormatError for a color that is not there; it says to add it in `where`.
    """
    present = np.unique(coded)
    unknown = [int(code) for code in present if int(code) not in colors]
    if unknown:
        red, green, blue = unknown[0] & 255, unknown[0] >> 8 & 255, unknown[0] >> 16
        raise FormatError(
            f"{path} has the color {red},{green},{blue}, which no label has. Add it to {where}."
        )
    indices = np.array([colors[int(code)] for code in present], np.uint8)
    return indices[np.searchsorted(present, coded)]


def codes_of(labels: Sequence[Label]) -> dict[int, int]:
    """Return which index each color stands for, void among them."""
    codes = {color_code(void_color(labels)): VOID}
    return codes | {color_code(label.rgb): label.index for label in labels}
