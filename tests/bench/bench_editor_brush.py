"""Main-thread time of one pointer event while painting with a 200 px brush on 8192×8192.

Events are dispatched in the page and timed from outside the editor, so that nothing but the
editor's own handlers counts; frames are drawn between them as they come. "No growth" is the p95 of
the last 1,000 of 10,000 dabs over that of the first 1,000.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.bench.figure import Figure

SIDE, BRUSH, DABS = 8192, 200, 10_000
BUDGET_MS, GROWTH = 8.0, 1.25

PAINT = """async ([dabs, size]) => {
  await maskwright.ready;
  maskwright.dispatch({ type: "brush", size });
  const canvas = document.querySelector("[data-testid=editor-canvas]");
  const at = (n) => maskwright.imageToScreen(
    4096 + 3600 * Math.sin(n / 97) * Math.cos(n / 1013), 4096 + 3600 * Math.cos(n / 71));
  const send = (type, n) => {
    const { x, y } = at(n);
    canvas.dispatchEvent(new PointerEvent(type, {
      pointerId: 7, pointerType: "mouse", isPrimary: true, bubbles: true, cancelable: true,
      clientX: x, clientY: y, button: type === "pointermove" ? -1 : 0, buttons: 1,
    }));
  };
  const times = [];
  for (let n = 0; n < dabs; n++) {
    // A stroke of 100 events, as a hand makes them: pen-up is an event like any other.
    const type = n % 100 === 0 ? "pointerdown" : n % 100 === 99 ? "pointerup" : "pointermove";
    const start = performance.now();
    send(type, n);
    times.push(performance.now() - start);
    if (n % 20 === 19) await new Promise((next) => setTimeout(next));
  }
  return times;
}"""


@contextmanager
def server(folder: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "maskwright", "serve", "--port", "0", "--data", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"MASKWRIGHT_WARM": "0"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        yield line[line.index("http://") :].split()[0].rstrip("/")
    finally:
        process.terminate()
        process.wait(20)


def upload(url: str) -> int:
    """A project with one flat image of SIDE × SIDE; returns the image's id."""
    import httpx

    with httpx.Client(base_url=f"{url}/api/v1", timeout=120) as api:
        label = {"index": 0, "name": "ground", "color": "#c04040"}
        project = api.post("/projects", json={"name": "Large", "labels": [label]}).json()
        picture = Image.fromarray(np.full((SIDE, SIDE), 120, np.uint8))
        with tempfile.TemporaryFile() as file:
            picture.save(file, "PNG")
            file.seek(0)
            files = [("files", ("large.png", file, "image/png"))]
            answer = api.post(f"/projects/{project['id']}/images", files=files)
        return answer.json()[0]["id"]


def paint(url: str, image: int) -> np.ndarray:
    """Milliseconds of each pointer event."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("MASKWRIGHT_TEST_CHROMIUM", path),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}/images/{image}")
        times = page.evaluate(PAINT, [DABS, BRUSH])
        browser.close()
    return np.array(times)


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder, server(Path(folder) / "data") as url:
        urllib.request.urlopen(f"{url}/api/v1/health", timeout=60).read()
        times = paint(url, upload(url))
    first, last = times[:1000], times[-1000:]
    what = f"brush {BRUSH} px on {SIDE}²"
    for name, part in (("first", first), ("last", last)):
        p50, p95 = np.percentile(part, [50, 95])
        note = f"p50 {p50:.2f} ms, worst {part.max():.1f} ms"
        yield Figure(f"{what}, {name} 1000 events, p95", float(p95), BUDGET_MS, "ms", note)
    growth = np.percentile(last, 95) / max(np.percentile(first, 95), 0.5)
    yield Figure(f"{what}, growth of p95 after {DABS} dabs", float(growth), GROWTH)
