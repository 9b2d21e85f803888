"""`maskwright convert`, between all formats, folders and zips."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from formats.samples import LABELS, mask, sample, write_zip
from maskwright.cli import app
from maskwright.errors import AppError, Conflict, NotFound, Unprocessable
from maskwright.formats import FORMATS
from maskwright.formats.archive import FolderSink, FolderSource, ZipSource
from maskwright.formats.base import ExportOptions
from maskwright.formats.detect import detect

MASK = mask([[255, 1, 7, 0], [1, 1, 254, 0]])
each_format = pytest.mark.parametrize("name", list(FORMATS))


def convert(*arguments: object) -> str:
    """Run the command; return what it says. Raises what it raises."""
    result = CliRunner().invoke(app, ["convert", *map(str, arguments)])
    if isinstance(result.exception, AppError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def voc(tmp_path: Path) -> Path:
    samples = [sample("a", MASK, split="train"), sample("b", mask([[1]]), split="val")]
    FORMATS["voc"].write(LABELS, samples, FolderSink(tmp_path / "voc"), ExportOptions())
    return tmp_path / "voc"


def masks(folder: Path) -> dict[str, list[list[int]]]:
    samples = FORMATS["voc"].read(FolderSource(folder)).samples
    return {one.name: one.mask.classes.tolist() for one in samples}


@each_format
@pytest.mark.parametrize("between", ["set", "set.zip"])
def test_there_and_back_changes_no_pixel(voc, tmp_path, name, between):
    convert(voc, tmp_path / between, "--to", name, "--from", "voc")
    convert(tmp_path / between, tmp_path / "back", "--to", "voc", "--from", name)
    assert masks(tmp_path / "back") == masks(voc)
    assert (tmp_path / "back/JPEGImages/a.jpg").read_bytes() == (
        voc / "JPEGImages/a.jpg"
    ).read_bytes()


@each_format
def test_labels_are_carried_over(voc, tmp_path, name):
    convert(voc, tmp_path / "set", "--to", name)
    with_label = FORMATS[name].read(FolderSource(tmp_path / "set")).labels
    assert [(one.index, one.name) for one in with_label] == [
        (one.index, one.name) for one in LABELS
    ]


@each_format
def test_the_format_is_found_and_said(voc, tmp_path, name):
    convert(voc, tmp_path / "set.zip", "--to", name)
    said = convert(tmp_path / "set.zip", tmp_path / "back", "--to", "voc")
    assert f"set.zip is {FORMATS[name].title}: " in said.replace("\n", "")


@each_format
def test_the_format_is_found_without_our_own_files(tmp_path, name):
    write_zip(tmp_path / "a.zip", name, [sample("a", MASK)])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "set")
    (tmp_path / "set" / "labels.json").unlink(missing_ok=True)
    assert detect(FolderSource(tmp_path / "set"))[0].name == name


def test_nothing_known_is_said(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(Unprocessable, match="no data set of a known format"):
        convert(tmp_path, tmp_path.parent / "out", "--to", "voc")


def test_what_is_there_is_not_overwritten(voc, tmp_path):
    with pytest.raises(Conflict, match="there already"):
        convert(voc, voc, "--to", "coco")


def test_nothing_is_written_into_the_source(voc):
    with pytest.raises(Conflict, match="in the data set that is read"):
        convert(voc, voc / "out", "--to", "coco")


def test_a_missing_source_is_said(tmp_path):
    with pytest.raises(NotFound, match="There is no"):
        convert(tmp_path / "none", tmp_path / "out", "--to", "coco")


@pytest.mark.parametrize("target", ["out", "out.zip"])
def test_after_an_error_nothing_is_left(voc, tmp_path, target):
    (voc / "SegmentationClass" / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(Unprocessable, match="no PNG"):
        convert(voc, tmp_path / target, "--to", "coco")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["voc"]


def test_what_a_format_has_no_place_for_is_said(voc, tmp_path):
    assert "coco has no place for the splits train, val" in convert(
        voc, tmp_path / "set", "--to", "coco"
    )


def test_a_mask_of_absurd_size_is_refused(tmp_path):
    head = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + (200_000).to_bytes(4) * 2
    FolderSink(tmp_path / "set").add("SegmentationClass/a.png", head + bytes(30))
    with pytest.raises(Unprocessable, match="200000 × 200000 pixels"):
        convert(tmp_path / "set", tmp_path / "out", "--to", "coco")


def test_a_name_in_a_list_leads_to_no_file_outside(tmp_path):
    sink = FolderSink(tmp_path / "set")
    sink.add("SegmentationClass/a.png", b"")
    sink.add("ImageSets/Segmentation/train.txt", b"../../secret\n")
    with pytest.raises(Unprocessable, match="secret"):
        convert(tmp_path / "set", tmp_path / "out", "--to", "coco")


def test_a_picture_s_name_leads_to_no_file_outside(tmp_path):
    write_zip(tmp_path / "a.zip", "coco", [sample("a", MASK)])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "set")
    path = tmp_path / "set" / "annotations" / "instances.json"
    path.write_text(path.read_text().replace("a.jpg", "a./../../../evil"))
    with pytest.raises(Unprocessable, match=r"outside the data set|no suffix"):
        convert(tmp_path / "set", tmp_path / "out", "--to", "voc", "--from", "coco")


def test_a_large_image_in_coco_s_json_asks_for_no_memory(tmp_path):
    write_zip(tmp_path / "a.zip", "coco", [sample("a", MASK)])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "set")
    path = tmp_path / "set" / "annotations" / "instances.json"
    path.write_text(path.read_text().replace('"width":4', '"width":900000'))
    path.write_text(path.read_text().replace('"height":2', '"height":900000'))
    with pytest.raises(Unprocessable, match="900000 × 900000"):
        convert(tmp_path / "set", tmp_path / "out", "--to", "voc", "--from", "coco")


def test_instances_come_through_formats_that_hold_them(tmp_path):
    things = mask([[1, 1, 1]], [[1, 2, 2]])
    write_zip(tmp_path / "a.zip", "coco", [sample("a", things)])
    for step, name in enumerate(("cityscapes", "bdd100k", "voc", "coco-panoptic")):
        source = tmp_path / ("a.zip" if not step else f"{step - 1}.zip")
        convert(source, tmp_path / f"{step}.zip", "--to", name)
    with ZipSource(tmp_path / "3.zip") as source:
        read = next(FORMATS["coco-panoptic"].read(source).samples)
    # VOC does not say that cars are things, so their instances end there.
    with ZipSource(tmp_path / "2.zip") as source:
        through = next(FORMATS["voc"].read(source).samples)
    assert np.array_equal(read.mask.classes, things.classes)
    assert through.mask.instances is not None
    assert through.mask.instances.tolist() == [[1, 2, 2]]
