"""Photographs with a teacher's soft grid, and some of them with fine masks too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from segnets.labels import VOID


@dataclass(frozen=True, eq=False)
class Photo:
    """One training photograph, decoded once."""

    name: str
    image: np.ndarray  # (H, W, 3) uint8
    teacher: np.ndarray | None  # (h, w, labels) uint8, probability × 255, covers the whole image
    fine: np.ndarray | None  # (H, W) uint8 label index, 255 = void


def fine_names(fine_dir: Path) -> list[str]:
    """Names of the photographs that have a fine mask (VOC layout), sorted."""
    return sorted(path.stem for path in (fine_dir / "SegmentationClass").glob("*.png"))


def held_out(names: list[str], count: int, seed: int) -> frozenset[str]:
    """The names kept from training, to measure on."""
    order = np.random.default_rng(seed).permutation(np.arange(len(names)))
    return frozenset(names[int(index)] for index in order[:count])


def load_photos(
    distill_dir: Path, fine_dir: Path, without: frozenset[str], limit: int | None = None
) -> list[Photo]:
    """Every training photograph, sorted by name; `without` are left out of both sets."""
    with_fine = set(fine_names(fine_dir))
    paths = sorted((distill_dir / "images").glob("*.jpg"))
    photos: list[Photo] = []
    for path in [path for path in paths if path.stem not in without][:limit]:
        if path.stem in with_fine:
            # The teacher knows less; and the mask belongs to this size of the photograph.
            image = read_image(fine_dir / "JPEGImages" / path.name)
            photos.append(Photo(path.stem, image, None, read_mask(fine_dir, path.stem)))
        else:
            teacher = np.load(distill_dir / "teacher" / f"{path.stem}.npz")["probs"]
            photos.append(Photo(path.stem, read_image(path), teacher, None))
    return photos


def load_fine(fine_dir: Path, names: frozenset[str]) -> list[Photo]:
    """The fine photographs of these names, sorted."""
    return [
        Photo(
            name,
            read_image(fine_dir / "JPEGImages" / f"{name}.jpg"),
            None,
            read_mask(fine_dir, name),
        )
        for name in sorted(names)
    ]


def read_image(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 RGB."""
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))


def read_mask(fine_dir: Path, name: str) -> np.ndarray:
    """(H, W) uint8 label indices."""
    with Image.open(fine_dir / "SegmentationClass" / f"{name}.png") as image:
        return np.array(image)


def label_shares(photo: Photo, labels: int) -> np.ndarray:
    """(labels,) share of the photograph that each label covers."""
    if photo.fine is not None:
        flat = photo.fine[photo.fine != VOID]
    else:
        assert photo.teacher is not None
        flat = photo.teacher.argmax(-1).ravel()
    counts = np.bincount(flat, minlength=labels).astype(np.float64)
    return counts / max(counts.sum(), 1.0)
