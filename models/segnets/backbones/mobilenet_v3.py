"""MobileNetV3-Large with output stride 16 (Howard et al., arXiv 1905.02244).

The last three blocks dilate by 2 in place of the last stride. Parameter names are torchvision's, so
that its checkpoints load.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F

CHANNELS_LOW = 40
CHANNELS_HIGH = 960

# TensorFlow's batch norm epsilon, which this backbone was first trained with.
_EPS = 1e-3
# The block that first reaches stride 8.
_LOW = 4


class _Block(NamedTuple):
    kernel: int
    hidden: int
    channels: int
    squeezed: int  # 0: no squeeze-and-excite
    hard_swish: bool
    stride: int = 1
    dilation: int = 1


_BLOCKS = (
    _Block(3, 16, 16, 0, False),
    _Block(3, 64, 24, 0, False, stride=2),
    _Block(3, 72, 24, 0, False),
    _Block(5, 72, 40, 24, False, stride=2),
    _Block(5, 120, 40, 32, False),
    _Block(5, 120, 40, 32, False),
    _Block(3, 240, 80, 0, True, stride=2),
    _Block(3, 200, 80, 0, True),
    _Block(3, 184, 80, 0, True),
    _Block(3, 184, 80, 0, True),
    _Block(3, 480, 112, 120, True),
    _Block(3, 672, 112, 168, True),
    _Block(5, 672, 160, 168, True, dilation=2),
    _Block(5, 960, 160, 240, True, dilation=2),
    _Block(5, 960, 160, 240, True, dilation=2),
)


class Features(NamedTuple):
    """What segmentation heads read."""

    low: Tensor  # (B, 40, H/8, W/8)
    high: Tensor  # (B, 960, H/16, W/16)


class SqueezeExcite(nn.Module):
    """Weighs the channels by what the whole image holds."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        pooled = x.mean((2, 3), keepdim=True)  # (B, channels, 1, 1)
        return x * F.hardsigmoid(self.fc2(F.relu(self.fc1(pooled))))


class InvertedResidual(nn.Module):
    """1×1 expand → depthwise → squeeze-and-excite → 1×1 project, with a skip where shapes allow."""

    def __init__(self, channels: int, block: _Block) -> None:
        super().__init__()
        self.skip = block.stride == 1 and channels == block.channels
        activation = nn.Hardswish if block.hard_swish else nn.ReLU
        layers: list[nn.Module] = []
        if block.hidden != channels:
            layers.append(_conv(channels, block.hidden, activation=activation))
        layers.append(
            _conv(
                block.hidden,
                block.hidden,
                block.kernel,
                stride=block.stride,
                dilation=block.dilation,
                groups=block.hidden,
                activation=activation,
            )
        )
        if block.squeezed:
            layers.append(SqueezeExcite(block.hidden, block.squeezed))
        layers.append(_conv(block.hidden, block.channels))
        self.block = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.block(x)
        return x + out if self.skip else out


class MobileNetV3Large(nn.Sequential):
    """(B, 3, H, W), any size → `Features` with sides rounded up."""

    def __init__(self) -> None:
        layers: list[nn.Module] = [_conv(3, 16, 3, stride=2, activation=nn.Hardswish)]
        channels = 16
        for block in _BLOCKS:
            layers.append(InvertedResidual(channels, block))
            channels = block.channels
        layers.append(_conv(channels, CHANNELS_HIGH, activation=nn.Hardswish))
        super().__init__(*layers)

    def forward(self, x: Tensor) -> Features:  # pyright: ignore[reportIncompatibleMethodOverride]
        low = x
        for index, layer in enumerate(self):
            x = layer(x)
            if index == _LOW:
                low = x
        return Features(low, x)


def _conv(
    in_channels: int,
    out_channels: int,
    kernel: int = 1,
    *,
    stride: int = 1,
    dilation: int = 1,
    groups: int = 1,
    activation: type[nn.ReLU | nn.Hardswish] | None = None,
) -> nn.Sequential:
    conv = nn.Conv2d(
        in_channels,
        out_channels,
        kernel,
        stride=stride,
        padding=dilation * (kernel // 2),
        dilation=dilation,
        groups=groups,
        bias=False,
    )
    norm = nn.BatchNorm2d(out_channels, eps=_EPS)
    return nn.Sequential(conv, norm, *([activation(inplace=True)] if activation else []))
