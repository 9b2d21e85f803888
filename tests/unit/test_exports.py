"""Exports of a project: what is chosen, what is written, and that the proof finds faults."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from factories import jpeg, photograph, png
from maskwright import schema
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.domain.labels import Label
from maskwright.domain.mask import Mask
from maskwright.errors import NotFound, NothingToExport, Unprocessable
from maskwright.formats import FORMATS
from maskwright.formats.base import ExportOptions, Sample
from maskwright.services import images, masks, projects
from maskwright.services.decode import Limits
from maskwright.services.export_proof import ExportNotProved
from maskwright.services.export_samples import samples
from maskwright.services.exports import ExportReport, ExportRequest, export_folder, export_project
from maskwright.tables import ImageRow

ROAD, CAR = Label(0, "road", "#804080"), Label(3, "car", "#0000ff", is_thing=True)
LIMITS = Limits(max_bytes=10_000_000, max_pixels=1_000_000)
WIDTH, HEIGHT = 300, 70
each_format = pytest.mark.parametrize("name", list(FORMATS))


def classes(seed: int = 0) -> np.ndarray:
    pixels = np.full((HEIGHT, WIDTH), 255, np.uint8)
    pixels[20:] = 0
    pixels[30:50, 40 + seed : 90] = 3
    pixels[38:42, 60:70] = 0  # a hole
    pixels[5, 250 + seed] = 3
    return pixels


@pytest.fixture
def project(db: Database) -> int:
    with db.write() as session:
        return projects.create(session, "Street", "", [ROAD, CAR], "default", LOCAL).id


def add(db: Database, project: int, name: str, data: bytes | None = None, seed: int = 0) -> int:
    data = data or jpeg(photograph(WIDTH, HEIGHT, seed))
    return images.upload(db, project, name, data, LOCAL, LIMITS).image.id


def add_annotated(db: Database, project: int, count: int = 2) -> list[int]:
    ids = [add(db, project, f"{i}.jpg", seed=i) for i in range(count)]
    for seed, image in enumerate(ids):
        masks.save_mask(db, image, Mask(classes(seed)), 0, LOCAL)
    return ids


def objects_of(report: ExportReport, name: str) -> int:
    """How many objects were compared; of formats without objects, how many were left out."""
    compared, left_out = report.proof.objects, report.proof.objects_left_out
    assert 0 in (compared, left_out)
    return left_out if name in ("camvid", "index-png") else compared


def set_status(db: Database, image: int, status: str) -> None:
    with db.write() as session:
        session.get_one(ImageRow, image).status = status


def test_voc_is_what_the_store_holds(db, project, tmp_path):
    add_annotated(db, project)
    export_project(db, project, ExportRequest("voc"), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        for seed in range(2):
            png_file = io.BytesIO(archive.read(f"SegmentationClass/{seed}.png"))
            assert np.array_equal(np.asarray(Image.open(png_file)), classes(seed))


@pytest.mark.parametrize("segmentation", ["rle", "polygons"])
def test_coco_is_what_the_store_holds(db, project, tmp_path, segmentation):
    add_annotated(db, project)
    request = ExportRequest("coco", options=ExportOptions(segmentation))
    export_folder(db, project, request, tmp_path / "set")
    coco = COCO(str(tmp_path / "set" / "annotations" / "instances.json"))
    for seed, image in enumerate(coco.getImgIds()):
        canvas = np.full((HEIGHT, WIDTH), 255, np.uint8)
        for annotation in coco.loadAnns(coco.getAnnIds(image)):
            canvas[coco.annToMask(annotation) > 0] = annotation["category_id"] - 1
        assert np.array_equal(canvas, classes(seed))


@each_format
def test_the_report_tells_what_was_proved(db, project, tmp_path, name):
    ids = add_annotated(db, project)
    add(db, project, "new.jpg", seed=9)
    path = tmp_path / "a.zip"
    report = export_project(db, project, ExportRequest(name), path)
    assert report.proof.pixels == 2 * WIDTH * HEIGHT
    assert (report.images, report.skipped, report.proof.images) == (2, 1, 2)
    assert (objects_of(report, name), report.proof.differing_pixels) == (4, 0)
    assert report.bytes == path.stat().st_size
    assert report.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert list(report.revisions) == ids
    json.dumps(report.to_json())


@each_format
def test_pictures_are_copied(db, project, tmp_path, name):
    add_annotated(db, project, 1)
    export_project(db, project, ExportRequest(name), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        picture = next(path for path in archive.namelist() if path.endswith(".jpg"))
        assert archive.read(picture) == jpeg(photograph(WIDTH, HEIGHT, 0))


@each_format
def test_the_instance_layer_decides_what_an_object_is(db, project, tmp_path, name):
    image = add(db, project, "a.jpg")
    instances = np.zeros((HEIGHT, WIDTH), np.uint16)
    instances[:, :65] = 7
    masks.save_mask(db, image, Mask(classes(), instances), 0, LOCAL)
    report = export_project(db, project, ExportRequest(name), tmp_path / "a.zip")
    assert (objects_of(report, name), report.proof.differing_pixels) == (3, 0)


@each_format
def test_the_same_ground_truth_gives_the_same_bytes(db, project, tmp_path, name):
    add_annotated(db, project, 5)
    first, second = (
        export_project(db, project, ExportRequest(name), tmp_path / f"{i}.zip") for i in range(2)
    )
    assert first.sha256 == second.sha256


def test_postgresql_gives_the_same_data_set_as_sqlite(db, project, tmp_path, postgres_url):
    other = Database(postgres_url())
    schema.upgrade(other)
    reports = []
    for store in (db, other):
        with store.write() as session:
            labels = [ROAD, CAR]
            there = projects.create(session, "Park", "", labels, "default", LOCAL).id
        add_annotated(store, there, 3)
        request = ExportRequest("coco-panoptic")
        path = tmp_path / f"{len(reports)}.zip"
        reports.append(export_project(store, there, request, path))
    other.close()
    names = [zipfile.ZipFile(tmp_path / f"{i}.zip").namelist() for i in range(2)]
    assert names[0] == names[1]
    assert reports[0].proof == reports[1].proof


def test_the_manifest_traces_every_name_to_its_image_and_revision(db, project, tmp_path):
    image = add(db, project, "my cat.png", png(photograph(WIDTH, HEIGHT)))
    revision = masks.save_mask(db, image, Mask(classes()), 0, LOCAL)
    export_project(db, project, ExportRequest("coco"), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["images"] == [
        {
            "name": "my_cat",
            "source": "my cat.png",
            "image": image,
            "revision": revision.id,
            "status": "in_progress",
        }
    ]
    assert (manifest["project"]["name"], manifest["void"]["index"]) == ("Street", 255)
    assert [label["name"] for label in manifest["labels"]] == ["road", "car"]


def test_images_of_equal_stem_are_both_there(db, project, tmp_path):
    for name, data in (("a.jpg", None), ("a.png", png(photograph(WIDTH, HEIGHT)))):
        masks.save_mask(db, add(db, project, name, data), Mask(classes()), 0, LOCAL)
    export_project(db, project, ExportRequest("coco"), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {"images/a.jpg", "images/a-2.png"} <= set(archive.namelist())


def test_a_deep_picture_is_recoded_for_voc_as_it_is_shown(db, project, tmp_path):
    ramp = np.tile(np.linspace(100, 400, WIDTH).astype(np.uint16), (HEIGHT, 1))
    masks.save_mask(db, add(db, project, "a.png", png(ramp)), Mask(classes()), 0, LOCAL)
    report = export_project(db, project, ExportRequest("voc"), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        shown = np.asarray(Image.open(io.BytesIO(archive.read("JPEGImages/a.jpg"))).convert("L"))
    assert int(shown.max()) - int(shown.min()) > 200
    assert "recoded" in report.notes[0]


def test_all_includes_images_without_ground_truth_as_void(db, project, tmp_path):
    add_annotated(db, project, 1)
    add(db, project, "new.jpg", seed=9)
    request = ExportRequest("voc", include="all")
    assert export_project(db, project, request, tmp_path / "a.zip").images == 2
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        void = np.asarray(Image.open(io.BytesIO(archive.read("SegmentationClass/new.png"))))
    assert (void == 255).all()


def test_only_images_in_the_chosen_statuses_are_exported(db, project, tmp_path):
    first, _ = add_annotated(db, project)
    set_status(db, first, "approved")
    request = ExportRequest("voc", statuses=["approved"])
    report = export_project(db, project, request, tmp_path / "a.zip")
    assert (list(report.revisions), report.skipped) == ([first], 1)


def test_images_in_the_trash_are_left_out(db, project, tmp_path):
    first, second = add_annotated(db, project)
    images.trash(db, first)
    report = export_project(db, project, ExportRequest("voc"), tmp_path / "a.zip")
    assert list(report.revisions) == [second]


def test_what_is_saved_during_an_export_is_not_in_it(db, project, tmp_path):
    ids = add_annotated(db, project)

    def repaint(done: int, total: int, unit: str) -> None:
        if (done, unit) == (1, "images written"):
            masks.save_mask(db, ids[1], Mask(np.zeros_like(classes())), None, LOCAL)

    export_project(db, project, ExportRequest("voc"), tmp_path / "a.zip", repaint)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        exported = np.asarray(Image.open(io.BytesIO(archive.read("SegmentationClass/1.png"))))
    assert np.array_equal(exported, classes(1))


def test_an_empty_project_says_to_add_images(db, project, tmp_path):
    with pytest.raises(NothingToExport, match="Add images first"):
        export_project(db, project, ExportRequest("voc"), tmp_path / "a.zip")


def test_a_project_without_ground_truth_says_how_to_get_some(db, project, tmp_path):
    add(db, project, "a.jpg")
    with pytest.raises(NothingToExport, match="Accept a draft or draw a mask"):
        export_project(db, project, ExportRequest("voc"), tmp_path / "a.zip")


def test_statuses_that_no_image_has_are_named(db, project, tmp_path):
    add_annotated(db, project)
    request = ExportRequest("voc", statuses=["submitted", "approved"])
    with pytest.raises(NothingToExport, match="is submitted or approved and has ground truth"):
        export_project(db, project, request, tmp_path / "a.zip")


def test_an_unknown_format_is_refused_with_those_there_are(db, project, tmp_path):
    with pytest.raises(Unprocessable, match="voc, coco, coco-panoptic"):
        export_project(db, project, ExportRequest("yolo"), tmp_path / "a.zip")


def test_an_unknown_project_is_refused(db, tmp_path):
    with pytest.raises(NotFound):
        export_project(db, 99, ExportRequest("voc"), tmp_path / "a.zip")


def test_progress_goes_through_writing_and_checking(db, project, tmp_path):
    add_annotated(db, project)
    told: list[tuple[int, int, str]] = []
    export_project(
        db, project, ExportRequest("voc"), tmp_path / "a.zip", lambda *step: told.append(step)
    )
    written, checked = "images written", "images checked"
    assert told == [(1, 2, written), (2, 2, written), (1, 2, checked), (2, 2, checked)]


def test_a_cancelled_export_leaves_no_file(db, project, tmp_path):
    class Cancelled(BaseException):
        pass

    def cancel() -> None:
        raise Cancelled

    add_annotated(db, project)
    with pytest.raises(Cancelled):
        export_project(
            db, project, ExportRequest("voc"), tmp_path / "a.zip", check_cancelled=cancel
        )
    assert not (tmp_path / "a.zip").exists()


def test_a_failed_export_leaves_the_earlier_one(db, project, tmp_path):
    add_annotated(db, project)
    (tmp_path / "a.zip").write_bytes(b"earlier")

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        export_project(db, project, ExportRequest("voc"), tmp_path / "a.zip", check_cancelled=fail)
    assert [path.read_bytes() for path in tmp_path.glob("a*")] == [b"earlier"]


@each_format
def test_one_wrong_pixel_is_found_and_nothing_is_offered(
    db, project, tmp_path, name, monkeypatch: pytest.MonkeyPatch
):
    add_annotated(db, project)

    def with_a_wrong_pixel(*arguments) -> Iterator[Sample]:
        for sample in samples(*arguments):
            pixels = sample.mask.classes.copy()
            pixels[69, 299] = 255
            yield replace(sample, mask=Mask(pixels))

    monkeypatch.setattr("maskwright.services.exports.samples", with_a_wrong_pixel)
    with pytest.raises(ExportNotProved, match="2 pixels read back"):
        export_project(db, project, ExportRequest(name), tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_a_folder_in_use_is_not_written_to(db, project, tmp_path: Path):
    add_annotated(db, project)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Unprocessable, match="is there already"):
        export_folder(db, project, ExportRequest("voc"), tmp_path)
