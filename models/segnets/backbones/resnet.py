"""ResNet-50 and ResNet-101 with output stride 8 (He et al., arXiv 1512.03385).

The last two stages dilate in place of their stride (Yu & Koltun, arXiv 1511.07122). The stride of a
block is at its 3×3 ("v1.5"). Parameter names are torchvision's, so that its checkpoints load.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from segnets.layers import atrous

CHANNELS_LOW = 1024
CHANNELS_HIGH = 2048
BLOCKS_50 = (3, 4, 6, 3)
BLOCKS_101 = (3, 4, 23, 3)

_EXPANSION = 4


class _Stage(NamedTuple):
    width: int
    stride: int
    first_dilation: int
    dilation: int


# The first block of a dilated stage still reads what the stage before it made, at that rate.
_STAGES = (
    _Stage(64, 1, 1, 1),
    _Stage(128, 2, 1, 1),
    _Stage(256, 1, 1, 2),
    _Stage(512, 1, 2, 4),
)


class Features(NamedTuple):
    """Output of the last two stages."""

    low: Tensor  # (B, 1024, H/8, W/8)
    high: Tensor  # (B, 2048, H/8, W/8)


class Bottleneck(nn.Module):
    """1×1 → 3×3 → 1×1 to four times the width, added to the input."""

    def __init__(self, channels: int, width: int, stride: int, dilation: int) -> None:
        super().__init__()
        out = width * _EXPANSION
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = atrous(width, width, dilation, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = (
            nn.Sequential(
                nn.Conv2d(channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
            )
            if stride > 1 or channels != out
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        skip = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))  # (B, width, h, w)
        x = self.relu(self.bn2(self.conv2(x)))  # (B, width, h/stride, w/stride)
        out: Tensor = self.relu(self.bn3(self.conv3(x)) + skip)
        return out  # (B, 4 width, h/stride, w/stride)


class ResNet(nn.Module):
    """(B, 3, H, W), any size → `Features` with sides rounded up."""

    def __init__(self, blocks: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _layer(64, _STAGES[0], blocks[0])
        self.layer2 = _layer(256, _STAGES[1], blocks[1])
        self.layer3 = _layer(512, _STAGES[2], blocks[2])
        self.layer4 = _layer(1024, _STAGES[3], blocks[3])

    def forward(self, x: Tensor) -> Features:
        x = self.relu(self.bn1(self.conv1(x)))  # (B, 3, H, W) -> (B, 64, H/2, W/2)
        x = self.layer1(self.maxpool(x))  # (B, 256, H/4, W/4)
        low = self.layer3(self.layer2(x))  # (B, 1024, H/8, W/8)
        return Features(low, self.layer4(low))


def _layer(channels: int, stage: _Stage, blocks: int) -> nn.Sequential:
    first = Bottleneck(channels, stage.width, stage.stride, stage.first_dilation)
    out = stage.width * _EXPANSION
    rest = (Bottleneck(out, stage.width, 1, stage.dilation) for _ in range(1, blocks))
    return nn.Sequential(first, *rest)
