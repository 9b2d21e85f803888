"""PyTorch, made ready for inference."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from segnets.atrous import shorten_atrous
from segnets.devices import inference_precision
from segnets.engines.base import Precision, Setting
from segnets.layers import ConvNorm, fold_norms


class TorchEngine:
    """Norms folded, channels last, bfloat16 where it is faster, no taps that read padding alone."""

    name = "torch"

    def __init__(self, setting: Setting) -> None:
        self._device = setting.device
        self.precision: Precision = setting.precision or inference_precision(setting.device)
        self._dtype = torch.bfloat16 if self.precision == "bf16" else torch.float32
        net = setting.network
        fold_norms(net)
        shorten_atrous(net)
        _activate_in_place(net)
        net.to(device=self._device, dtype=self._dtype)
        net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self._net = net

    @torch.inference_mode()
    def encode(self, x: Tensor) -> tuple[Tensor, ...]:
        x = x.to(self._device, self._dtype).contiguous(memory_format=torch.channels_last)
        return self._net.encode(x)

    @torch.inference_mode()
    def decode(self, *features: Tensor) -> Tensor:
        return self._net.decode(*features).float().cpu()


def _activate_in_place(net: nn.Module) -> None:
    """Spare a copy after each convolution, whose answer nobody else reads."""
    for module in net.modules():
        if isinstance(module, ConvNorm) and isinstance(module.activation, (nn.ReLU, nn.ReLU6)):
            module.activation.inplace = True
