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
from maskwright.formats.base import ExportOptions
from maskwright.formats.objects import find_objects

WAYS = [
    pytest.param(name, ExportOptions(workers=1, **more), id=" ".join((name, *map(str, more))))
    for name, more in (
        *((name, {}) for name in FORMATS),
        ("coco", {"segmentation": "polygons"}),
        ("index-png", {"colors": True}),
    )
]
all_ways = pytest.mark.parametrize(("name", "options"), WAYS)


def round_trip(name: str, options: ExportOptions, pixels: list[Mask], labels=LABELS):
    samples = [sample(f"s{i}", one) for i, one in enumerate(pixels)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.zip"
        write_zip(path, name, samples, labels, options)
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
def test_any_mask_comes_back(name, options, pixels):
    read = round_trip(name, options, pixels)
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
def test_a_hard_mask_comes_back(name, options, rows):
    written = mask(rows)
    assert_equal(name, round_trip(name, options, [written])[0], written)


@all_ways
def test_all_255_labels_come_back(name, options):
    labels = [Label(i, f"label {i}", f"#{i * 1000:06x}", is_thing=i % 2 == 0) for i in range(VOID)]
    written = Mask(np.arange(256, dtype=np.uint8).reshape(16, 16).copy())
    assert_equal(name, round_trip(name, options, [written], labels)[0], written, labels)


@all_ways
def test_a_data_set_without_labels_comes_back(name, options):
    written = Mask.void(3, 4)
    assert_equal(name, round_trip(name, options, [written], [])[0], written, [])


@all_ways
def test_no_samples_give_an_empty_data_set(name, options):
    if name != "voc":  # which is known by its folders, and an empty zip has none
        assert round_trip(name, options, []) == []


@all_ways
def test_the_picture_comes_back_byte_for_byte(name, options, tmp_path):
    picture = b"\xff\xd8 not looked into \xff\xd9"
    written = sample("a", mask([[0, 1]]), lambda: picture, suffix=".jpg")
    write_zip(tmp_path / "a.zip", name, [written], options=options)
    with ZipSource(tmp_path / "a.zip") as source:
        read = next(iter(FORMATS[name].read(source).samples))
        assert read.image is not None
        assert read.image() == picture


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "voc"])
def test_labels_come_back(name, tmp_path):
    write_zip(tmp_path / "a.zip", name, [sample("a", mask([[0, 1]]))])
    with ZipSource(tmp_path / "a.zip") as source:
        assert FORMATS[name].read(source).labels == LABELS


@pytest.mark.parametrize("name", [name for name in FORMATS if not name.startswith("coco")])
def test_splits_come_back(name, tmp_path):
    splits = ["val", "train", "val"]
    samples = [sample(f"s{i}", mask([[0, 1]]), split=one) for i, one in enumerate(splits)]
    write_zip(tmp_path / "a.zip", name, samples)
    read = read_back(tmp_path / "a.zip", name)
    assert {one.name: one.split for one in read} == {"s0": "val", "s1": "train", "s2": "val"}


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "voc"])
def test_order_comes_back(name, tmp_path):
    samples = [sample(one, mask([[0]]), split=split) for one, split in (("b", "val"), ("a", None))]
    write_zip(tmp_path / "a.zip", name, samples)
    assert [one.name for one in read_back(tmp_path / "a.zip", name)] == ["b", "a"]


@pytest.mark.parametrize("name", list(FORMATS))
def test_it_is_known_how_many_samples_come(name, tmp_path):
    write_zip(tmp_path / "a.zip", name, [sample(one, mask([[0]])) for one in "abc"])
    with ZipSource(tmp_path / "a.zip") as source:
        assert FORMATS[name].read(source).count == 3
