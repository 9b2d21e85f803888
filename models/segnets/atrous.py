"""Atrous convolutions whose outer taps fall on padding alone."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class AtrousConv(nn.Module):
    """A 3×3 at rate r, padded by r, that leaves out taps which read nothing but zeros.

    On a side of at most r nodes the outer taps of every node lie in the padding: there the 3×3 is
    a 1×3, a 3×1 or a 1×1, and its answer the same.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.weight = conv.weight
        self.bias = conv.bias
        self.rate = int(conv.dilation[0])
        self.groups = conv.groups

    def forward(self, x: Tensor) -> Tensor:
        taps = [slice(None) if side > self.rate else slice(1, 2) for side in x.shape[-2:]]
        padding = [self.rate if side > self.rate else 0 for side in x.shape[-2:]]
        weight = self.weight[:, :, taps[0], taps[1]]
        return F.conv2d(x, weight, self.bias, 1, padding, self.rate, self.groups)


def shorten_atrous(module: nn.Module) -> None:
    """Replace, in place, every padded 3×3 with a rate by one that skips what it can."""
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Conv2d) and _is_atrous(child):
                setattr(parent, name, AtrousConv(child))


def _is_atrous(conv: nn.Conv2d) -> bool:
    rate = conv.dilation[0]
    return (
        rate > 1
        and conv.kernel_size == (3, 3)
        and conv.dilation == (rate, rate)
        and conv.padding == (rate, rate)
        and conv.stride == (1, 1)
        and conv.padding_mode == "zeros"
    )
