"""Small pictures of images, plain or with the mask drawn over."""

import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from PIL import Image
from sqlalchemy.orm import Session

from maskwright.domain.labels import VOID, Label
from maskwright.services import blobs, masks
from maskwright.tables import ImageRow, RevisionRow

Overlay = Literal["none", "head", "proposal", "auto"]
SIDE = 320  # pixels, the longer one
MEDIA_TYPE = "image/webp"
_ALPHA = 0.55
_BACKGROUND_ALPHA = 0.25  # the photograph must still be seen around the objects
_CACHED = 1024  # overlays of some 10 kB each


@dataclass(frozen=True)
class Plan:
    """What is to be drawn: a revision, or None for the plain picture.

    `etag` changes when the picture does.
    """

    etag: str
    revision: RevisionRow | None


def make(rgb: np.ndarray) -> bytes:
    """WebP of (H, W, 3) uint8, at most 320 pixels long, never larger than the image."""
    height, width = rgb.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # OpenCV averages areas without copying the whole image first, as Pillow would.
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return _webp(Image.fromarray(np.asarray(small, np.uint8)))


def plan(image: ImageRow, labels: Sequence[Label], overlay: Overlay) -> Plan:
    """Tell which mask goes over the image; it has none, the plain picture is it.

    `auto` is the head, or the proposal where there is no head yet.
    """
    refs = {"none": (), "auto": ("head", "proposal")}.get(overlay, (overlay,))
    revision = next((found for ref in refs if (found := image.ref(ref))), None)
    if revision is None:
        return Plan(image.thumb_blob, None)
    colors = [(label.index, label.color, label.name) for label in labels]
    return Plan(blobs.name_of(f"{image.thumb_blob} {revision.id} {colors}".encode()), revision)


def render(session: Session, image: ImageRow, labels: Sequence[Label], plan: Plan) -> bytes:
    """WebP of what was planned."""
    if plan.revision is None:
        return blobs.read(session, image.thumb_blob)
    data = _cache.get(plan.etag)
    if data is None:
        mask = masks.load_revision(session, image, plan.revision, ("classes",))
        data = draw(blobs.read(session, image.thumb_blob), mask.layers["classes"], labels)
        _cache.put(plan.etag, data)
    return data


def draw(thumbnail: bytes, classes: np.ndarray, labels: Sequence[Label]) -> bytes:
    """WebP of the thumbnail under the mask, classes (H, W) uint8 of the full image."""
    with Image.open(io.BytesIO(thumbnail), formats=["WEBP"]) as image:
        photo = np.asarray(image.convert("RGB")).astype(np.float32)
    small = _sample(classes, *photo.shape[:2])
    palette, alpha = _palette(labels)
    cover = alpha[small][..., None]
    mixed = photo * (1 - cover) + palette[small] * cover
    edge = _edges(small) & (alpha[small] == np.float32(_ALPHA))
    mixed[edge] = palette[small][edge]
    return _webp(Image.fromarray(np.rint(mixed).astype(np.uint8)))


def _palette(labels: Sequence[Label]) -> tuple[np.ndarray, np.ndarray]:
    """Colours (256, 3) float32 and opacity (256,) float32 by index; void is not drawn."""
    colors, alpha = np.zeros((256, 3), np.float32), np.zeros(256, np.float32)
    for label in labels:
        colors[label.index] = label.rgb
        background = label.name.casefold() == "background"
        alpha[label.index] = _BACKGROUND_ALPHA if background else _ALPHA
    alpha[VOID] = 0
    return colors, alpha


def _sample(classes: np.ndarray, height: int, width: int) -> np.ndarray:
    """The label at the centre of each small pixel: labels are never mixed."""
    rows = (np.arange(height) * 2 + 1) * classes.shape[0] // (2 * height)
    columns = (np.arange(width) * 2 + 1) * classes.shape[1] // (2 * width)
    return classes[np.ix_(rows, columns)]


def _edges(small: np.ndarray) -> np.ndarray:
    """Pixels (H, W) bool with a neighbour in their row or column of another label."""
    edges = np.zeros(small.shape, bool)
    beside = small[:, :-1] != small[:, 1:]
    below = small[:-1] != small[1:]
    edges[:, :-1] |= beside
    edges[:, 1:] |= beside
    edges[:-1] |= below
    edges[1:] |= below
    return edges


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80, method=4)
    return out.getvalue()


class _Cache:
    """The overlays used last, shared by the threads of this process."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
            return self._items.get(key)

    def put(self, key: str, data: bytes) -> None:
        with self._lock:
            self._items[key] = data
            self._items.move_to_end(key)
            while len(self._items) > self._size:
                self._items.popitem(last=False)


_cache = _Cache(_CACHED)
