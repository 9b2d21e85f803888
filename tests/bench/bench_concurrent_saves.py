"""Fifty people save into one web process on SQLite: how long they wait, and whether all is kept.

Each has an image of their own (2048×1024, 32 tiles) and sends one changed tile per save. Measured
from the request to the answer, so with the client's own share of the two cores.
"""

import http.client
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from maskwright.domain.codec import MEDIA_TYPE, TileBundle
from maskwright.domain.labels import VOID
from tests.bench.figure import Figure
from tests.crash.server import Server, client

PEOPLE, SAVES, WIDTH, HEIGHT = 50, 20, 2048, 1024
PAUSE = 1.0
"""Seconds between two saves of one person, as the editor's autosave while strokes follow."""
BUDGET_MS = 100.0
TILES = 32


@dataclass
class Person:
    """One annotator with a connection kept open; bodies are made beforehand."""

    image: int
    port: int
    random: random.Random
    bodies: list[bytes] = field(default_factory=list)
    revision: int = 0
    waits: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        for _ in range(SAVES + 1):
            tile = np.full((256, 256), VOID, np.uint8)
            for _ in range(4):
                top, left = self.random.randrange(200), self.random.randrange(200)
                tile[top : top + 50, left : left + 40] = self.random.randrange(5)
            changed = {"classes": {self.random.randrange(TILES): tile}}
            self.bodies.append(TileBundle(WIDTH, HEIGHT, changed).to_bytes())

    def save(self, connection: http.client.HTTPConnection) -> None:
        headers = {"If-Match": f'"{self.revision}"', "Content-Type": MEDIA_TYPE}
        body = self.bodies.pop()
        began = time.perf_counter()
        connection.request("PATCH", f"/api/v1/images/{self.image}/mask", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        self.waits.append(time.perf_counter() - began)
        if answer.status != 200:
            self.errors.append(f"{answer.status} {text[:200]!r}")
            return
        self.revision = int(answer.headers["ETag"].strip('"'))

    def work(self, start: threading.Barrier, saves: int, pause: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.connect()
        start.wait()
        for _ in range(saves):
            time.sleep(pause * self.random.uniform(0, 2))
            self.save(connection)
        connection.close()


def measure() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data")
        server.start()
        try:
            people = team(server)
            save_all(people, 1, 0.0)
            burst = sorted(wait for person in people for wait in person.waits)
            for person in people:
                person.waits.clear()
            used = server.processor_seconds()
            save_all(people, SAVES, PAUSE)
            used = (server.processor_seconds() - used) / (PEOPLE * SAVES)
            paced = [wait for person in people for wait in person.waits]
            lost = sum(kept(server, person) != SAVES + 1 for person in people)
        finally:
            server.kill()
    errors = [error for person in people for error in person.errors]
    rate = f"{PEOPLE / PAUSE:.0f} saves/s; median {1000 * statistics.median(paced):.0f} ms"
    yield Figure("50 annotators, a save per second each: p95", p95(paced), BUDGET_MS, "ms", rate)
    yield Figure("50 saves in the same instant, cold: p95", p95(burst), None, "ms")
    yield Figure("processor time of the server per save", 1000 * used, None, "ms")
    yield Figure("errors among them", len(errors), 0, "saves", errors[0] if errors else "")
    yield Figure("people with a lost save", lost, 0, "people")


def p95(waits: list[float]) -> float:
    return 1000 * statistics.quantiles(waits, n=20)[-1]


def team(server: Server) -> list[Person]:
    labels = [{"index": n, "name": f"label {n}", "color": f"#{40 * n:02x}8040"} for n in range(5)]
    with client(server.url) as connection:
        project = connection.post("/projects", json={"name": "bench", "labels": labels}).json()
        people: list[Person] = []
        for number in range(PEOPLE):
            files = [("files", (f"{number}.png", picture(number), "image/png"))]
            answer = connection.post(f"/projects/{project['id']}/images", files=files)
            person = Person(answer.json()[0]["id"], server.port, random.Random(number))
            person.prepare()
            people.append(person)
    return people


def picture(number: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), (number, 90, 120)).save(out, "PNG")
    return out.getvalue()


def save_all(people: list[Person], saves: int, pause: float) -> None:
    start = threading.Barrier(len(people))
    threads = [
        threading.Thread(target=person.work, args=[start, saves, pause]) for person in people
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def kept(server: Server, person: Person) -> int:
    """Return how many revisions the image has."""
    answer = server.client.get(f"/images/{person.image}/revisions", params={"limit": 200})
    return len(answer.json()["items"])
