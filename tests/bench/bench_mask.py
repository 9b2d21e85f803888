"""Opening a mask: its bytes against the same mask as COCO RLE, and against an indexed PNG."""

from collections.abc import Iterable

import numpy as np
from pycocotools import mask as coco_mask

from maskwright.demo.seed import PHOTOS
from maskwright.domain.codec import TileBundle
from maskwright.domain.tiles import LAYERS, cut
from maskwright.services.decode import decode
from tests.bench.figure import Figure
from tests.bench.scenes import street
from tests.factories import png

BUDGET = 0.35


def measure() -> Iterable[Figure]:
    yield _figure("street scenes, 2048×1024", [street(2048, 1024, seed) for seed in range(5)])
    yield _figure("drafts of the demo photographs", _drafts())


def _figure(what: str, masks: list[np.ndarray]) -> Figure:
    ours, rle = sum(map(_bundle_bytes, masks)), sum(map(_rle_bytes, masks))
    note = f"{ours / len(masks):.0f} of {rle / len(masks):.0f} bytes a mask; "
    note += f"{ours / sum(len(png(mask)) for mask in masks):.2f} of the indexed PNGs"
    return Figure(f"open a mask, bytes against COCO RLE: {what}", ours / rle, BUDGET, note=note)


def _bundle_bytes(mask: np.ndarray) -> int:
    height, width = mask.shape
    tiles = dict(enumerate(cut(mask, LAYERS["classes"])))
    return len(TileBundle(width, height, {"classes": tiles}).to_bytes())


def _rle_bytes(mask: np.ndarray) -> int:
    """The compressed counts of every label but void, and nothing of the JSON around them."""
    labels = [value for value in np.unique(mask) if value != 255]
    columns = (np.asfortranarray(mask == value, np.uint8) for value in labels)
    return sum(len(coco_mask.encode(column)["counts"]) for column in columns)


def _drafts() -> list[np.ndarray]:
    from segnets import Predictor

    predictor = Predictor.load("default")
    photos = sorted(path for path in PHOTOS.iterdir() if path.suffix in (".jpg", ".png"))
    return [predictor.propose(decode(path.read_bytes())).classes for path in photos]
