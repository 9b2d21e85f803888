"""Which architectures there are, by the name that a registry entry calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from segnets.nets.deeplab import DeepLab, DeepLabConfig
from segnets.network import Network


def _deeplab_lite(sizes: Mapping[str, Any], labels: int) -> Network:
    given = {**sizes, "labels": labels}
    if "atrous_rates" in given:
        given["atrous_rates"] = tuple(given["atrous_rates"])
    return DeepLab(DeepLabConfig(**given))


ARCHITECTURES: Mapping[str, Callable[[Mapping[str, Any], int], Network]] = {
    "deeplabv3-efficientnet-lite0": _deeplab_lite,
}


def build(architecture: str, network: Mapping[str, Any], labels: int) -> Network:
    """A network with fresh weights; `network` has the sizes that its architecture leaves open.

    Raises KeyError for a name that no architecture has, TypeError for sizes that it has not.
    """
    return ARCHITECTURES[architecture](network, labels)
