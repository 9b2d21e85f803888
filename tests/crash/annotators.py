"""People who save without pause, and remember exactly what was acknowledged."""

import hashlib
import io
import random
import threading
import uuid
from dataclasses import dataclass

import httpx
import numpy as np
from PIL import Image

from crash.server import client
from maskwright.domain.codec import MEDIA_TYPE, TileBundle
from maskwright.domain.labels import VOID
from maskwright.domain.tiles import LAYERS, Grid, cut

WIDTH, HEIGHT = 600, 500  # 3×2 tiles, the right and lower ones cut by the edge
LABELS = 5
GRID = Grid(WIDTH, HEIGHT)
MAX_BYTES = 1 << 24


@dataclass(frozen=True)
class Saved:
    """An acknowledged revision, and what the annotator's tiles were in it."""

    image: int
    revision: int
    tiles: frozenset[int]
    digest: str


@dataclass(frozen=True, eq=False)
class Save:
    """A request that is sent, and sent again after a crash, until it is acknowledged."""

    method: str
    body: bytes
    media_type: str
    base: int
    key: str
    classes: np.ndarray


class Annotator:
    """Changes its own tiles of one image, all of them or half, over and over."""

    def __init__(self, url: str, image: int, tiles: frozenset[int], seed: int) -> None:
        self.url, self.image, self.tiles = url, image, tiles
        self.random = random.Random(seed)
        self.classes = np.full((HEIGHT, WIDTH), VOID, np.uint8)
        self.base = 0
        self.pending: Save | None = None
        self.saved: list[Saved] = []
        self.refused: list[str] = []

    def work(self, stop: threading.Event) -> None:
        """Save until told to stop or until the server is gone."""
        with client(self.url) as connection:
            while not stop.is_set():
                self.pending = self.pending or self._change()
                try:
                    self._send(connection, self.pending)
                except httpx.TransportError:
                    return  # whether it was saved is now unknown; the next try will tell
                if self.refused:
                    return

    def _send(self, connection: httpx.Client, save: Save) -> None:
        url = f"/images/{self.image}/mask"
        headers = {
            "If-Match": f'"{save.base}"',
            "Idempotency-Key": save.key,
            "Content-Type": save.media_type,
        }
        answer = connection.request(save.method, url, content=save.body, headers=headers)
        if answer.status_code != 200:
            self.refused.append(f"{save.method} {url}: {answer.status_code} {answer.text[:300]}")
            return
        self.base, self.classes, self.pending = answer.json()["id"], save.classes, None
        self.saved.append(
            Saved(self.image, self.base, self.tiles, digest(save.classes, self.tiles))
        )

    def _change(self) -> Save:
        classes = self.classes.copy()
        changed = self.random.sample(sorted(self.tiles), self.random.randint(1, 2))
        for tile in changed:
            self._paint(classes[GRID.box(tile)])
        if len(self.tiles) == GRID.count and self.random.random() < 0.3:
            return self._save("PUT", to_png(classes), "image/png", classes)
        pixels = cut(classes, LAYERS["classes"], changed)
        bundle = TileBundle(WIDTH, HEIGHT, {"classes": dict(zip(changed, pixels, strict=True))})
        return self._save("PATCH", bundle.to_bytes(), MEDIA_TYPE, classes)

    def _save(self, method: str, body: bytes, media_type: str, classes: np.ndarray) -> Save:
        return Save(method, body, media_type, self.base, uuid.uuid4().hex, classes)

    def _paint(self, tile: np.ndarray) -> None:
        """Draw a rectangle and a speckle, so that no two saves are alike."""
        height, width = tile.shape
        top, left = self.random.randrange(height), self.random.randrange(width)
        tile[top : top + 90, left : left + 120] = self.random.randrange(LABELS)
        tile[self.random.randrange(height), self.random.randrange(width)] = VOID


def digest(classes: np.ndarray, tiles: frozenset[int]) -> str:
    """Hash of those tiles of a mask."""
    content = hashlib.sha256()
    for tile in sorted(tiles):
        content.update(np.ascontiguousarray(classes[GRID.box(tile)]).tobytes())
    return content.hexdigest()


def to_png(classes: np.ndarray) -> bytes:
    """Return the mask as an indexed PNG."""
    image = Image.fromarray(classes)
    image.putpalette(bytes(range(256)) * 3)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def photo(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (HEIGHT // 4, WIDTH // 4, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).resize((WIDTH, HEIGHT)).save(out, "JPEG")
    return out.getvalue()
