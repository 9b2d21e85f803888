"""Small makers of what tests need: photographs, masks, projects, a model."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from maskwright.domain.proposer import Draft, DraftOptions

LABELS = [
    {"index": 0, "name": "ground", "color": "#804000"},
    {"index": 1, "name": "tree", "color": "#00a000", "hotkey": "2", "is_thing": True},
    {"index": 7, "name": "sky", "color": "#40a0ff"},
]


class BrightnessProposer:
    """Calls bright pixels sky and dark ones ground: a model whose answer a test can work out."""

    name = "brightness"
    labels: Sequence[str] = ("ground", "sky")
    sha256 = ""
    engine = "numpy"

    def propose(self, image: np.ndarray, options: DraftOptions = DraftOptions()) -> Draft:
        gray = image.mean(axis=2)
        classes = (gray >= 128).astype(np.uint8)
        confidence = np.clip(np.abs(gray - 128) * 2, 1, 255).astype(np.uint8)
        return Draft(classes, confidence)


def photograph(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A smooth (height, width, 3) picture, bright at the top, with a little noise."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(230, 20, height)[:, None, None]
    wave = 20 * np.sin(np.linspace(0, 9, width))[None, :, None]
    noise = rng.normal(0, 4, (height, width, 3))
    return np.clip(ramp + wave + noise, 0, 255).astype(np.uint8)


def jpeg(pixels: np.ndarray, quality: int = 90) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return out.getvalue()


def png(pixels: np.ndarray) -> bytes:
    """A PNG of the very values: gray for (H, W), 16-bit where they are."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def read_png(data: bytes) -> np.ndarray:
    """The values of a PNG: indices for a palette."""
    return np.array(Image.open(io.BytesIO(data)))


def create_project(client, labels=None, name="Park") -> dict:
    answer = client.post("/api/v1/projects", json={"name": name, "labels": labels or LABELS})
    assert answer.status_code == 201, answer.text
    return answer.json()
