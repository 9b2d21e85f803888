"""Photographs as our networks and torchvision's see them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from segnets.catalogue import PREPROCESSING
from segnets.transforms import Preprocessing, resize, to_tensor

PHOTOS = Path(__file__).parents[2] / "server" / "maskwright" / "demo" / "photos"
OURS = Preprocessing(**PREPROCESSING)


def prepared(image: np.ndarray) -> Tensor:
    """(H, W, 3) uint8 → (1, 3, h, w), our way."""
    return OURS.normalise(resize(to_tensor(image), *OURS.working_size(*image.shape[:2])))[None]


def photographs() -> Iterator[tuple[str, np.ndarray]]:
    for path in sorted(PHOTOS.glob("*.*g")):
        with Image.open(path) as image:
            yield path.name, np.asarray(image.convert("RGB"))


class Difference(NamedTuple):
    """Of two preparations of one photograph, in grey levels."""

    largest: float
    mean: float


def preparation_differences() -> dict[str, Difference]:
    """Ours against torchvision's transform on a tensor and on a Pillow image, over all photos."""
    from torchvision.models.segmentation import FCN_ResNet50_Weights

    theirs = FCN_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1.transforms()
    found: dict[str, list[Tensor]] = {"tensor": [], "Pillow image": []}
    for _, image in photographs():
        ours = prepared(image)[0]
        found["tensor"].append(_grey(ours - theirs(to_tensor(image).permute(2, 0, 1))))
        found["Pillow image"].append(_grey(ours - theirs(Image.fromarray(image))))
    return {
        name: Difference(
            max(float(levels.max()) for levels in differences),
            sum(float(levels.mean()) for levels in differences) / len(differences),
        )
        for name, differences in found.items()
    }


def sizes_that_differ(count: int = 2000) -> list[tuple[int, int]]:
    """Image sizes, within our bound on panoramas, that torchvision would resize to others."""
    from torchvision.transforms.functional import _compute_resized_output_size

    generator = np.random.default_rng(0)
    differing: list[tuple[int, int]] = []
    for height, width in generator.integers(1, 6000, (count, 2)).tolist():
        if max(height, width) > 4 * min(height, width):
            continue
        theirs = tuple(_compute_resized_output_size((height, width), [520]))
        if OURS.working_size(height, width) != theirs:
            differing.append((height, width))
    return differing


def _grey(difference: Tensor) -> Tensor:
    return difference.abs() * torch.tensor(PREPROCESSING["std"])[:, None, None]
