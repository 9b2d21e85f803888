"""Looks at a file of weights: which architecture it is of, and whether it can draft."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from segnets.architectures import build
from segnets.checkpoints import read_document, unwrap
from segnets.errors import BrokenModel
from segnets.layers import fold_norms

State = Mapping[str, Tensor]


@dataclass(frozen=True)
class Inspection:
    """What was found in a file that could be read."""

    path: Path
    size: int  # bytes
    sha256: str
    taken_off: Sequence[str]  # wrappings around the weights
    tensors: int
    parameters: int  # numbers that training changes
    dtypes: Sequence[str]  # of what is not counted in whole numbers
    architecture: str  # the nearest
    network: Mapping[str, Any]  # the sizes that the architecture leaves open
    labels: int
    auxiliary: bool
    known: int  # parameters of the architecture that the file has
    missing: Sequence[str]
    unexpected: Sequence[str]
    misshapen: Sequence[str]  # "name: shape, not shape"
    not_finite: Sequence[str]  # parameters that hold infinities or no numbers

    @property
    def usable(self) -> bool:
        """Whether the file loads strictly, and its numbers are numbers."""
        faults = (self.missing, self.unexpected, self.misshapen, self.not_finite)
        return not any(faults)


@dataclass(frozen=True)
class _Family:
    """Architectures that only their backbones tell apart."""

    last_layer: str  # has as many outputs as there are labels
    sizes: Callable[[State], dict[str, Any]]


def inspect(path: Path) -> Inspection:
    """Read a file of weights, safetensors or PyTorch's. Raises `BrokenModel`, OSError."""
    data = path.read_bytes()
    state, taken_off = unwrap(read_document(data, path), path)
    fits = [_fit(state, architecture) for architecture in _FAMILIES]
    floats = [value for value in state.values() if value.is_floating_point()]
    nearest = min(fits, key=lambda fit: fit.faults)
    if not nearest.known:
        raise BrokenModel(
            f"{path} holds weights, but of none of the architectures here: not one parameter is "
            f"called as in {', '.join(_FAMILIES)}."
        )
    return Inspection(
        path=path,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        taken_off=taken_off,
        tensors=len(state),
        parameters=sum(value.numel() for name, value in state.items() if not _is_buffer(name)),
        dtypes=sorted({str(value.dtype).removeprefix("torch.") for value in floats}),
        architecture=nearest.architecture,
        network=nearest.network,
        labels=nearest.labels,
        auxiliary=_auxiliary(state),
        known=nearest.known,
        missing=nearest.missing,
        unexpected=nearest.unexpected,
        misshapen=nearest.misshapen,
        not_finite=[name for name, value in state.items() if not bool(value.isfinite().all())],
    )


@dataclass(frozen=True)
class _Fit:
    architecture: str
    network: Mapping[str, Any]
    labels: int
    known: int
    missing: Sequence[str]
    unexpected: Sequence[str]
    misshapen: Sequence[str]

    @property
    def faults(self) -> int:
        return len(self.missing) + len(self.unexpected) + len(self.misshapen)


def _fit(state: State, architecture: str) -> _Fit:
    """How the parameters fit one architecture, of the sizes that the file's own shapes tell."""
    family = _FAMILIES[architecture]
    network, labels = family.sizes(state), _rows(state, f"{family.last_layer}.weight") or 1
    with torch.device("meta"):
        net = build(architecture, network, labels)
    if not any(name.endswith("running_mean") for name in state):
        fold_norms(net)
    wanted = {name: list(value.shape) for name, value in net.state_dict().items()}
    found = {name: list(value.shape) for name, value in state.items()}
    return _Fit(
        architecture,
        network,
        labels,
        known=len(wanted.keys() & found.keys()),
        # Counters are read by nobody, and many files come without.
        missing=[
            name
            for name in wanted
            if name not in found and not name.endswith("num_batches_tracked")
        ],
        unexpected=[name for name in found if name not in wanted],
        misshapen=[
            f"{name}: {found[name]}, not {shape}"
            for name, shape in wanted.items()
            if name in found and found[name] != shape
        ],
    )


def _published_sizes(state: State) -> dict[str, Any]:
    return {"auxiliary": True} if _auxiliary(state) else {}


def _lraspp_sizes(state: State) -> dict[str, Any]:
    return {}


def _lite_sizes(state: State) -> dict[str, Any]:
    widths = {
        "width": "head.pyramid.image.weight",
        "low_width": "head.low.conv.weight",
        "classes": "head.pyramid.evidence.classify.weight",
        "groups": "head.pyramid.evidence.group.weight",
    }
    found = {size: _rows(state, name) for size, name in widths.items()}
    if "head.classify.weight" in state:
        found["decoder_width"] = state["head.classify.weight"].shape[1]
    return {size: value for size, value in found.items() if value}


def _auxiliary(state: State) -> bool:
    return any(name.startswith("aux_classifier.") for name in state)


def _rows(state: State, name: str) -> int:
    """The length of a parameter's first axis; 0 if there is none."""
    value = state.get(name)
    return value.shape[0] if value is not None and value.ndim else 0


def _is_buffer(name: str) -> bool:
    return name.endswith(("running_mean", "running_var", "num_batches_tracked"))


_PUBLISHED = _Family("classifier.4", _published_sizes)
_FAMILIES: Mapping[str, _Family] = {
    "deeplabv3-efficientnet-lite0": _Family("head.classify", _lite_sizes),
    "deeplabv3-resnet50": _PUBLISHED,
    "deeplabv3-resnet101": _PUBLISHED,
    "deeplabv3-mobilenet-v3-large": _PUBLISHED,
    "fcn-resnet50": _PUBLISHED,
    "fcn-resnet101": _PUBLISHED,
    "lraspp-mobilenet-v3-large": _Family("classifier.low_classifier", _lraspp_sizes),
}
