"""The photographs that engines are measured on."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from maskwright.demo.seed import PHOTOS
from maskwright.domain.mask import Classes
from maskwright.errors import BadRequest
from maskwright.services.decode import Limits, accept, decode

TIMED_SIZE = (640, 480)
_MAX_PIXELS = 100_000_000
_SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Samples:
    """Image files to judge quality on, with masks of the model's labels or without any."""

    pairs: tuple[tuple[Path, Path | None], ...]
    labels: int
    timed: npt.NDArray[np.uint8]  # (480, 640, 3)
    timed_file: bytes  # the same as JPEG

    @property
    def has_truth(self) -> bool:
        return self.pairs[0][1] is not None

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[tuple[npt.NDArray[np.uint8], Classes | None]]:
        for image, mask in self.pairs:
            data = image.read_bytes()
            limits = Limits(max_bytes=len(data), max_pixels=_MAX_PIXELS)
            rgb = accept(data, limits).rgb
            yield rgb, None if mask is None else np.array(Image.open(mask))


def samples(images: Path | None, truth: Path | None, labels: int) -> Samples:
    """Those of a VOC folder `truth`, else of a folder of images, else the demo's photographs.

    Raises BadRequest when there are none.
    """
    if truth is not None:
        pairs = tuple(_voc(truth))
    else:
        folder = images or PHOTOS
        pairs = tuple(
            (path, None) for path in sorted(folder.glob("*")) if path.suffix.lower() in _SUFFIXES
        )
    if not pairs:
        raise BadRequest(
            f"There is nothing to measure on in {truth or images}. Name a folder of images, or one "
            "with JPEGImages and SegmentationClass."
        )
    file = _timed_file()
    return Samples(pairs, labels, decode(file), file)


def _voc(folder: Path) -> Iterator[tuple[Path, Path]]:
    for mask in sorted((folder / "SegmentationClass").glob("*.png")):
        image = folder / "JPEGImages" / f"{mask.stem}.jpg"
        if image.is_file():
            yield image, mask


def _timed_file() -> bytes:
    with Image.open(PHOTOS / "cat.png") as image:
        buffer = io.BytesIO()
        image.convert("RGB").resize(TIMED_SIZE).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
