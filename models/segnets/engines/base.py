"""What every engine can do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import torch
from torch import Tensor

from segnets.network import Network

Precision = Literal["fp32", "bf16"]


class Engine(Protocol):
    """Runs the two halves of one network. Safe to share between threads.

    Tensors outside are float32 on the CPU, one image at a time; features are the engine's own.
    """

    @property
    def name(self) -> str:
        """What `--engine` calls it."""
        ...

    @property
    def precision(self) -> Precision: ...

    def encode(self, x: Tensor) -> tuple[Tensor, ...]:
        """(1, 3, h, w) normalised → features."""
        ...

    def decode(self, *features: Tensor) -> Tensor:
        """Features → logits (1, labels, h', w') on the coarse grid."""
        ...


@dataclass(frozen=True)
class Setting:
    """What an engine is made for. `key` names the weights in `cache`, which may be missing."""

    network: Network  # float32, norms not folded unless the file's are; the engine's to keep
    key: str
    device: torch.device
    precision: Precision | None = None  # None: what is faster on this processor
    threads: int | None = None  # None: as many as PyTorch takes
    cache: Path | None = None
