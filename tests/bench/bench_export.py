"""Exports against copying the image files they hold.

`python -m tests.bench.bench_export [FOLDER]` takes the images and masks of a VOC folder instead of
made ones.
"""

import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from sqlalchemy import select

from maskwright import schema
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.domain.labels import Label
from maskwright.domain.mask import Mask
from maskwright.formats import FORMATS
from maskwright.formats.archive import FolderSource
from maskwright.formats.base import Sample
from maskwright.formats.voc import Voc
from maskwright.formats.zip_sink import ZipSink
from maskwright.services import images, masks, projects
from maskwright.services.decode import Limits
from maskwright.services.exports import ExportRequest, export_project
from maskwright.tables import ImageRow
from tests.bench.figure import Figure

COUNT, WIDTH, HEIGHT = 100, 960, 720  # as CamVid's
ROUNDS = 3
BUDGET = 2.0
LIMITS = Limits(max_bytes=1 << 30, max_pixels=1 << 30)
NAMES = (
    "sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian",
    "bicyclist",
)  # fmt: skip
THINGS = {"sign", "car", "pedestrian", "bicyclist"}
LABELS = [Label(i, name, "#808080", is_thing=name in THINGS) for i, name in enumerate(NAMES)]


@dataclass
class Clock:
    """Tells the time of an export's two halves apart by its progress."""

    start: float = field(default_factory=time.perf_counter)
    written: float = 0.0

    def __call__(self, done: int, total: int, unit: str) -> None:
        if unit == "images written":
            self.written = time.perf_counter() - self.start


def measure(folder: Path | None = None) -> Iterator[Figure]:
    """Yield the figures of every format, over made images or those of a VOC folder."""
    with TemporaryDirectory(prefix="maskwright-bench-") as temporary:
        here = Path(temporary)
        (here / "images").mkdir()
        samples = made() if folder is None else read(folder)
        db, project, count = fill(here, samples)
        size = sum(file.stat().st_size for file in (here / "images").iterdir()) / count / 1000
        copy = best(lambda: copied(here / "images", here / "copy"))
        note = f"{count} images of {size:.0f} kB; copy {1000 * copy / count:.2f} ms an image"
        alone = best(lambda: images_alone(db, project, here / "images.zip"))
        for name in FORMATS:
            total, written = exported(db, project, name, here / "a.zip")
            words = f"{1000 * total / count:.1f} ms an image; {note}"
            yield Figure(f"export {name} / copy of the images", total / copy, BUDGET, note=words)
            yield Figure(f"export {name}, without the proof / copy", written / copy, None)
            yield Figure(f"export {name} / a zip of the store's images alone", total / alone, None)
        db.close()


def best(run: Callable[[], float]) -> float:
    return min(run() for _ in range(ROUNDS))


def copied(source: Path, target: Path) -> float:
    shutil.rmtree(target, ignore_errors=True)
    start = time.perf_counter()
    shutil.copytree(source, target)
    return time.perf_counter() - start


def images_alone(db: Database, project: int, path: Path) -> float:
    """Return the seconds that the images take from the store into a zip, without any mask."""
    start = time.perf_counter()
    with path.open("wb") as file, ZipSink(file) as sink, db.read() as session:
        for image in session.scalars(select(ImageRow).where(ImageRow.project_id == project)):
            sink.add(image.name, images.file_bytes(session, image))
    return time.perf_counter() - start


def exported(db: Database, project: int, name: str, path: Path) -> tuple[float, float]:
    """Return the seconds of the whole export, proof included, and of writing alone."""
    totals: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        clock = Clock()
        report = export_project(db, project, ExportRequest(name), path, clock)
        totals.append((time.perf_counter() - clock.start, clock.written))
        assert report.proof.differing_pixels == 0
    return min(totals)


def fill(here: Path, samples: Iterable[Sample]) -> tuple[Database, int, int]:
    """Put the samples into a new store, and their image files into `images`."""
    db = Database(f"sqlite:///{here / 'bench.db'}")
    schema.upgrade(db)
    with db.write() as session:
        project = projects.create(session, "Bench", "", LABELS, "default", LOCAL).id
    count = 0
    for sample in samples:
        assert sample.image is not None
        data = sample.image()
        (here / "images" / f"{sample.name}.jpg").write_bytes(data)
        image = images.upload(db, project, f"{sample.name}.jpg", data, LOCAL, LIMITS).image
        masks.save_mask(db, image.id, sample.mask, 0, LOCAL)
        count += 1
    return db, project, count


def read(folder: Path) -> Iterator[Sample]:
    for sample, _ in zip(Voc().read(FolderSource(folder)).samples, range(COUNT), strict=False):
        yield sample


def made() -> Iterator[Sample]:
    """Street-like masks: bands with wavy borders, and objects on them; a noisy photograph each."""
    rng = np.random.default_rng(0)
    for number in range(COUNT):
        classes = np.full((HEIGHT, WIDTH), 255, np.uint8)
        bands(classes, rng)
        for _ in range(30):
            blob(classes, rng)
        picture = photograph(classes, rng)
        yield Sample(f"{number:04}", Mask(classes), lambda picture=picture: picture)


def bands(classes: np.ndarray, rng: np.random.Generator) -> None:
    across = np.arange(WIDTH)
    tops = np.sort(rng.integers(0, HEIGHT, 6))
    for label, top in zip((0, 1, 5, 7, 4, 3), tops, strict=True):
        waves = sum(
            rng.normal(0, 14 / k) * np.sin(across * k / 60 + rng.uniform(0, 6)) for k in range(1, 9)
        )
        border = np.round(top + waves + rng.integers(-1, 2, WIDTH)).astype(int)
        classes[np.arange(HEIGHT)[:, None] >= border[None, :]] = label


def blob(classes: np.ndarray, rng: np.random.Generator) -> None:
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radius = rng.uniform(5, 60) * (1 + rng.normal(0, 0.12, angles.size))
    middle = rng.uniform((0, 0), (WIDTH, HEIGHT))
    outline = middle + radius[:, None] * np.stack((np.cos(angles), np.sin(angles)), axis=1)
    label = int(rng.choice((2, 6, 8, 9, 10, 255)))
    cv2.fillPoly(classes, [outline.round().astype(np.int32)], label)


def photograph(classes: np.ndarray, rng: np.random.Generator) -> bytes:
    colors = rng.integers(30, 220, (256, 3))
    flat = cv2.GaussianBlur(colors[classes].astype(np.float32), (0, 0), 2)
    noisy = flat + rng.normal(0, 9, flat.shape)
    ok, data = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [1, 92])
    assert ok
    return data.tobytes()


if __name__ == "__main__":
    from tests.bench.__main__ import row

    for figure in measure(Path(sys.argv[1]) if len(sys.argv) > 1 else None):
        print(row(figure), flush=True)
