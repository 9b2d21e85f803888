"""A draft of a 640×480 photograph, from its upload to its tiles, against plain PyTorch on pixels.

Plain PyTorch (`segnets.plain`) gets the decoded pixels and hands back labels; ours also receives
the file, keeps it, decodes it, keeps the draft and its confidence, and sends both as tiles. They
take turns. Then: how long the server takes to answer while drafts are made without a pause.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np

from maskwright.bench.contender import PLAIN, Contender, Task
from maskwright.bench.samples import samples
from tests.bench.drafting_server import draft, drafting_server, upload
from tests.bench.figure import Figure

ROUNDS = 15
LOOKS = 150


def measure() -> Iterable[Figure]:
    with TemporaryDirectory() as folder, drafting_server(Path(folder)) as (client, project, _):
        ours, plain = _take_turns(client, project, Path(folder))
        ratios = [one / other for one, other in zip(ours, plain, strict=True)]
        note = f"{1000 * statistics.median(ours):.0f} of {1000 * statistics.median(plain):.0f} ms"
        what = "draft: upload to tiles, against plain PyTorch on decoded pixels"
        yield Figure(what, statistics.median(ratios), 1 / 3, note=note)
        quiet = _health_seconds(client)
        image = upload(client, project)
        busy = _while_doing(lambda: draft(client, image), lambda: _health_seconds(client))
    note = f"p95; {1000 * np.percentile(quiet, 95):.1f} ms when idle"
    tail = 1000 * float(np.percentile(busy, 95))
    yield Figure("an answer while drafts are made without a pause", tail, None, "ms", note)


def _take_turns(
    client: httpx.Client, project: int, folder: Path
) -> tuple[list[float], list[float]]:
    """Seconds of each round, ours and plain PyTorch's."""
    image = samples(None, None, 21).timed
    contender = Contender(Task(PLAIN, "default", (), folder / "engines", _threads()))
    ours, plain = [], []
    try:
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            draft(client, upload(client, project))
            ours.append(time.perf_counter() - begun)
            plain.append(contender.seconds(image, 1))
    finally:
        contender.close()
    return ours[1:], plain[1:]


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _health_seconds(client: httpx.Client) -> list[float]:
    seconds = []
    with httpx.Client(base_url=client.base_url, timeout=60) as own:
        for _ in range(LOOKS):
            begun = time.perf_counter()
            own.get("health").raise_for_status()
            seconds.append(time.perf_counter() - begun)
            time.sleep(0.01)
    return seconds


def _while_doing(work: Callable[[], None], look: Callable[[], list[float]]) -> list[float]:
    """Return what `look` does while `work` is repeated in another thread."""
    enough = threading.Event()

    def repeat() -> None:
        while not enough.is_set():
            work()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        return look()
    finally:
        enough.set()
        thread.join()
