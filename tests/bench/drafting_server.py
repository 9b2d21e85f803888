"""A server with the real model, and photographs to draft."""

import contextlib
import io
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from maskwright.demo.seed import PHOTOS

LABELS = [
    {"index": 0, "name": "cat", "color": "#808080"},
    {"index": 1, "name": "person", "color": "#ff8080"},
]
_numbers = itertools.count(1)


def photograph_file() -> bytes:
    """A 640×480 photograph as JPEG, unlike any before it: equal files are one image."""
    with Image.open(PHOTOS / "cat.png") as photo:
        pixels = np.asarray(photo.convert("RGB").resize((640, 480))).copy()
    number = next(_numbers)
    pixels[:8, :8] = (number % 256, number // 256 % 256, 0)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@contextlib.contextmanager
def drafting_server(folder: Path, **settings: str) -> Iterator[tuple[httpx.Client, int, int]]:
    """Yield a client, the id of a project, and the server's process id; the model is warm."""
    command = [sys.executable, "-m", "maskwright", "serve", "--port", "0", "--no-worker"]
    server = subprocess.Popen(
        [*command, "--data", str(folder / "data")],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {f"MASKWRIGHT_{name}": value for name, value in settings.items()},
    )
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        url = line[line.index("http://") :].split()[0]
        with httpx.Client(base_url=f"{url}api/v1".replace("//api", "/api"), timeout=120) as client:
            body = {"name": "bench", "labels": LABELS}
            project = client.post("projects", json=body).raise_for_status().json()["id"]
            draft(client, upload(client, project))
            yield client, project, server.pid
    finally:
        server.terminate()
        server.wait(30)


def upload(client: httpx.Client, project: int) -> int:
    """Upload a new photograph; return its id."""
    files = [("files", ("a.jpg", photograph_file()))]
    answer = client.post(f"projects/{project}/images", files=files).raise_for_status()
    return answer.json()[0]["id"]


def draft(client: httpx.Client, image: int) -> None:
    """Have the image drafted and fetch the draft's tiles, as the editor does."""
    client.post(f"images/{image}/proposal").raise_for_status()
    query = {"ref": "proposal", "layer": ["classes", "confidence"], "format": "tiles"}
    client.get(f"images/{image}/mask", params=query).raise_for_status()
