"""The heads of the published checkpoints, under torchvision's parameter names.

DeepLabV3: Chen et al., arXiv 1706.05587. FCN: Long et al., arXiv 1411.4038. LR-ASPP: Howard et al.,
arXiv 1905.02244.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from segnets.layers import atrous

_RATES = (12, 24, 36)
_WIDTH = 256
_LITE_WIDTH = 128


class AtrousPyramid(nn.Module):
    """Atrous spatial pyramid pooling: (B, channels, h, w) → (B, 256, h, w)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            [
                _block(nn.Conv2d(channels, _WIDTH, 1, bias=False)),
                *(_block(atrous(channels, _WIDTH, rate)) for rate in _RATES),
                nn.Sequential(
                    nn.AdaptiveAvgPool2d(1), *_block(nn.Conv2d(channels, _WIDTH, 1, bias=False))
                ),
            ]
        )
        self.project = nn.Sequential(
            *_block(nn.Conv2d(len(self.convs) * _WIDTH, _WIDTH, 1, bias=False)), nn.Dropout(0.5)
        )

    def forward(self, x: Tensor) -> Tensor:
        *local, image = self.convs
        pooled = image(x).expand(-1, -1, *x.shape[-2:])  # (B, 256, 1, 1) -> (B, 256, h, w)
        merged: Tensor = self.project(torch.cat([*(conv(x) for conv in local), pooled], 1))
        return merged


class DeepLabV3Head(nn.Sequential):
    """(B, channels, h, w) → logits (B, labels, h, w)."""

    def __init__(self, channels: int, labels: int) -> None:
        super().__init__(
            AtrousPyramid(channels), *_block(atrous(_WIDTH, _WIDTH)), nn.Conv2d(_WIDTH, labels, 1)
        )


class FCNHead(nn.Sequential):
    """(B, channels, h, w) → logits (B, labels, h, w). Also what auxiliary losses are taken from."""

    def __init__(self, channels: int, labels: int) -> None:
        width = channels // 4
        super().__init__(
            *_block(atrous(channels, width)), nn.Dropout(0.1), nn.Conv2d(width, labels, 1)
        )


class LRASPPHead(nn.Module):
    """Lite reduced ASPP: features at stride 8 and 16 → logits (B, labels, H/8, W/8)."""

    def __init__(self, low_channels: int, high_channels: int, labels: int) -> None:
        super().__init__()
        self.cbr = _block(nn.Conv2d(high_channels, _LITE_WIDTH, 1, bias=False))
        self.scale = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(high_channels, _LITE_WIDTH, 1, bias=False),
            nn.Sigmoid(),
        )
        self.low_classifier = nn.Conv2d(low_channels, labels, 1)
        self.high_classifier = nn.Conv2d(_LITE_WIDTH, labels, 1)

    def forward(self, low: Tensor, high: Tensor) -> Tensor:
        x = self.cbr(high) * self.scale(high)  # (B, 128, H/16, W/16)
        x = F.interpolate(x, size=low.shape[-2:], mode="bilinear", align_corners=False)
        logits: Tensor = self.low_classifier(low) + self.high_classifier(x)
        return logits


def _block(conv: nn.Conv2d) -> nn.Sequential:
    return nn.Sequential(conv, nn.BatchNorm2d(conv.out_channels), nn.ReLU(inplace=True))
