"""The network as its modules are written, float32: what the other engines are measured against."""

from __future__ import annotations

import torch
from torch import Tensor

from segnets.engines.base import Precision, Setting
from segnets.layers import restore_norms


class EagerEngine:
    """Plain PyTorch: norms not folded, channels first, float32."""

    name = "eager"
    precision: Precision = "fp32"

    def __init__(self, setting: Setting) -> None:
        restore_norms(setting.network)
        self._net = setting.network.to(setting.device)
        self._device = setting.device

    @torch.inference_mode()
    def encode(self, x: Tensor) -> tuple[Tensor, ...]:
        return self._net.encode(x.to(self._device).contiguous())

    @torch.inference_mode()
    def decode(self, *features: Tensor) -> Tensor:
        return self._net.decode(*features).cpu()
