"""No acknowledged save is ever lost, and none is ever half there, whenever the server dies."""

import os
import random
import threading
import time
from pathlib import Path

import httpx
import numpy as np
import pytest

from crash.annotators import GRID, LABELS, MAX_BYTES, Annotator, Saved, digest, photo
from crash.server import Server, client
from crash.store_check import StoreCheck
from maskwright.domain.codec import TileBundle
from maskwright.domain.tiles import LAYERS, join

KILLS = int(os.environ.get("MASKWRIGHT_TEST_KILLS", "50"))
MAX_SAVES = 25
EVERY_TILE = frozenset(range(GRID.count))
HALVES = (frozenset({0, 1, 2}), frozenset({3, 4, 5}))


@pytest.mark.timeout(600)
def test_fifty_kills_under_concurrent_saves_lose_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("MASKWRIGHT_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}: MASKWRIGHT_TEST_SEED={seed} draws the same moments and strokes again")
    moments = random.Random(seed)
    server = Server(tmp_path / "data")
    try:
        server.start()
        annotators = team(server, seed)
        check = StoreCheck(server.data / "maskwright.db")
        in_flight = 0
        for kill in range(KILLS):
            before = [len(annotator.saved) for annotator in annotators]
            save_until_killed(server, annotators, moments)
            in_flight += sum(annotator.pending is not None for annotator in annotators)
            assert [line for annotator in annotators for line in annotator.refused] == []
            assert check.damage() == [], f"after kill {kill}"
            server.start()
            fresh = [
                saved
                for annotator, start in zip(annotators, before, strict=True)
                for saved in annotator.saved[start:]
            ]
            assert missing(server, fresh) == [], f"after kill {kill}"
        everything = [saved for annotator in annotators for saved in annotator.saved]
        assert missing(server, everything) == []
        assert wrong_heads(server, annotators) == []
        print(f"{KILLS} kills: {len(everything)} saves acknowledged, {in_flight} cut short")
        assert len(everything) >= KILLS
        assert in_flight >= KILLS
    finally:
        server.kill()


def team(server: Server, seed: int) -> list[Annotator]:
    """Four annotators with an image each, and two who share one and save different tiles."""
    labels = [
        {"index": index, "name": f"label {index}", "color": f"#{index * 40:02x}8040"}
        for index in range(LABELS)
    ]
    with client(server.url) as connection:
        answer = connection.post("/projects", json={"name": "crash", "labels": labels})
        assert answer.status_code == 201, answer.text
        files = [("files", (f"{n}.jpg", photo(n), "image/jpeg")) for n in range(5)]
        answer = connection.post(f"/projects/{answer.json()['id']}/images", files=files)
        assert answer.status_code == 201, answer.text
        images = [image["id"] for image in answer.json()]
    alone = [(image, EVERY_TILE) for image in images[:4]]
    shared = [(images[4], half) for half in HALVES]
    return [
        Annotator(server.url, image, tiles, seed + number)
        for number, (image, tiles) in enumerate(alone + shared)
    ]


def save_until_killed(server: Server, annotators: list[Annotator], moments: random.Random) -> None:
    """Let all save at once; kill after a few saves, somewhere in the middle of the next ones."""
    stop = threading.Event()
    threads = [threading.Thread(target=annotator.work, args=[stop]) for annotator in annotators]
    enough = total(annotators) + moments.randrange(MAX_SAVES)
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while total(annotators) < enough and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(moments.uniform(0.0, 0.03))
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()


def total(annotators: list[Annotator]) -> int:
    return sum(len(annotator.saved) for annotator in annotators)


def missing(server: Server, saves: list[Saved]) -> list[str]:
    """Return the acknowledged saves that are not there as they were sent."""
    lost: list[str] = []
    with client(server.url) as connection:
        for saved in saves:
            classes = fetch(connection, saved.image, str(saved.revision))
            if classes is None or digest(classes, saved.tiles) != saved.digest:
                lost.append(f"image {saved.image}, revision {saved.revision}")
    return lost


def wrong_heads(server: Server, annotators: list[Annotator]) -> list[int]:
    """Return the images whose head is neither what was last acknowledged nor what was under way."""
    wrong: list[int] = []
    with client(server.url) as connection:
        for annotator in annotators:
            head = fetch(connection, annotator.image, "head")
            known = [annotator.classes]
            if annotator.pending is not None:
                known.append(annotator.pending.classes)
            tiles = annotator.tiles
            if head is None or digest(head, tiles) not in [digest(mask, tiles) for mask in known]:
                wrong.append(annotator.image)
    return wrong


def fetch(connection: httpx.Client, image: int, ref: str) -> np.ndarray | None:
    answer = connection.get(f"/images/{image}/mask", params={"ref": ref, "format": "tiles"})
    if answer.status_code != 200:
        return None
    tiles = TileBundle.from_bytes(answer.content, MAX_BYTES)
    by_index = tiles.tiles["classes"]
    ordered = [by_index[index] for index in sorted(by_index)]
    return join(ordered, LAYERS["classes"], tiles.width, tiles.height)
