"""The checkpoints that torchvision publishes for semantic segmentation. No PyTorch here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from segnets.labels import VOC21
from segnets.registry import Entry

LICENCE = "BSD-3-Clause"
OFFICIAL = "https://download.pytorch.org/models"
# What torchvision's own transform does before these checkpoints. The bound is ours: a panorama
# costs no more than four squares.
PREPROCESSING = {
    "short_side": 520,
    "long_side": 4 * 520,
    "multiple": 1,
    "mean": [123.675, 116.28, 103.53],
    "std": [58.395, 57.12, 57.375],
}


@dataclass(frozen=True)
class PublishedModel:
    """One file that can be fetched and then drafts."""

    name: str
    architecture: str
    file: str
    megabytes: int  # about, of 10^6 bytes
    auxiliary: bool

    @property
    def sha256_start(self) -> str:
        """The first digits of the file's sha256, which its publisher puts into its name."""
        return Path(self.file).stem.rpartition("-")[2]

    def entry(self, sha256: str) -> Entry:
        """The registry entry of the file, whose whole sha256 this is. Nobody has measured it."""
        return Entry(
            name=self.name,
            labels=VOC21,
            licence=LICENCE,
            source=f"{OFFICIAL}/{self.file}",
            file=self.file,
            sha256=sha256,
            network={"auxiliary": True} if self.auxiliary else {},
            preprocessing=PREPROCESSING,
            architecture=self.architecture,
        )


PUBLISHED = (
    PublishedModel(
        "deeplabv3-resnet50-coco",
        "deeplabv3-resnet50",
        "deeplabv3_resnet50_coco-cd0a2569.pth",
        168,
        auxiliary=True,
    ),
    PublishedModel(
        "deeplabv3-resnet101-coco",
        "deeplabv3-resnet101",
        "deeplabv3_resnet101_coco-586e9e4e.pth",
        245,
        auxiliary=True,
    ),
    PublishedModel(
        "deeplabv3-mobilenet-v3-large-coco",
        "deeplabv3-mobilenet-v3-large",
        "deeplabv3_mobilenet_v3_large-fc3c493d.pth",
        44,
        auxiliary=True,
    ),
    PublishedModel(
        "fcn-resnet50-coco",
        "fcn-resnet50",
        "fcn_resnet50_coco-1167a1af.pth",
        142,
        auxiliary=True,
    ),
    PublishedModel(
        "fcn-resnet101-coco",
        "fcn-resnet101",
        "fcn_resnet101_coco-7ecb50ca.pth",
        218,
        auxiliary=True,
    ),
    PublishedModel(
        "lraspp-mobilenet-v3-large-coco",
        "lraspp-mobilenet-v3-large",
        "lraspp_mobilenet_v3_large-d234d4ea.pth",
        13,
        auxiliary=False,
    ),
)


def find_published(name: str) -> PublishedModel | None:
    """The published model of a name, of its architecture's name or of its file's, however spelt."""
    wanted = _plain(name)
    for model in PUBLISHED:
        stem = Path(model.file).stem
        names = (model.name, model.architecture, model.file, stem, stem.rpartition("-")[0])
        if wanted in map(_plain, names):
            return model
    return None


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
