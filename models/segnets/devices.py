"""Where to compute, and in which precision."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

from segnets.errors import DeviceUnavailable


def pick_device(name: str = "auto") -> torch.device:
    """`auto` is a GPU if there is one, else the CPU; other names are PyTorch's own."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceUnavailable(name, "PyTorch knows no such device") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise DeviceUnavailable(name, "PyTorch sees no CUDA GPU")
    return device


def half_precision(device: torch.device) -> bool:
    """Whether bfloat16 is faster there: on GPUs, and on CPUs with matrix tiles (Intel AMX)."""
    return device.type == "cuda" or torch.cpu._is_amx_tile_supported()  # pyright: ignore


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """bfloat16 where it is faster, float32 elsewhere."""
    return torch.autocast(device.type, torch.bfloat16, enabled=half_precision(device))
