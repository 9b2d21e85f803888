"""The network as training starts from it."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from segnets.backbones.efficientnet_lite import InvertedResidual, load_imagenet
from segnets.layers import ConvNorm, fold_norms
from segnets.nets.deeplab import DeepLab, DeepLabConfig
from segnets.training.depthwise import speed_up_depthwise


def new_student(
    config: DeepLabConfig, imagenet: str | None, frozen_blocks: int, seed: int
) -> DeepLab:
    """ImageNet backbone with folded norms, new head.

    The stem, the first `frozen_blocks` blocks and every depthwise kernel of the backbone keep their
    ImageNet weights: few photographs teach no better edges, and the step is twice as fast.
    """
    torch.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType] untyped there
    net = DeepLab(config)
    if imagenet is not None:
        rows = load_imagenet(net.backbone, imagenet)  # (1000, 1280)
        _know_imagenet(net.head.pyramid.point, rows, seed)
    fold_norms(net.backbone)
    net.requires_grad_(True)
    net.backbone.stem.requires_grad_(False)
    for number, block in enumerate(net.backbone.blocks):
        assert isinstance(block, InvertedResidual)
        block.depthwise.conv.weight.requires_grad_(False)
        if number < frozen_blocks:
            block.requires_grad_(False)
    speed_up_depthwise(net)
    net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] missing there
    return net


@torch.no_grad()
def _know_imagenet(point: ConvNorm, rows: Tensor, seed: int) -> None:
    """Start the pyramid's 1×1 branch as detectors of groups of ImageNet classes (k-means)."""
    width = point.conv.out_channels
    generator = torch.Generator().manual_seed(seed)
    centres = rows[torch.randperm(len(rows), generator=generator)[:width]].clone()
    for _ in range(10):
        nearest = torch.cdist(rows, centres).argmin(1)
        for group in range(width):
            members = rows[nearest == group]
            if len(members):
                centres[group] = members.mean(0)
    point.conv.weight.copy_(centres[:, :, None, None])


def parameter_groups(
    net: DeepLab, backbone_rate: float, head_rate: float, decay: float
) -> list[dict[str, object]]:
    """Slow backbone, fast head; no weight decay on biases and norms."""
    groups: list[dict[str, object]] = []
    for part, rate in ((net.backbone, backbone_rate), (net.head, head_rate)):
        trained = [p for p in part.parameters() if p.requires_grad]
        weights = [p for p in trained if p.ndim > 1]
        others = [p for p in trained if p.ndim <= 1]
        groups.append({"params": weights, "lr": rate, "peak": rate, "weight_decay": decay})
        groups.append({"params": others, "lr": rate, "peak": rate, "weight_decay": 0.0})
    return groups


class Average:
    """Exponential moving average of a network's weights; norm statistics are copied."""

    def __init__(self, net: DeepLab, decay: float) -> None:
        self.net = copy.deepcopy(net).requires_grad_(False).eval()
        self._decay = decay

    @torch.no_grad()
    def update(self, net: nn.Module, step: int) -> None:
        # Early on, the average of few steps should not remember the random start.
        decay = min(self._decay, (1 + step) / (10 + step))
        for mean, value in zip(self.net.parameters(), net.parameters(), strict=True):
            if value.requires_grad:
                mean.lerp_(value, 1 - decay)
        for mean, value in zip(self.net.buffers(), net.buffers(), strict=True):
            mean.copy_(value)
