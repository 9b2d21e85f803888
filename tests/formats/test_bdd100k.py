"""BDD100K, checked value by value and with pycocotools."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from formats.samples import mask, read_back, sample, write_zip
from maskwright.domain.labels import Label
from maskwright.formats.archive import FolderSource
from maskwright.formats.base import FormatError
from maskwright.formats.bdd100k import Bdd100k

PERSON = Label(0, "person", "#000001", is_thing=True)
CAR = Label(1, "Car", "#000002", is_thing=True)
ROAD, POTHOLE = Label(2, "road", "#000003"), Label(3, "pothole", "#0a0b0c")
CONE = Label(4, "cone", "#000005", is_thing=True)
LABELS = (PERSON, CAR, ROAD, POTHOLE, CONE)
ROWS = [[255, 0, 2, 1], [2, 0, 3, 1], [4, 2, 2, 1]]


@pytest.fixture
def archive(tmp_path: Path) -> zipfile.ZipFile:
    samples = [sample("a", mask(ROWS)), sample("b", mask([[2, 2]]), split="val")]
    write_zip(tmp_path / "a.zip", "bdd100k", samples, LABELS)
    return zipfile.ZipFile(tmp_path / "a.zip")


def opened(archive: zipfile.ZipFile, path: str) -> Image.Image:
    return Image.open(io.BytesIO(archive.read(path)))


def test_the_layout_is_bdd100ks(archive):
    assert sorted(archive.namelist()) == [
        "images.csv",
        "images/10k/train/a.jpg",
        "images/10k/val/b.jpg",
        "labels.json",
        "labels/ins_seg/bitmasks/train/a.png",
        "labels/sem_seg/colormaps/train/a.png",
        "labels/sem_seg/colormaps/val/b.png",
        "labels/sem_seg/masks/train/a.png",
        "labels/sem_seg/masks/val/b.png",
        "labels/sem_seg/rles/sem_seg_train.json",
        "labels/sem_seg/rles/sem_seg_val.json",
    ]


def test_masks_hold_train_ids_and_own_labels_from_19(archive):
    found = np.asarray(opened(archive, "labels/sem_seg/masks/train/a.png"))
    assert found.tolist() == [[255, 11, 0, 13], [0, 11, 20, 13], [19, 0, 0, 13]]


def test_color_maps_have_bdd100ks_colors(archive):
    picture = opened(archive, "labels/sem_seg/colormaps/train/a.png").convert("RGB")
    assert [picture.getpixel((x, 1)) for x in range(3)] == [
        (128, 64, 128),
        (220, 20, 60),
        (10, 11, 12),
    ]


def test_bitmasks_hold_category_attributes_and_object(archive):
    found = np.asarray(opened(archive, "labels/ins_seg/bitmasks/train/a.png"))
    assert found.shape == (3, 4, 4)
    assert [found[y, x].tolist() for y, x in ((0, 0), (0, 1), (0, 3), (2, 0))] == [
        [0, 0, 0, 0],
        [1, 0, 0, 1],
        [3, 0, 0, 2],
        [9, 0, 0, 3],
    ]


def test_an_object_beyond_255_has_two_bytes(tmp_path):
    row = [[i % 2 for i in range(600)]]
    write_zip(tmp_path / "a.zip", "bdd100k", [sample("a", mask(row))], [ROAD, CAR, PERSON])
    archive = zipfile.ZipFile(tmp_path / "a.zip")
    found = np.asarray(opened(archive, "labels/ins_seg/bitmasks/train/a.png")).astype(int)
    assert ((found[:, :, 2] << 8) + found[:, :, 3]).max() == 600


def test_pycocotools_reads_the_rle_of_each_label(archive):
    frames = json.loads(archive.read("labels/sem_seg/rles/sem_seg_train.json"))
    assert [frame["name"] for frame in frames] == ["a.jpg"]
    drawn = np.full((3, 4), 255, np.uint8)
    index = {"person": 0, "car": 1, "road": 2, "pothole": 3, "cone": 4}
    for label in frames[0]["labels"]:
        drawn[coco.decode(label["rle"]) > 0] = index[label["category"]]
    assert drawn.tolist() == ROWS


def test_own_labels_are_said(tmp_path):
    written = write_zip(tmp_path / "a.zip", "bdd100k", [sample("a", mask(ROWS))], LABELS)
    assert written.notes == (
        "BDD100K has no label pothole, cone: values from 19 on stand for these, named in "
        "labels.json.",
    )


def test_bdd100k_itself_is_read(tmp_path):
    def put(path: str, pixels: np.ndarray) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / path)

    put("bdd100k/labels/sem_seg/masks/val/7d06fefd.png", np.array([[0, 13, 13, 255]], np.uint8))
    rgba = np.zeros((1, 4, 4), np.uint8)
    rgba[0, 1], rgba[0, 2] = (3, 8, 1, 4), (3, 0, 1, 5)
    put("bdd100k/labels/ins_seg/bitmasks/val/7d06fefd.png", rgba)
    found = Bdd100k().read(FolderSource(tmp_path))
    read = next(found.samples)
    assert (len(found.labels), read.name, read.split, read.image) == (19, "7d06fefd", "val", None)
    assert read.mask.classes.tolist() == [[0, 13, 13, 255]]
    assert read.mask.instances is not None
    assert read.mask.instances.tolist() == [[0, 1, 2, 0]]


def test_a_folder_without_masks_is_refused(tmp_path):
    with pytest.raises(FormatError, match="no folder labels/sem_seg/masks"):
        Bdd100k().read(FolderSource(tmp_path))


def test_more_objects_than_two_bytes_number_are_said(tmp_path):
    checks = np.indices((370, 370)).sum(axis=0) % 2 * 2  # persons and roads
    written = write_zip(tmp_path / "a.zip", "bdd100k", [sample("a", mask(checks.tolist()))], LABELS)
    assert written.notes[-1].startswith("68450 objects")
    assert read_back(tmp_path / "a.zip", "bdd100k")[0].mask.instances is None
