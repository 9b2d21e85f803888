"""Reads files of weights. None of them can run code."""

from __future__ import annotations

import io
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from segnets.errors import BrokenModel

# What training scripts call the weights in a file that holds more than them.
_WRAPPINGS = ("state_dict", "model_state_dict", "model_state", "model")
_DEPTH = 4  # a file may hold itself
_PREFIX = "module."  # of DataParallel


def read_state(data: bytes, path: Path) -> dict[str, Tensor]:
    """The parameters by name of a file's bytes, without wrappings. Raises `BrokenModel`.

    `path` is for its suffix and for the message.
    """
    return unwrap(read_document(data, path), path)[0]


def read_document(data: bytes, path: Path) -> Any:
    """What the file holds: safetensors by suffix, anything else as PyTorch writes it."""
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load(data)
        with warnings.catch_warnings():  # of pickles that are no checkpoints
            warnings.simplefilter("ignore")
            return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise BrokenModel(
            f"{path} is no file of weights alone: reading it would run code that it brings along, "
            "or it is no checkpoint at all. Save only the state_dict, best as safetensors."
        ) from error
    except (safetensors.SafetensorError, RuntimeError, EOFError, ValueError, KeyError) as error:
        what = (
            "is a TorchScript program, code and all. Save its state_dict() and try that file."
            if "TorchScript" in str(error)
            else "can't be read: it is damaged, or of another format."
        )
        raise BrokenModel(f"{path} {what}") from error


def unwrap(document: Any, path: Path) -> tuple[dict[str, Tensor], list[str]]:
    """The parameters by name, and what was taken off to get at them. Raises `BrokenModel`."""
    taken: list[str] = []
    while isinstance(document, Mapping) and len(taken) < _DEPTH:
        found = cast("Mapping[Any, Any]", document)
        inner = next((name for name in _WRAPPINGS if isinstance(found.get(name), Mapping)), None)
        if inner is None:
            break
        taken.append(f'the key "{inner}" around the weights')
        document = found[inner]
    state = _tensors(document)
    if not state:
        raise BrokenModel(
            f"{path} holds no weights by name. Save the network's state_dict() and try that file."
        )
    odd = next((name for name, value in state.items() if not _is_plain(value)), None)
    if odd is not None:
        raise BrokenModel(
            f"{path} holds {odd} as a sparse, quantised, repeated or missing array. Save the "
            "weights as plain numbers."
        )
    if all(name.startswith(_PREFIX) for name in state):
        taken.append(f'the prefix "{_PREFIX}" of every name')
        state = {name.removeprefix(_PREFIX): value for name, value in state.items()}
    return state, taken


def _tensors(document: Any) -> dict[str, Tensor]:
    if not isinstance(document, Mapping):
        return {}
    items = cast("Mapping[Any, Any]", document).items()
    return {
        name: value for name, value in items if isinstance(name, str) and isinstance(value, Tensor)
    }


def _is_plain(value: Tensor) -> bool:
    """Whether all of its numbers are there, one by one."""
    if value.layout != torch.strided or value.is_quantized or value.is_meta:
        return False
    return value.untyped_storage().nbytes() >= value.nbytes
