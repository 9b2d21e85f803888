"""Small pictures of images, plain or with the mask drawn over."""

import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image
from sqlalchemy.orm import Session

from maskwright.domain.labels import VOID, Label
from maskwright.services import blobs, masks
from maskwright.tables import ImageRow

Overlay = Literal["none", "head", "proposal", "auto"]
SIDE = 320  # pixels, the longer one
MEDIA_TYPE = "image/webp"
_ALPHA = 0.55
_BACKGROUND_ALPHA = 0.25  # the photograph must still be seen around the objects
_CACHED = 1024  # overlays of some 10 kB each


@dataclass(frozen=True)
class Thumbnail:
    """What to send: `etag` changes when the picture does."""

    etag: str
    data: bytes | None  # None when the asker has it already


def make(rgb: np.ndarray) -> bytes:
    """WebP of (H, W, 3) uint8, at most 320 pixels long, never larger than the image."""
    image = Image.fromarray(rgb)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _webp(image)


def render(
    session: Session,
    image: ImageRow,
    labels: Sequence[Label],
    overlay: Overlay = "none",
    known_etag: str | None = None,
) -> Thumbnail:
    """The thumbnail of an image with the mask of a ref drawn over it, if it has one.

    `auto` draws the head, or the proposal where there is no head yet.
    """
    ref = _ref(image, overlay)
    revision = image.ref(ref) if ref else None
    if revision is None:
        etag = image.thumb_blob
        return Thumbnail(etag, None if etag == known_etag else blobs.read(session, etag))
    colors = tuple((label.index, label.color, label.name) for label in labels)
    etag = blobs.name_of(f"{image.thumb_blob} {revision.id} {colors}".encode())
    if etag == known_etag:
        return Thumbnail(etag, None)
    data = _cache.get(etag)
    if data is None:
        classes = masks.load_revision(session, image, revision, ("classes",)).layers["classes"]
        data = draw(blobs.read(session, image.thumb_blob), classes, labels)
        _cache.put(etag, data)
    return Thumbnail(etag, data)


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


def _ref(image: ImageRow, overlay: Overlay) -> Literal["head", "proposal"] | None:
    if overlay == "auto":
        return "head" if image.ref("head") else "proposal"
    return None if overlay == "none" else overlay


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
