"""Folders of images, and the demo project, into the store."""

from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

import fixtures_images as make
from maskwright.db import Database
from maskwright.demo import seed
from maskwright.domain.actor import LOCAL
from maskwright.errors import NotFound, Unprocessable
from maskwright.services import images, proposals
from maskwright.services.decode import Limits
from maskwright.services.folder_import import ImportReport, import_folder

LIMITS = Limits(max_bytes=1_000_000, max_pixels=1_000_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two images, a broken one, a hidden one, a hidden folder, a text."""
    root = tmp_path / "photographs"
    (root / "sub").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "a.png").write_bytes(make.png(10))
    (root / "sub" / "a.png").write_bytes(make.png(11))
    (root / "broken.jpg").write_bytes(make.jpeg()[:300])
    (root / ".hidden.png").write_bytes(make.png(12))
    (root / ".git" / "c.png").write_bytes(make.png(13))
    (root / "notes.txt").write_text("not an image")
    return root


def take(db: Database, path: Path, name: str = "Photographs", **options: str) -> ImportReport:
    return import_folder(db, path, name, LOCAL, LIMITS, **options)


def test_folder_goes_in_with_what_is_below(db: Database, folder: Path) -> None:
    report = take(db, folder)
    assert (report.imported, report.duplicates, report.skipped) == (2, 0, 1)
    assert [path.name for path, _ in report.failed] == ["broken.jpg"]


def test_second_import_adds_nothing(db: Database, folder: Path) -> None:
    first, second = take(db, folder), take(db, folder)
    assert (second.imported, second.duplicates) == (0, 2)
    assert (second.project_id, second.project_created) == (first.project_id, False)


def test_project_is_made_with_the_preset(client: TestClient, db: Database, folder: Path) -> None:
    report = take(db, folder, preset="camvid")
    labels = client.get(f"/api/v1/projects/{report.project_id}").json()["labels"]
    assert (report.project_created, len(labels)) == (True, 11)


def test_report_is_told_in_one_line(db: Database, folder: Path) -> None:
    assert take(db, folder).summary == "2 imported, 1 skipped, being no images, 1 failed."


def test_single_file_goes_in(db: Database, folder: Path) -> None:
    assert take(db, folder / "a.png").imported == 1


def test_progress_counts_the_files(db: Database, folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    import_folder(db, folder, "P", LOCAL, LIMITS, lambda *at: seen.append(at))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_link_in_a_circle_ends(db: Database, folder: Path) -> None:
    (folder / "sub" / "loop").symlink_to(folder)
    assert take(db, folder).imported == 2


@pytest.mark.parametrize(
    ("path", "preset", "error"),
    [("missing", "voc", NotFound), (".git/none", "voc", NotFound), ("", "nonsense", Unprocessable)],
)
def test_import_that_can_not_begin(
    db: Database, folder: Path, path: str, preset: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        take(db, folder / path, preset=preset)


def test_folder_without_images_makes_no_project(
    client: TestClient, db: Database, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound):
        take(db, tmp_path / "empty")
    assert client.get("/api/v1/projects").json()["items"] == []


def flat_draft(db: Database, image_id: int, drafted: list[int]) -> None:
    """A draft that is all background."""
    drafted.append(image_id)
    with db.read() as session:
        image = images.get(session, image_id)
    classes = np.zeros((image.height, image.width), np.uint8)
    proposals.write(db, image_id, classes, classes, "test", LOCAL)


def test_demo_project_has_drafted_photographs(client: TestClient, db: Database) -> None:
    drafted: list[int] = []
    project = seed.seed(db, LOCAL, lambda image: flat_draft(db, image, drafted))
    shown = client.get(f"/api/v1/projects/{project}").json()
    assert (shown["name"], shown["by_status"]["proposed"]) == (seed.NAME, 6)


def test_second_seeding_does_nothing(db: Database) -> None:
    drafted: list[int] = []
    first = seed.seed(db, LOCAL, lambda image: flat_draft(db, image, drafted))
    second = seed.seed(db, LOCAL, lambda image: flat_draft(db, image, drafted))
    assert (first, len(drafted)) == (second, 6)


def test_seeding_leaves_thrown_away_photographs_alone(client: TestClient, db: Database) -> None:
    drafted: list[int] = []
    project = seed.seed(db, LOCAL, lambda image: flat_draft(db, image, drafted))
    client.delete(f"/api/v1/images/{drafted[0]}")
    seed.seed(db, LOCAL, lambda image: flat_draft(db, image, drafted))
    assert client.get(f"/api/v1/projects/{project}").json()["images"] == 5


def test_every_demo_photograph_is_credited() -> None:
    credits = (seed.PHOTOS.parent / "CREDITS.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in credits for path in seed.PHOTOS.iterdir())
