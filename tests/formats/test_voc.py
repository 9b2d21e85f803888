import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from formats.samples import LABELS, mask, picture, read_back, sample, write_zip
from maskwright.formats.archive import FolderSink, FolderSource, ZipSource
from maskwright.formats.base import ExportOptions, FormatError
from maskwright.formats.voc import Voc
from maskwright.formats.voc_labels import COLORS

HOLED = mask([[255, 1, 1, 1], [0, 1, 0, 1], [0, 1, 1, 1]])


@pytest.fixture
def holed(tmp_path: Path) -> zipfile.ZipFile:
    write_zip(tmp_path / "a.zip", "voc", [sample("a", HOLED)])
    return zipfile.ZipFile(tmp_path / "a.zip")


def opened(archive: zipfile.ZipFile, path: str) -> Image.Image:
    return Image.open(io.BytesIO(archive.read(path)))


def test_pillow_reads_label_indices_from_segmentation_class(holed):
    image = opened(holed, "SegmentationClass/a.png")
    assert image.mode == "P"
    assert np.array_equal(np.asarray(image), HOLED.classes)


def test_colors_are_vocs_own(holed):
    image = opened(holed, "SegmentationClass/a.png").convert("RGB")
    assert image.getpixel((0, 0)) == (224, 224, 192)
    assert image.getpixel((1, 0)) == (128, 0, 0)


def test_pillow_reads_object_ids_from_segmentation_object(holed):
    expected = [[255, 1, 1, 1], [0, 1, 0, 1], [0, 1, 1, 1]]
    assert np.asarray(opened(holed, "SegmentationObject/a.png")).tolist() == expected


def test_boxes_count_from_one_and_include_the_last_pixel(holed):
    tree = ElementTree.fromstring(holed.read("Annotations/a.xml"))
    box = [int(tree.findtext(f"object/bndbox/{end}") or 0) for end in ("xmin", "ymin", "xmax")]
    assert [*box, int(tree.findtext("object/bndbox/ymax") or 0)] == [2, 1, 4, 3]


def test_the_size_is_in_the_annotation(holed):
    tree = ElementTree.fromstring(holed.read("Annotations/a.xml"))
    assert (tree.findtext("size/width"), tree.findtext("size/height")) == ("4", "3")


def test_a_name_with_signs_is_escaped(tmp_path):
    write_zip(tmp_path / "a.zip", "voc", [sample("a", mask([[7]]))])
    tree = ElementTree.fromstring(zipfile.ZipFile(tmp_path / "a.zip").read("Annotations/a.xml"))
    assert tree.findtext("object/name") == "cat & dog"


def test_line_i_of_labels_names_index_i(holed):
    lines = holed.read("labels.txt").decode().splitlines()
    assert {label.index: lines[label.index] for label in LABELS} == {
        label.index: label.name for label in LABELS
    }


def test_indices_without_a_label_are_no_labels_when_read(tmp_path):
    write_zip(tmp_path / "a.zip", "voc", [sample("a", HOLED)])
    with ZipSource(tmp_path / "a.zip") as source:
        read = Voc().read(source).labels
    assert [(one.index, one.name) for one in read] == [(one.index, one.name) for one in LABELS]


def test_the_labelmap_has_the_colors_of_the_masks(holed):
    lines = holed.read("labelmap.txt").decode().splitlines()
    assert lines[:3] == ["# label:color_rgb:parts:actions", "sky:0,0,0::", "car:128,0,0::"]
    assert lines[-1] == "void:224,224,192::"


def test_splits_are_listed(tmp_path):
    samples = [
        sample("a", HOLED, split="train"),
        sample("b", HOLED, split="val"),
        sample("c", HOLED),
    ]
    write_zip(tmp_path / "a.zip", "voc", samples)
    archive = zipfile.ZipFile(tmp_path / "a.zip")
    lists = {
        name: archive.read(f"ImageSets/Segmentation/{name}.txt").decode().split()
        for name in ("train", "val", "trainval")
    }
    assert lists == {"train": ["a", "c"], "val": ["b"], "trainval": ["a", "b", "c"]}


def test_a_jpeg_is_copied_whatever_its_suffix_was(tmp_path):
    bytes_ = picture(4, 3)
    write_zip(tmp_path / "a.zip", "voc", [sample("a", HOLED, lambda: bytes_, suffix=".JPEG")])
    assert zipfile.ZipFile(tmp_path / "a.zip").read("JPEGImages/a.jpg") == bytes_


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_a_png_is_recoded_and_said(tmp_path, mode):
    made = picture(4, 3, "PNG", mode)
    path = tmp_path / "a.zip"
    written = write_zip(path, "voc", [sample("a", HOLED, lambda: made, suffix=".png")])
    image = opened(zipfile.ZipFile(path), "JPEGImages/a.jpg")
    assert (image.format, image.size) == ("JPEG", (4, 3))
    assert written.notes[0].startswith("1 image is not JPEG and recoded once, at quality 95")


def test_254_objects_fit_the_palette(tmp_path):
    row = [[i % 2 for i in range(254 * 2)]]
    written = write_zip(tmp_path / "a.zip", "voc", [sample("a", mask(row))])
    image = opened(zipfile.ZipFile(tmp_path / "a.zip"), "SegmentationObject/a.png")
    assert (image.mode, np.asarray(image).max(), written.notes) == ("P", 254, ())


def test_255_objects_take_16_bits_and_it_is_said(tmp_path):
    row = [[255, *(i % 2 for i in range(255 * 2))]]
    written = write_zip(tmp_path / "a.zip", "voc", [sample("a", mask(row))])
    ids = np.asarray(opened(zipfile.ZipFile(tmp_path / "a.zip"), "SegmentationObject/a.png"))
    assert sorted(set(ids.ravel().tolist())) == [*range(256), 65535]
    assert "More objects than the 254" in written.notes[0]


def test_more_objects_than_16_bits_number_leave_the_object_mask_out(tmp_path):
    checks = np.indices((370, 370)).sum(axis=0) % 2
    write_zip(tmp_path / "a.zip", "voc", [sample("a", mask(checks.tolist()))])
    assert "SegmentationObject/a.png" not in zipfile.ZipFile(tmp_path / "a.zip").namelist()
    read = read_back(tmp_path / "a.zip", "voc")[0].mask
    assert np.array_equal(read.classes, checks)
    assert read.instances is None


def test_a_folder_is_read_like_a_zip(tmp_path):
    Voc().write(LABELS, [sample("a", HOLED)], FolderSink(tmp_path), ExportOptions())
    read = next(iter(Voc().read(FolderSource(tmp_path)).samples))
    assert np.array_equal(read.mask.classes, HOLED.classes)


def colored(classes: list[list[tuple[int, int, int]]]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.array(classes, np.uint8)).save(out, "PNG")
    return out.getvalue()


def cvat(folder: Path, masks: list[list[tuple[int, int, int]]]) -> FolderSource:
    sink = FolderSink(folder)
    sink.add("labelmap.txt", b"# label:color_rgb:parts:actions\nbackground:0,0,0::\ncar:9,8,7::\n")
    sink.add("SegmentationClass/a.png", colored(masks))
    return FolderSource(folder)


def test_colored_masks_are_read_by_the_labelmap(tmp_path):
    found = Voc().read(cvat(tmp_path, [[(0, 0, 0), (9, 8, 7), COLORS[255]]]))
    assert [(one.index, one.name, one.color) for one in found.labels] == [
        (0, "background", "#000000"),
        (1, "car", "#090807"),
    ]
    assert next(found.samples).mask.classes.tolist() == [[0, 1, 255]]


def test_a_color_that_no_label_has_is_named(tmp_path):
    found = Voc().read(cvat(tmp_path, [[(1, 2, 3)]]))
    with pytest.raises(FormatError, match="the color 1,2,3, which no label has"):
        next(found.samples)


def test_a_folder_without_label_files_has_vocs_21_labels(tmp_path):
    FolderSink(tmp_path).add("SegmentationClass/a.png", colored([[(128, 0, 0)]]))
    found = Voc().read(FolderSource(tmp_path))
    assert (len(found.labels), found.labels[1].name) == (21, "aeroplane")
    assert next(found.samples).mask.classes.tolist() == [[1]]


def test_a_devkit_folder_is_found_below(tmp_path):
    path = tmp_path / "VOCdevkit" / "VOC2012"
    Voc().write(LABELS, [sample("a", HOLED)], FolderSink(path), ExportOptions())
    assert [one.name for one in Voc().read(FolderSource(tmp_path)).samples] == ["a"]


def test_a_folder_without_masks_is_refused(tmp_path):
    with pytest.raises(FormatError, match="no folder SegmentationClass"):
        Voc().read(FolderSource(tmp_path))
