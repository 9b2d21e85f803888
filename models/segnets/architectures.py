"""Which architectures there are, by the name that a registry entry calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from segnets.backbones.resnet import BLOCKS_50, BLOCKS_101
from segnets.nets.deeplab import DeepLab, DeepLabConfig
from segnets.nets.published import LRASPP, deeplabv3_mobilenet_v3, deeplabv3_resnet, fcn_resnet
from segnets.network import Network

Builder = Callable[..., Network]


def _deeplab_lite(labels: int, **sizes: Any) -> Network:
    if "atrous_rates" in sizes:
        sizes["atrous_rates"] = tuple(sizes["atrous_rates"])
    return DeepLab(DeepLabConfig(labels, **sizes))


ARCHITECTURES: Mapping[str, Builder] = {
    "deeplabv3-efficientnet-lite0": _deeplab_lite,
    "deeplabv3-resnet50": partial(deeplabv3_resnet, BLOCKS_50),
    "deeplabv3-resnet101": partial(deeplabv3_resnet, BLOCKS_101),
    "deeplabv3-mobilenet-v3-large": deeplabv3_mobilenet_v3,
    "fcn-resnet50": partial(fcn_resnet, BLOCKS_50),
    "fcn-resnet101": partial(fcn_resnet, BLOCKS_101),
    "lraspp-mobilenet-v3-large": LRASPP,
}


def build(architecture: str, network: Mapping[str, Any], labels: int) -> Network:
    """A network with fresh weights; `network` has the sizes that its architecture leaves open.

    Raises KeyError for a name that no architecture has, TypeError for sizes that it has not.
    """
    return ARCHITECTURES[architecture](**{**network, "labels": labels})
