"""Convolution + batch norm + activation, and folding the norm into the convolution."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def atrous(in_channels: int, out_channels: int, rate: int = 1, stride: int = 1) -> nn.Conv2d:
    """A 3×3 whose taps lie `rate` nodes apart and whose output, at stride 1, has its input's size.

    No bias: a norm follows.
    """
    return nn.Conv2d(
        in_channels, out_channels, 3, stride=stride, padding=rate, dilation=rate, bias=False
    )


class ConvNorm(nn.Module):
    """Conv2d → BatchNorm → activation. `fold()` turns the first two into one biased Conv2d.

    Padding is symmetric. On inputs of size 16k+1 that is what TensorFlow calls SAME, which the
    published EfficientNet-Lite weights were trained with.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int = 1,
        *,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        eps: float = 1e-5,
        activation: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel,
            stride=stride,
            padding=dilation * (kernel // 2),
            dilation=dilation,
            groups=groups,
            bias=False,
        )
        self.norm: nn.Module = nn.BatchNorm2d(out_channels, eps=eps)
        self.activation = activation or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(self.norm(self.conv(x)))
        return out

    def fold(self) -> None:
        """Fold the running statistics into the convolution; a second call changes nothing."""
        fold_norms(self)


@torch.no_grad()
def fold_norms(module: nn.Module) -> None:
    """Fold every batch norm that follows a convolution in the same module, in place.

    Everywhere here, a norm registered right after a convolution reads that convolution and nothing
    else does.
    """
    for parent in list(module.modules()):
        before: nn.Module | None = None
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d) and isinstance(before, nn.Conv2d):
                _fold(before, child)
                setattr(parent, name, nn.Identity())
            before = child


@torch.no_grad()
def restore_norms(module: nn.Module) -> None:
    """Give every folded `ConvNorm` a norm of its own again, in place; the answers stay."""
    for layer in module.modules():
        if isinstance(layer, ConvNorm) and not isinstance(layer.norm, nn.BatchNorm2d):
            bias = layer.conv.bias
            assert bias is not None
            norm = nn.BatchNorm2d(len(bias)).eval()  # of mean 0 and variance 1
            norm.weight.fill_((1 + norm.eps) ** 0.5)
            norm.bias.copy_(bias)
            layer.norm, layer.conv.bias = norm.requires_grad_(False), None


def _fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    if conv.weight.is_meta:  # shapes alone; computing with them would import PyTorch's compiler
        conv.bias = nn.Parameter(torch.empty(conv.out_channels, device="meta"))
        return
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)  # (out,)
    shift = norm.bias - norm.running_mean * scale
    conv.weight.mul_(scale.reshape(-1, 1, 1, 1))
    conv.bias = nn.Parameter(shift if conv.bias is None else shift + conv.bias * scale)
