"""Any mask in, the same mask out, through every format."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.samples import LABELS, mask, masks, read_back, sample, write_zip
from maskwright.domain.labels import VOID, Label
from maskwright.domain.mask import Mask
from maskwright.formats import FORMATS
from maskwright.formats.archive import ZipSource
from maskwright.formats.base import ExportOptions, Segmentation
from maskwright.formats.objects import find_objects

WAYS: list[tuple[str, Segmentation]] = [
    ("voc", "rle"),
    ("coco", "rle"),
    ("coco", "polygons"),
    ("coco-panoptic", "rle"),
    ("cityscapes", "rle"),
]
all_ways = pytest.mark.parametrize(("name", "segmentation"), WAYS)


def round_trip(name: str, segmentation: Segmentation, pixels: list[Mask], labels=LABELS):
    samples = [sample(f"s{i}", one) for i, one in enumerate(pixels)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        write_zip(path, name, samples, labels, ExportOptions(segmentation, workers=1))
        return [one.mask for one in read_back(path, name)]


def assert_equal(name: str, read: Mask, written: Mask, labels=LABELS) -> None:
    objects = find_objects(written, labels)
    kept = FORMATS[name].kept(labels, objects)
    none = np.zeros_like(objects.ids)
    assert np.array_equal(read.classes, written.classes)
    read_ids = none if read.instances is None else read.instances
    assert np.array_equal(read_ids, none if kept is None else kept)


@all_ways
@given(pixels=st.lists(masks(), min_size=1, max_size=3))
def test_any_mask_comes_back(name, segmentation, pixels):
    read = round_trip(name, segmentation, pixels)
    assert len(read) == len(pixels)
    for one, written in zip(read, pixels, strict=True):
        assert_equal(name, one, written)


@all_ways
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([[1, 1, 1], [1, 0, 1], [1, 1, 1]], id="another label in a hole"),
        pytest.param([[1, 1, 1], [1, 1, 1], [1, 1, 255]], id="void in a corner"),
        pytest.param([[1, 1, 1], [1, 255, 1], [1, 1, 1]], id="void in a hole"),
        pytest.param([[0, 0, 0], [0, 7, 0], [0, 0, 0]], id="one pixel"),
        pytest.param([[255, 255]], id="all void"),
        pytest.param([[254]], id="1x1"),
        pytest.param([[0] * 2500 + [1] * 2500], id="1x5000"),
        pytest.param([[0]] * 2500 + [[1]] * 2500, id="5000x1"),
        pytest.param([[i % 2 for i in range(700)]], id="350 objects"),
    ],
)
def test_a_hard_mask_comes_back(name, segmentation, rows):
    written = mask(rows)
    assert_equal(name, round_trip(name, segmentation, [written])[0], written)


@all_ways
def test_all_255_labels_come_back(name, segmentation):
    labels = [Label(i, f"label {i}", "#123456", is_thing=i % 2 == 0) for i in range(VOID)]
    written = Mask(np.arange(256, dtype=np.uint8).reshape(16, 16).copy())
    assert_equal(name, round_trip(name, segmentation, [written], labels)[0], written, labels)


@all_ways
def test_a_data_set_without_labels_comes_back(name, segmentation):
    written = Mask.void(3, 4)
    assert_equal(name, round_trip(name, segmentation, [written], [])[0], written, [])


@all_ways
def test_no_samples_give_an_empty_data_set(name, segmentation):
    if name != "voc":  # which is known by its folders, and an empty zip has none
        assert round_trip(name, segmentation, []) == []


@all_ways
def test_the_picture_comes_back_byte_for_byte(name, segmentation, tmp_path):
    picture = b"\xff\xd8 not looked into \xff\xd9"
    written = sample("a", mask([[0, 1]]), lambda: picture, suffix=".jpg")
    write_zip(tmp_path / "a.zip", name, [written])
    with ZipSource(tmp_path / "a.zip") as source:
        read = next(iter(FORMATS[name].read(source).samples))
        assert read.image is not None
        assert read.image() == picture


@pytest.mark.parametrize("name", ["coco", "coco-panoptic", "cityscapes"])
def test_labels_come_back(name, tmp_path):
    write_zip(tmp_path / "a.zip", name, [sample("a", mask([[0, 1]]))])
    with ZipSource(tmp_path / "a.zip") as source:
        assert FORMATS[name].read(source).labels == LABELS
