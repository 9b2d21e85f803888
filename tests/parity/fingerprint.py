"""What a state dict is called and shaped like, in three short figures."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

RECORD = Path(__file__).parents[1] / "models" / "published_states.json"
"""torchvision's own, written by `scripts/parity --record`."""


class Fingerprint(NamedTuple):
    tensors: int
    parameters: int
    sha256: str


def fingerprint(state: Mapping[str, Tensor]) -> Fingerprint:
    lines = sorted(f"{name} {list(value.shape)}\n" for name, value in state.items())
    numbers = sum(
        value.numel()
        for name, value in state.items()
        if not name.endswith(("running_mean", "running_var", "num_batches_tracked"))
    )
    return Fingerprint(len(state), numbers, hashlib.sha256("".join(lines).encode()).hexdigest())


def recorded() -> dict[str, Fingerprint]:
    """Return the fingerprint of each published file's state dict, by the file's name."""
    return {name: Fingerprint(**values) for name, values in json.loads(RECORD.read_text()).items()}


def record(found: Mapping[str, Fingerprint]) -> None:
    document = {name: values._asdict() for name, values in found.items()}
    RECORD.write_text(json.dumps(document, indent=2) + "\n")
