"""From a model's labels to a project's: by equal names, then by synonyms, else void."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from maskwright.domain.labels import VOID, Label

# Each set holds names of one thing. A model's label goes to the first project label of its set.
_SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split("|"))
    for names in (
        "background|other|unlabeled background|bg",
        "aeroplane|airplane|plane|aircraft",
        "bicycle|bike|cycle",
        "motorbike|motorcycle|motor bike",
        "person|pedestrian|human|people|man|woman",
        "rider|bicyclist|cyclist",
        "sofa|couch|settee",
        "tvmonitor|tv|television|monitor|tv monitor|screen",
        "diningtable|dining table|table",
        "pottedplant|potted plant|house plant|houseplant",
        "car|automobile",
        "cow|cattle",
        "boat|ship",
        "vegetation|tree|trees",
        "sidewalk|pavement|footpath",
        "road|street|roadway",
        "traffic sign|sign|signsymbol|sign symbol",
        "pole|column pole|column",
    )
)


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", " ", name.casefold()).strip()


def match_labels(model: Sequence[str], project: Sequence[Label]) -> dict[int, int]:
    """Return model index → project index for every model label that the project knows."""
    exact = {_plain(label.name): label.index for label in project}
    matched: dict[int, int] = {}
    for index, name in enumerate(model):
        plain = _plain(name)
        names = next((names for names in _SYNONYMS if plain in names), frozenset[str]())
        found = [exact[plain]] if plain in exact else [exact[n] for n in exact if n in names]
        if found:
            matched[index] = found[0]
    return matched


def lookup_table(mapping: dict[int, int]) -> npt.NDArray[np.uint8]:
    """Return (256,) uint8: model index → project index, void where unmapped."""
    table = np.full(256, VOID, np.uint8)
    for source, target in mapping.items():
        table[source] = target
    return table
