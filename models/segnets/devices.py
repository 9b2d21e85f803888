"""Where to compute, and in which precision."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal

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
    """Whether training in bfloat16 is faster: on GPUs, and on CPUs that multiply it themselves."""
    native = torch.cpu._is_avx512_bf16_supported()  # pyright: ignore[reportPrivateUsage]
    return device.type == "cuda" or native


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """bfloat16 where it is faster, float32 elsewhere."""
    return torch.autocast(device.type, torch.bfloat16, enabled=half_precision(device))


def inference_precision(device: torch.device) -> Literal["fp32", "bf16"]:
    """The faster precision for drafts there.

    bfloat16 on GPUs and on CPUs that multiply it themselves: with matrix tiles (AMX), or with
    AVX512_BF16 alone, where it was measured 1.8 times as fast (AMD EPYC of the 4th generation).
    Elsewhere the CPU would only emulate it.
    """
    return "bf16" if half_precision(device) else "fp32"
