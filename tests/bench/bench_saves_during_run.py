"""How long people wait for a save while a run of drafts uses what is left of the machine."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np

from tests.bench.bench_save import masked_image, strokes
from tests.bench.figure import Figure
from tests.bench.scenes import street
from tests.factories import jpeg, photograph

WIDTH, HEIGHT = 2048, 1024
IMAGES = 400
ROUNDS = 5
BUDGET_MS = 100.0


def measure() -> Iterable[Figure]:
    with TemporaryDirectory() as folder:
        server, url = _serve(Path(folder) / "data")
        try:
            with httpx.Client(base_url=url, timeout=60) as client:
                mask = street(WIDTH, HEIGHT)
                path = masked_image(client, mask)
                alone = _seconds(client, path, mask)
                run = _begin_run(client)
                during = _seconds(client, path, mask)
                progress = client.get(run).json()["progress"]
                client.delete(run)
        finally:
            server.terminate()
            server.wait(20)
    note = f"p50 {1000 * np.median(alone):.1f} ms"
    yield Figure("saves while nothing else goes on: p95", _p95(alone), BUDGET_MS, "ms", note)
    note = f"p50 {1000 * np.median(during):.1f} ms; {progress['rate']} drafts a second meanwhile"
    yield Figure("saves during a run of drafts: p95", _p95(during), BUDGET_MS, "ms", note)


def _serve(data: Path) -> tuple[subprocess.Popen, str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "maskwright", "serve", "--port", "0", "--data", str(data)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"MASKWRIGHT_WARM": "0"},
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    return server, line[line.index("http://") :].split()[0]


def _begin_run(client: httpx.Client) -> str:
    """Begin a run long enough for the measurement; return its path once it is going."""
    project = client.post("/api/v1/projects", json={"name": "run", "preset": "voc"}).json()
    path = f"/api/v1/projects/{project['id']}"
    for start in range(0, IMAGES, 50):
        numbers = range(start, start + 50)
        files = [("files", (f"{n}.jpg", jpeg(photograph(640, 480, seed=n)))) for n in numbers]
        client.post(f"{path}/images", files=files).raise_for_status()
    run = f"/api/v1/jobs/{client.post(f'{path}/proposals', json={}).json()['id']}"
    deadline = time.monotonic() + 120
    while client.get(run).json()["progress"]["done"] < 3:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return run


def _seconds(client: httpx.Client, path: str, mask: np.ndarray) -> list[float]:
    return [second for _ in range(ROUNDS) for second in strokes(client, path, mask)[1]]


def _p95(seconds: list[float]) -> float:
    return 1000 * float(np.percentile(seconds, 95))
