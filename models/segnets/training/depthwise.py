"""A depthwise convolution of stride 1 whose backward pass is fast on a CPU.

oneDNN falls back to a reference kernel for the gradients of dilated and of 5×5 depthwise
convolutions, which made them 80 % of a training step. The gradient of the input is a convolution
with the flipped kernel, which has a fast kernel; that of each kernel tap is one product and sum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from segnets.layers import ConvNorm


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, dilation: int) -> Tensor:
        weight = weight.to(x.dtype)
        ctx.save_for_backward(x, weight)
        ctx.dilation = dilation
        return _same(x, weight, dilation)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        x, weight = ctx.saved_tensors
        grad = grads[0].to(x.dtype).contiguous(memory_format=torch.channels_last)
        to_input = to_weight = None
        if ctx.needs_input_grad[0]:
            to_input = _same(grad, weight.flip(2, 3), ctx.dilation)
        if ctx.needs_input_grad[1]:
            to_weight = _weight_gradient(x, grad, weight, ctx.dilation)
        return to_input, to_weight, None


def _same(x: Tensor, weight: Tensor, dilation: int) -> Tensor:
    pad = dilation * (weight.shape[-1] // 2)
    return F.conv2d(x, weight, padding=pad, dilation=dilation, groups=x.shape[1])


def _weight_gradient(x: Tensor, grad: Tensor, weight: Tensor, dilation: int) -> Tensor:
    height, width = x.shape[-2:]
    kernel = weight.shape[-1]
    out = torch.zeros_like(weight)  # (C, 1, kernel, kernel)
    for row in range(kernel):
        for col in range(kernel):
            down, right = dilation * (row - kernel // 2), dilation * (col - kernel // 2)
            if abs(down) >= height or abs(right) >= width:
                continue  # this tap only ever sees the padding
            seen = x[..., max(down, 0) : height + down, max(right, 0) : width + right]
            used = grad[..., max(-down, 0) : height - down, max(-right, 0) : width - right]
            out[:, 0, row, col] = (seen * used).sum((0, 2, 3))
    return out


class FastDepthwise(nn.Conv2d):
    """`nn.Conv2d` with the same parameters, under the same names, and the fast gradients."""

    def forward(self, input: Tensor) -> Tensor:  # the base class names it so
        if torch.is_autocast_enabled("cpu"):
            input = input.to(torch.get_autocast_dtype("cpu"))
        apply = cast("Callable[..., Tensor]", _Depthwise.apply)  # pyright: ignore[reportUnknownMemberType] untyped there
        out = apply(input, self.weight, self.dilation[0])
        return out if self.bias is None else out + self.bias.to(out).reshape(1, -1, 1, 1)


def speed_up_depthwise(module: nn.Module) -> None:
    """Give the depthwise convolutions inside `module` the fast gradients, in place."""
    for child in module.modules():
        if isinstance(child, ConvNorm) and _is_slow(child.conv):
            # Adding methods and no state: the parameters, and who holds them, stay as they are.
            child.conv.__class__ = FastDepthwise


def _is_slow(conv: nn.Conv2d) -> bool:
    plain = conv.dilation[0] == 1 and conv.kernel_size[0] == 3
    return conv.groups > 1 and conv.stride[0] == 1 and not plain
