"""Semantic segmentation networks: photographs in, a label and a confidence per pixel out.

>>> predictor = Predictor.load("default")
>>> proposal = predictor.propose(image)  # image: (H, W, 3) uint8 RGB

`import segnets` is cheap: PyTorch is imported when `Predictor` is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from segnets.errors import (
    BadImage,
    BrokenModel,
    DeviceUnavailable,
    EngineUnavailable,
    SegnetsError,
    UnknownModel,
)
from segnets.options import ProposeOptions
from segnets.registry import DEFAULT, Entry, find, list_models

if TYPE_CHECKING:
    from segnets.predictor import Features, Predictor, Proposal

__all__ = [
    "DEFAULT",
    "BadImage",
    "BrokenModel",
    "DeviceUnavailable",
    "EngineUnavailable",
    "Entry",
    "Features",
    "Predictor",
    "Proposal",
    "ProposeOptions",
    "SegnetsError",
    "UnknownModel",
    "find",
    "list_models",
]

_NEED_TORCH = {"Features", "Predictor", "Proposal"}


def __getattr__(name: str) -> object:
    if name in _NEED_TORCH:
        from segnets import predictor

        return getattr(predictor, name)
    raise AttributeError(f"module 'segnets' has no attribute {name!r}")
