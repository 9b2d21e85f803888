"""From a model's labels to a project's: what a person chose, else the name, else void."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maskwright.domain.label_names import keys_of, parents_of, synonyms, wider
from maskwright.domain.labels import VOID, Label

Chosen = Mapping[str, int | None]
"""What a person chose for model labels, by their names: a project's index, or None for void."""


@dataclass(frozen=True)
class MapEntry:
    """Where the pixels of one model label go; None is void.

    `automatic` is where its name leads; `chosen` tells that a person decided otherwise, and `gone`
    that they decided for an index that the project has no label for any longer.
    """

    index: int
    name: str
    target: int | None
    automatic: int | None
    chosen: bool = False
    gone: int | None = None


@dataclass(frozen=True)
class LabelMap:
    """One entry for each label of a model, in the order of its indices."""

    entries: tuple[MapEntry, ...]

    @property
    def edited(self) -> bool:
        """Whether a person chose any of it."""
        return any(entry.chosen for entry in self.entries)

    @property
    def table(self) -> npt.NDArray[np.uint8]:
        """(256,) uint8: model index → project index, void where unmapped."""
        return lookup_table({e.index: e.target for e in self.entries if e.target is not None})

    @property
    def record(self) -> dict[str, int | None]:
        """Model label name → project index or None, as a proposal's record keeps it."""
        return {entry.name: entry.target for entry in self.entries}


def label_map(model: Sequence[str], project: Sequence[Label], chosen: Chosen) -> LabelMap:
    """Map a model's labels to a project's; names that `chosen` lacks follow `match_labels`."""
    matched = match_labels(model, project)
    known = {label.index for label in project}

    def entry(index: int, name: str) -> MapEntry:
        automatic = matched.get(index)
        if name not in chosen:
            return MapEntry(index, name, automatic, automatic)
        target = chosen[name]
        gone = target if target is not None and target not in known else None
        return MapEntry(index, name, None if gone is not None else target, automatic, True, gone)

    return LabelMap(tuple(entry(index, name) for index, name in enumerate(model)))


def match_labels(model: Sequence[str], project: Sequence[Label]) -> dict[int, int]:
    """Return model index → project index for every model label that the project knows by name.

    First by equal names, then by words of one meaning, then by what is wider, also by the model's
    own hierarchy; several model labels may lead to one of the project. Spelling, plural and case
    don't count.
    """
    named: dict[str, int] = {}
    for position in range(max((len(keys_of(label.name)) for label in project), default=0)):
        for label in project:  # a whole name goes before another label's part
            for key in keys_of(label.name)[position : position + 1]:
                named.setdefault(key, label.index)

    def found(names: Iterable[str]) -> int | None:
        return next((named[name] for name in names if name in named), None)

    ways: tuple[Callable[[str], Iterable[str]], ...] = (lambda key: (key,), synonyms, wider)
    matched: dict[int, int] = {}
    for index, name in enumerate(model):
        for way in ways:
            target = found(other for key in keys_of(name) for other in way(key))
            if target is not None:
                break
        else:
            target = found(other for key in parents_of(name) for other in synonyms(key))
        if target is not None:
            matched[index] = target
    return matched


def lookup_table(mapping: Mapping[int, int]) -> npt.NDArray[np.uint8]:
    """Return (256,) uint8: model index → project index, void where unmapped."""
    table = np.full(256, VOID, np.uint8)
    for source, target in mapping.items():
        table[source] = target
    return table
