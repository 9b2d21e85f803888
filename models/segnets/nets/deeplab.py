"""DeepLabV3 with a stride-8 branch for edges (Chen et al., arXiv 1706.05587, 1802.02611)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from segnets.backbones.efficientnet_lite import (
    CHANNELS_8,
    CHANNELS_16,
    CHANNELS_SEMANTIC,
    EfficientNetLite0,
)
from segnets.layers import ConvNorm
from segnets.network import Grid, Network


@dataclass(frozen=True)
class DeepLabConfig:
    """Sizes of the head. The atrous rates fit output stride 16."""

    labels: int = 21
    width: int = 192
    atrous_rates: tuple[int, ...] = (6, 12, 18)
    low_width: int = 48
    decoder_width: int = 128
    classes: int = 0  # of the backbone's own classifier, whose groups the head reads; 0: none
    groups: int = 0


class Separable(nn.Sequential):
    """Depthwise 3×3 (atrous) then pointwise, each with norm and ReLU."""

    def __init__(self, in_channels: int, out_channels: int, dilation: int = 1) -> None:
        super().__init__(
            ConvNorm(
                in_channels,
                in_channels,
                3,
                dilation=dilation,
                groups=in_channels,
                activation=nn.ReLU(),
            ),
            ConvNorm(in_channels, out_channels, activation=nn.ReLU()),
        )


class Evidence(nn.Module):
    """The backbone's own classifier at every position, its classes summed in groups.

    Log probabilities of the groups at the position, around it, and in the whole image. The sum is
    taken after the softmax: one breed of dog that fits is enough, whichever it is.
    """

    def __init__(self, classes: int, groups: int) -> None:
        super().__init__()
        self.classify = nn.Conv2d(CHANNELS_SEMANTIC, classes, 1)
        self.group = nn.Conv2d(classes, groups, 1, bias=False)

    def forward(self, semantic: Tensor) -> Tensor:
        logits = self.classify(semantic)  # (B, classes, h, w)
        near = F.avg_pool2d(logits, 5, 1, 2, count_include_pad=False)
        whole = logits.mean((2, 3), keepdim=True)
        seen = [self._groups(scores) for scores in (logits, near, whole)]
        seen[2] = seen[2].expand_as(seen[0])
        return torch.cat(seen, 1)  # (B, 3 groups, h, w)

    def _groups(self, logits: Tensor) -> Tensor:
        probabilities: Tensor = self.group(logits.softmax(1))
        return probabilities.clamp(min=1e-3).log()


class AtrousPyramid(nn.Module):
    """Atrous spatial pyramid pooling: one look at each scale, and one at the whole image.

    The unpooled branches without context read the 1280 channels that ImageNet's classifier reads,
    where classes with few training masks are already told apart.
    """

    def __init__(self, config: DeepLabConfig) -> None:
        super().__init__()
        width = config.width
        self.point = ConvNorm(CHANNELS_SEMANTIC, width, activation=nn.ReLU())
        self.atrous = nn.ModuleList(
            Separable(CHANNELS_16, width, rate) for rate in config.atrous_rates
        )
        # No norm: one value per image and channel is too few for batch statistics.
        self.image = nn.Conv2d(CHANNELS_SEMANTIC, width, 1)
        self.evidence = Evidence(config.classes, config.groups) if config.classes else None
        branches = 2 + len(config.atrous_rates)
        seen = branches * width + 3 * config.groups
        self.merge = ConvNorm(seen, width, activation=nn.ReLU())

    def forward(self, stride16: Tensor, semantic: Tensor) -> Tensor:
        pooled = F.relu(self.image(semantic.mean((2, 3), keepdim=True)))  # (B, width, 1, 1)
        branches = [
            self.point(semantic),
            *(atrous(stride16) for atrous in self.atrous),
            pooled.expand(-1, -1, *stride16.shape[-2:]),
        ]
        if self.evidence is not None:
            # Training must not bend the backbone to make its own classifier say something else.
            branches.append(self.evidence(semantic.detach()))
        merged: Tensor = self.merge(torch.cat(branches, 1))
        return merged  # (B, width, h, w)


class DeepLabHead(nn.Module):
    """Stride-16 and stride-8 features → logits at stride 8."""

    def __init__(self, config: DeepLabConfig) -> None:
        super().__init__()
        self.pyramid = AtrousPyramid(config)
        self.low = ConvNorm(CHANNELS_8, config.low_width, activation=nn.ReLU())
        self.refine = Separable(config.width + config.low_width, config.decoder_width)
        self.classify = nn.Conv2d(config.decoder_width, config.labels, 1)

    def forward(self, stride8: Tensor, stride16: Tensor, semantic: Tensor) -> Tensor:
        context = self.pyramid(stride16, semantic)  # (B, width, H/16, W/16)
        # Sides are 16k+1, so corners coincide and every second row falls on a coarse one.
        context = F.interpolate(
            context, size=stride8.shape[-2:], mode="bilinear", align_corners=True
        )  # (B, width, H/8, W/8)
        x = self.refine(torch.cat([context, self.low(stride8)], 1))  # (B, decoder, H/8, W/8)
        logits: Tensor = self.classify(x)
        return logits  # (B, labels, H/8, W/8)


class DeepLab(Network):
    """EfficientNet-Lite0 + DeepLabV3: (B, 3, 16k+1, 16l+1) → logits (B, labels, 2k+1, 2l+1)."""

    grid: ClassVar[Grid] = "corners"

    def __init__(self, config: DeepLabConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = EfficientNetLite0()
        self.head = DeepLabHead(config)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        seen = self.backbone(x)
        return seen.stride8, seen.stride16, seen.semantic

    def decode(self, *features: Tensor) -> Tensor:
        logits: Tensor = self.head(*features)
        return logits
