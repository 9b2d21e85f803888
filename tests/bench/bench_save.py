"""One stroke on 2048×1024: the bytes that travel, and how long until it is on disk."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import httpx
import numpy as np

from maskwright.domain.codec import MEDIA_TYPE, TileBundle
from maskwright.domain.tiles import LAYERS, cut
from tests.bench.figure import Figure
from tests.bench.scenes import street
from tests.factories import jpeg, photograph, png

WIDTH, HEIGHT = 2048, 1024
STROKES = 60
LABELS = [{"index": i, "name": f"label {i}", "color": "#808080"} for i in range(11)]


def measure() -> Iterable[Figure]:
    mask = street(WIDTH, HEIGHT)
    with TemporaryDirectory() as folder:
        server, url = _serve(Path(folder))
        try:
            with httpx.Client(base_url=url, timeout=60) as client:
                image = masked_image(client, mask)
                sizes, seconds = strokes(client, image, mask)
                inside = _server_seconds(client) / len(sizes)
        finally:
            server.terminate()
            server.wait(20)
        disk = _fsync_seconds(Path(folder), int(statistics.median(sizes)))
    whole = len(png(mask))
    share = statistics.median(sizes) / whole
    took = statistics.median(seconds)
    note = f"{statistics.median(sizes):.0f} of {whole} bytes"
    yield Figure("save a stroke: bytes against the whole indexed PNG", share, 0.03, note=note)
    tail = "mean, from a request's arrival to its answer, on disk by then"
    yield Figure("save a stroke: server time", 1000 * inside, 10, "ms", tail)
    tail = f"p95 {1000 * np.percentile(seconds, 95):.1f} ms"
    yield Figure("save a stroke: until the client has its answer", 1000 * took, None, "ms", tail)
    note = f"of the same bytes, {1000 * disk:.2f} ms"
    yield Figure("save a stroke: against one write and fsync", took / disk, None, note=note)


def _serve(folder: Path) -> tuple[subprocess.Popen, str]:
    command = [sys.executable, "-m", "maskwright", "serve", "--port", "0", "--no-worker"]
    server = subprocess.Popen(
        [*command, "--data", str(folder / "data")],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"MASKWRIGHT_WARM": "0"},
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    return server, line[line.index("http://") :].split()[0]


def masked_image(client: httpx.Client, mask: np.ndarray) -> str:
    """Upload a photograph with that mask; return the path of its mask."""
    project = client.post("/api/v1/projects", json={"name": "bench", "labels": LABELS}).json()
    files = [("files", ("a.jpg", jpeg(photograph(WIDTH, HEIGHT))))]
    image = client.post(f"/api/v1/projects/{project['id']}/images", files=files).json()[0]
    path = f"/api/v1/images/{image['id']}/mask"
    client.put(path, content=png(mask), headers={"If-Match": '"0"'}).raise_for_status()
    return path


def strokes(client: httpx.Client, path: str, mask: np.ndarray) -> tuple[list[int], list[float]]:
    """Paint and save one stroke after the other; return the bytes and seconds of each."""
    rng = np.random.default_rng(1)
    etag = client.get(path).headers["etag"]
    sizes, seconds = [], []
    before = mask
    for _ in range(STROKES):
        after = before.copy()
        start = rng.integers((40, 40), (WIDTH - 40, HEIGHT - 40))
        end = np.clip(start + rng.integers(-120, 120, 2), 0, (WIDTH - 1, HEIGHT - 1))
        label = int(rng.integers(0, 11))
        cv2.line(after, tuple(map(int, start)), tuple(map(int, end)), label, 24)
        if np.array_equal(before, after):
            continue  # on ground of its own label
        body = _changed(before, after).to_bytes()
        begun = time.perf_counter()
        headers = {"If-Match": etag, "Content-Type": MEDIA_TYPE}
        answer = client.patch(path, content=body, headers=headers)
        seconds.append(time.perf_counter() - begun)
        answer.raise_for_status()
        sizes.append(len(body))
        etag, before = answer.headers["etag"], after
    return sizes, seconds


def _server_seconds(client: httpx.Client) -> float:
    """Seconds that the server says it has spent on saves by tiles."""
    text = client.get("/api/v1/metrics").text
    wanted = 'maskwright_request_seconds_sum{method="PATCH",route="/api/v1/images/{image_id}/mask"}'
    (line,) = [line for line in text.splitlines() if line.startswith(wanted)]
    return float(line.split()[-1])


def _changed(before: np.ndarray, after: np.ndarray) -> TileBundle:
    layer = LAYERS["classes"]
    pairs = enumerate(zip(cut(before, layer), cut(after, layer), strict=True))
    tiles = {i: new for i, (old, new) in pairs if not np.array_equal(old, new)}
    return TileBundle(WIDTH, HEIGHT, {"classes": tiles})


def _fsync_seconds(folder: Path, size: int) -> float:
    """Median seconds to write that many bytes to a file and have them on disk."""
    seconds = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(STROKES):
            begun = time.perf_counter()
            file.write(os.urandom(size))
            os.fsync(file.fileno())
            seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)
