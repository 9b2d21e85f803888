"""The network as training starts from it."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from segnets.backbones.efficientnet_lite import InvertedResidual, load_imagenet
from segnets.layers import ConvNorm, fold_norms
from segnets.nets.deeplab import DeepLab, DeepLabConfig, Evidence
from segnets.training.depthwise import speed_up_depthwise
from segnets.training.imagenet import CLASSES, GROUPS, group_matrix

STUDENT = DeepLabConfig(classes=CLASSES, groups=len(GROUPS))


def new_student(config: DeepLabConfig, imagenet: str | None, seed: int) -> DeepLab:
    """ImageNet backbone with folded norms, new head; `thaw` says what of it learns."""
    torch.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType] untyped there
    net = DeepLab(config)
    if imagenet is not None:
        rows, biases = load_imagenet(net.backbone, imagenet)  # (1000, 1280), (1000,)
        _know_imagenet(net.head.pyramid.point, rows, seed)
        if net.head.pyramid.evidence is not None:
            _classify(net.head.pyramid.evidence, rows, biases)
    fold_norms(net.backbone)
    speed_up_depthwise(net)
    net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] missing there
    return net


def thaw(net: DeepLab, frozen_blocks: int) -> None:
    """Let the head learn, and the backbone's blocks from `frozen_blocks` on.

    The rest of the backbone, its depthwise kernels and its classifier keep their ImageNet weights:
    few photographs teach no better edges or classes, and a step is much faster.
    """
    net.requires_grad_(True)
    if net.head.pyramid.evidence is not None:
        net.head.pyramid.evidence.requires_grad_(False)
    net.backbone.stem.requires_grad_(False)
    net.backbone.head.requires_grad_(frozen_blocks < len(net.backbone.blocks))
    for number, block in enumerate(net.backbone.blocks):
        assert isinstance(block, InvertedResidual)
        block.requires_grad_(number >= frozen_blocks)
        block.depthwise.conv.weight.requires_grad_(False)


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


@torch.no_grad()
def _classify(evidence: Evidence, rows: Tensor, biases: Tensor) -> None:
    """Give the head the backbone's classifier, and the table of what its classes mean."""
    evidence.classify.weight.copy_(rows[:, :, None, None])
    assert evidence.classify.bias is not None
    evidence.classify.bias.copy_(biases)
    evidence.group.weight.copy_(group_matrix()[:, :, None, None])


def parameter_groups(
    net: DeepLab, backbone_rate: float, head_rate: float, decay: float
) -> list[dict[str, object]]:
    """Slow backbone, fast head; no weight decay on biases and norms."""
    groups: list[dict[str, object]] = []
    for part, rate in ((net.backbone, backbone_rate), (net.head, head_rate)):
        trained = [p for p in part.parameters() if p.requires_grad]
        weights = [p for p in trained if p.ndim > 1]
        others = [p for p in trained if p.ndim <= 1]
        for params, shrink in ((weights, decay), (others, 0.0)):
            groups.append(
                {
                    "params": params,
                    "lr": rate,
                    "peak": rate,
                    "weight_decay": shrink,
                    "late": part is net.backbone,
                }
            )
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
