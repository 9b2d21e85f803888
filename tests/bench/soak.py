"""`python -m tests.bench.soak [DRAFTS]`: drafts without end, and whether memory stays flat.

Asks a running server for 1,000 drafts (or so many) of 50 photographs of several sizes, and prints
the server's memory after every tenth of them. Exit status 1 if the second half grew by more than
20 MB.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from PIL import Image

from maskwright.demo.seed import PHOTOS
from tests.bench.drafting_server import draft, drafting_server

DRAFTS = 1000
PHOTOGRAPHS = 50
MOST_GROWTH = 20e6
"""Bytes that the second half may add: SQLite's cache and what allocators keep, but no leak."""


def soak(drafts: int) -> list[int]:
    """The server's resident bytes, before the first draft and after every tenth of them."""
    with TemporaryDirectory() as folder, drafting_server(Path(folder)) as (client, project, pid):
        images = list(_upload(client, project))
        memory = [resident(pid)]
        for number in range(1, drafts + 1):
            draft(client, images[number % len(images)])
            if number % max(drafts // 10, 1) == 0:
                memory.append(resident(pid))
                print(f"{number:>6} drafts  {memory[-1] / 1e6:7.1f} MB", flush=True)
    return memory


def resident(pid: int) -> int:
    """Bytes of memory that a process holds (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def _upload(client: httpx.Client, project: int) -> Iterator[int]:
    """Photographs of many sizes, so that no buffer fits twice."""
    photos = sorted(path for path in PHOTOS.iterdir() if path.suffix in (".jpg", ".png"))
    for number in range(PHOTOGRAPHS):
        with Image.open(photos[number % len(photos)]) as photo:
            picture = photo.convert("RGB").resize((400 + 23 * number, 1200 - 17 * number))
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG")
        files = [("files", (f"{number}.jpg", buffer.getvalue()))]
        answer = client.post(f"projects/{project}/images", files=files).raise_for_status()
        yield answer.json()[0]["id"]


def main(arguments: list[str]) -> int:
    memory = soak(int(arguments[0]) if arguments else DRAFTS)
    growth = memory[-1] - memory[len(memory) // 2]
    print(f"before {memory[0] / 1e6:.1f} MB, after {memory[-1] / 1e6:.1f} MB")
    print(f"the second half added {growth / 1e6:.1f} MB")
    return int(growth > MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
