"""DeepLabV3, FCN and LR-ASPP as torchvision publishes them, state dict for state dict."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from segnets.backbones import mobilenet_v3, resnet
from segnets.backbones.mobilenet_v3 import MobileNetV3Large
from segnets.backbones.resnet import ResNet
from segnets.nets.heads import DeepLabV3Head, FCNHead, LRASPPHead
from segnets.network import Grid, Network

Backbone = ResNet | MobileNetV3Large


class PublishedNet(Network):
    """A backbone, a head on its last features and, for training, one on earlier features."""

    grid: ClassVar[Grid] = "centres"

    def __init__(
        self, backbone: Backbone, classifier: nn.Sequential, aux_classifier: FCNHead | None
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.classifier = classifier
        self.aux_classifier = aux_classifier

    def encode(self, x: Tensor) -> tuple[Tensor]:
        return (self.backbone(x).high,)

    def decode(self, *features: Tensor) -> Tensor:
        logits: Tensor = self.classifier(*features)
        return logits

    def auxiliary(self, x: Tensor) -> Tensor:
        """(B, 3, h, w) → the auxiliary head's logits (B, labels, h', w'), for a loss on them."""
        assert self.aux_classifier is not None
        logits: Tensor = self.aux_classifier(self.backbone(x).low)
        return logits

    def drop_auxiliary(self) -> None:
        self.aux_classifier = None


class LRASPP(Network):
    """MobileNetV3-Large whose last features are weighed, enlarged and joined by earlier ones."""

    grid: ClassVar[Grid] = "centres"

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.backbone = MobileNetV3Large()
        self.classifier = LRASPPHead(mobilenet_v3.CHANNELS_LOW, mobilenet_v3.CHANNELS_HIGH, labels)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.backbone(x)
        return seen.low, seen.high

    def decode(self, *features: Tensor) -> Tensor:
        logits: Tensor = self.classifier(*features)
        return logits


def deeplabv3_resnet(
    blocks: tuple[int, int, int, int], labels: int, auxiliary: bool = False
) -> Network:
    """DeepLabV3 on a ResNet: logits at stride 8."""
    head = DeepLabV3Head(resnet.CHANNELS_HIGH, labels)
    return PublishedNet(
        ResNet(blocks), head, FCNHead(resnet.CHANNELS_LOW, labels) if auxiliary else None
    )


def fcn_resnet(blocks: tuple[int, int, int, int], labels: int, auxiliary: bool = False) -> Network:
    """FCN on a ResNet: logits at stride 8."""
    head = FCNHead(resnet.CHANNELS_HIGH, labels)
    return PublishedNet(
        ResNet(blocks), head, FCNHead(resnet.CHANNELS_LOW, labels) if auxiliary else None
    )


def deeplabv3_mobilenet_v3(labels: int, auxiliary: bool = False) -> Network:
    """DeepLabV3 on MobileNetV3-Large: logits at stride 16."""
    head = DeepLabV3Head(mobilenet_v3.CHANNELS_HIGH, labels)
    aux = FCNHead(mobilenet_v3.CHANNELS_LOW, labels) if auxiliary else None
    return PublishedNet(MobileNetV3Large(), head, aux)
