"""From a registry entry to a network with its weights."""

from __future__ import annotations

import torch

from segnets.architectures import ARCHITECTURES, build
from segnets.checkpoints import read_state
from segnets.errors import BrokenModel
from segnets.layers import fold_norms
from segnets.network import Network
from segnets.registry import MOST_LABELS, Entry
from segnets.transforms import Preprocessing


def load_network(entry: Entry) -> Network:
    """The entry's network, verified, float32, as for inference; norms folded only if its file is.

    Raises `BrokenModel`.
    """
    if entry.architecture not in ARCHITECTURES:
        raise BrokenModel(
            f"model {entry.name!r} asks for the architecture {entry.architecture!r}, which this "
            f"version has not; it has: {', '.join(ARCHITECTURES)}."
        )
    declared = entry.network.get("labels", len(entry.labels))
    if declared != len(entry.labels):
        raise BrokenModel(
            f"model {entry.name!r} predicts {declared} labels "
            f"but its entry names {len(entry.labels)}"
        )
    if len(entry.labels) > MOST_LABELS:
        raise BrokenModel(
            f"model {entry.name!r} has {len(entry.labels)} labels; masks of 8 bits, of which 255 "
            f"is void, tell {MOST_LABELS} apart."
        )
    try:
        Preprocessing(**entry.preprocessing)
    except (TypeError, ValueError) as error:
        raise BrokenModel(
            f"the preprocessing of model {entry.name!r} can't be used: {error}. Correct its entry."
        ) from error
    state = read_state(entry.verify(), entry.path)
    try:
        with torch.device("meta"):  # no time spent on fresh weights
            net = build(entry.architecture, entry.network, len(entry.labels)).eval()
        if not any(name.endswith("running_mean") for name in state):
            fold_norms(net)
        floats = {
            name: value.float() if value.is_floating_point() else value
            for name, value in state.items()
        }
        net.load_state_dict({**_counters(net), **floats}, assign=True)
    except (RuntimeError, TypeError) as error:
        raise BrokenModel(
            f"the weights of model {entry.name!r} do not fit its network: {_first(error)} "
            f"`maskwright models check {entry.path}` tells more."
        ) from error
    net.drop_auxiliary()
    return net.requires_grad_(False)


def _counters(net: Network) -> dict[str, torch.Tensor]:
    """Zeros for what training counts and nothing here reads: many files come without."""
    return {
        name: torch.zeros((), dtype=torch.long)
        for name, _ in net.named_buffers()
        if name.endswith("num_batches_tracked")
    }


def _first(error: Exception) -> str:
    """The first line that names something: PyTorch lists every parameter."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[1] if len(lines) > 1 else lines[0])[:300]
