"""Labels: the classes of a project."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

VOID = 255
"""The index of an unlabelled pixel. Void is no label."""

MAX_LABELS = 255
_COLOR = re.compile(r"#[0-9a-f]{6}")


class InvalidLabels(ValueError):
    """A label, or a set of labels, that no project can have; the message says why."""


@dataclass(frozen=True)
class Label:
    """One class of a project.

    `index` is what the pixels hold (0-254); `color` is "#rrggbb"; `hotkey` is one character or
    None; `is_thing` says that single objects can be counted (a car), not only covered (sky).
    """

    index: int
    name: str
    color: str
    hotkey: str | None = None
    is_thing: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.index < VOID:
            raise InvalidLabels(f"Label index {self.index} is outside 0-254; 255 is void.")
        if not self.name.strip() or len(self.name) > 100 or not self.name.isprintable():
            raise InvalidLabels("A label needs a name of 1 to 100 printable characters.")
        if not _COLOR.fullmatch(self.color):
            raise InvalidLabels(
                f"Color {self.color!r} of {self.name!r} is not of the form #1e90ff."
            )
        if self.hotkey is not None and (len(self.hotkey) != 1 or not self.hotkey.isprintable()):
            raise InvalidLabels(f"The hotkey of {self.name!r} must be one printable character.")

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green, blue, 0-255."""
        value = int(self.color[1:], 16)
        return value >> 16, value >> 8 & 255, value & 255


def check_label_set(labels: Sequence[Label]) -> None:
    """Raise `InvalidLabels` unless indices, names and hotkeys are unique in the set."""
    _unique("index", (str(label.index) for label in labels))
    _unique("name", (label.name.casefold() for label in labels))
    _unique("hotkey", (label.hotkey for label in labels if label.hotkey))


def _unique(what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise InvalidLabels(f"Two labels have the {what} {value!r}; each needs its own.")
        seen.add(value)


def palette(labels: Iterable[Label]) -> bytes:
    """Return 256 RGB triples: the labels' colors at their indices, black elsewhere."""
    table = bytearray(768)
    for label in labels:
        table[label.index * 3 : label.index * 3 + 3] = bytes(label.rgb)
    return bytes(table)
