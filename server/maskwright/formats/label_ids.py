"""Which value a format writes for each label, where the format has values of its own."""

from collections.abc import Iterable, Mapping, Sequence

from maskwright.domain.labels import Label
from maskwright.formats.voc_labels import by_index


def spelling(name: str) -> str:
    """Return a name without case and separators: "Traffic-Light" is "traffic light"."""
    return "".join(char for char in name.casefold() if char.isalnum())


def match(labels: Sequence[Label], standard: Mapping[str, int]) -> dict[int, int]:
    """Return the standard value of every label whose name has one, by the label's index.

    Of two labels with one name but for its spelling, the first has the value.
    """
    values = {spelling(name): value for name, value in standard.items()}
    found: dict[int, int] = {}
    for label in by_index(labels):
        value = values.get(spelling(label.name))
        if value is not None and value not in found.values():
            found[label.index] = value
    return found


def give(labels: Sequence[Label], known: Mapping[int, int], free: Iterable[int]) -> dict[int, int]:
    """Return a value for every label: the one in `known`, else the next of `free` not used yet.

    Things come first, since low values have room for more objects in some formats.
    """
    given = dict(known)
    used = set(given.values())
    unused = (value for value in free if value not in used)
    for label in sorted(by_index(labels), key=lambda one: not one.is_thing):
        if label.index not in given:
            given[label.index] = next(unused)
    return given


def own(labels: Sequence[Label], known: Mapping[int, int]) -> list[str]:
    """Return the names of the labels that a format has no value for."""
    return [label.name for label in by_index(labels) if label.index not in known]


def few(names: Sequence[str]) -> str:
    """Return the names as the user reads them, the first three if there are many."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
