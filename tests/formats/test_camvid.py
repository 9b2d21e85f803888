"""CamVid in fastai's layout, and plain folders of PNG masks."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from formats.samples import mask, read_back, sample, write_zip
from maskwright.domain.labels import Label
from maskwright.formats.archive import FolderSink, FolderSource
from maskwright.formats.base import ExportOptions, FormatError
from maskwright.formats.camvid import Camvid
from maskwright.formats.index_png import IndexPng

SKY, CAR = Label(0, "sky", "#4682b4"), Label(2, "small car", "#0000ff", is_thing=True)
MASK = mask([[255, 0, 2]])


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def camvid(tmp_path: Path) -> zipfile.ZipFile:
    samples = [sample("a", MASK), sample("b", MASK, split="val", suffix=".png")]
    write_zip(tmp_path / "a.zip", "camvid", samples, [SKY, CAR])
    return zipfile.ZipFile(tmp_path / "a.zip")


def values(archive: zipfile.ZipFile, path: str) -> list[list[int]]:
    return np.asarray(Image.open(io.BytesIO(archive.read(path)))).tolist()


def test_the_label_of_a_picture_is_where_fastai_looks_for_it(camvid):
    pictures = [Path(path) for path in camvid.namelist() if path.startswith("images/")]
    assert [f"labels/{path.stem}_P.png" in camvid.namelist() for path in pictures] == [True, True]


def test_numpy_reads_codes_as_fastai_does(camvid):
    codes = np.loadtxt(io.BytesIO(camvid.read("codes.txt")), dtype=str)
    assert codes.tolist() == ["sky", "__unused_1__", "small_car", "Void"]


def test_void_is_the_last_code(camvid):
    assert values(camvid, "labels/a_P.png") == [[3, 0, 2]]


def test_pictures_of_validation_are_listed(camvid):
    assert camvid.read("valid.txt").decode().split() == ["b.png"]


def test_camvid_of_fastai_is_read(tmp_path):
    sink = FolderSink(tmp_path / "camvid")
    sink.add("codes.txt", b"Animal\nCar\nVoid\n")
    sink.add("valid.txt", b"x_2.png\n")
    for name in ("x_1", "x_2"):
        sink.add(f"images/{name}.png", b"picture")
        sink.add(f"labels/{name}_P.png", png(np.array([[0, 1, 2]], np.uint8)))
    found = Camvid().read(FolderSource(tmp_path))
    read = list(found.samples)
    assert [(label.index, label.name) for label in found.labels] == [(0, "Animal"), (1, "Car")]
    assert [(one.name, one.split) for one in read] == [("x_1", "train"), ("x_2", "val")]
    assert read[0].mask.classes.tolist() == [[0, 1, 255]]
    assert read[0].image is not None


def test_camvid_of_cambridge_is_read_by_its_colors(tmp_path):
    sink = FolderSink(tmp_path)
    sink.add("label_colors.txt", b"64 128 64\tAnimal\n64 0 128\t\tCar\n0 0 0\t\tVoid\n")
    colored = np.array([[(64, 0, 128), (64, 128, 64), (0, 0, 0)]], np.uint8)
    sink.add("labels/a_L.png", png(colored))
    read = next(Camvid().read(FolderSource(tmp_path)).samples)
    assert (read.name, read.mask.classes.tolist()) == ("a", [[1, 0, 255]])


def test_that_objects_are_not_in_it_is_said(tmp_path):
    for name in ("camvid", "index-png"):
        written = write_zip(tmp_path / "a.zip", name, [sample("a", MASK)], [SKY, CAR])
        assert written.notes[0].startswith("The format holds labels only")


def test_index_png_holds_indices_and_label_colors(tmp_path):
    write_zip(tmp_path / "a.zip", "index-png", [sample("a", MASK)], [SKY, CAR])
    archive = zipfile.ZipFile(tmp_path / "a.zip")
    image = Image.open(io.BytesIO(archive.read("masks/a.png")))
    assert (image.mode, np.asarray(image).tolist()) == ("P", [[255, 0, 2]])
    assert image.convert("RGB").getpixel((2, 0)) == (0, 0, 255)
    assert archive.read("labels.txt").decode().splitlines() == ["sky", "__unused_1__", "small car"]


def test_masks_can_be_in_colors(tmp_path):
    options = ExportOptions(colors=True)
    write_zip(tmp_path / "a.zip", "index-png", [sample("a", MASK)], [SKY, CAR], options)
    archive = zipfile.ZipFile(tmp_path / "a.zip")
    assert values(archive, "masks/a.png") == [[[0, 0, 0], [0x46, 0x82, 0xB4], [0, 0, 255]]]
    assert read_back(tmp_path / "a.zip", "index-png")[0].mask.classes.tolist() == [[255, 0, 2]]


def test_black_as_a_label_is_not_void(tmp_path):
    options = ExportOptions(colors=True)
    labels = [Label(0, "night", "#000000"), CAR]
    write_zip(tmp_path / "a.zip", "index-png", [sample("a", MASK)], labels, options)
    assert read_back(tmp_path / "a.zip", "index-png")[0].mask.classes.tolist() == [[255, 0, 2]]


def test_two_labels_of_one_color_are_refused_in_colors(tmp_path):
    labels = [SKY, Label(2, "blue", "#4682b4")]
    with pytest.raises(FormatError, match="blue have the same color #4682b4"):
        write_zip(tmp_path / "a.zip", "index-png", [], labels, ExportOptions(colors=True))


@pytest.mark.parametrize("folder", ["masks", "labels", "annotations"])
def test_a_plain_folder_is_read(tmp_path, folder):
    sink = FolderSink(tmp_path)
    sink.add("labels.txt", b"sky\ncar\n")
    sink.add("images/a.jpg", b"picture")
    sink.add(f"{folder}/a.png", png(np.array([[0, 1, 255]], np.uint8)))
    found = IndexPng().read(FolderSource(tmp_path))
    read = next(found.samples)
    assert [label.name for label in found.labels] == ["sky", "car"]
    assert (read.name, read.suffix, read.mask.classes.tolist()) == ("a", ".jpg", [[0, 1, 255]])


def test_a_value_without_a_label_is_named(tmp_path):
    sink = FolderSink(tmp_path)
    sink.add("labels.txt", b"sky\n")
    sink.add("masks/a.png", png(np.array([[0, 4]], np.uint8)))
    with pytest.raises(FormatError, match="the value 4, which no label has"):
        next(IndexPng().read(FolderSource(tmp_path)).samples)


def test_a_folder_without_names_of_labels_says_how_to_write_them(tmp_path):
    FolderSink(tmp_path).add("masks/a.png", png(np.array([[0]], np.uint8)))
    with pytest.raises(FormatError, match=r"no labels\.txt\. Write one"):
        IndexPng().read(FolderSource(tmp_path))
