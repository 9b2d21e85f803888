"""Cityscapes, checked against cityscapesscripts."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from cityscapesscripts.helpers.annotation import Annotation
from cityscapesscripts.helpers.csHelpers import getCsFileInfo
from cityscapesscripts.helpers.labels import labels as reference
from cityscapesscripts.preparation.json2instanceImg import createInstanceImage
from cityscapesscripts.preparation.json2labelImg import createLabelImage
from PIL import Image

from bench.scenes import street
from formats.samples import mask, read_back, sample, write_zip
from maskwright.domain.labels import Label
from maskwright.domain.mask import Mask
from maskwright.domain.presets import PRESETS
from maskwright.formats.archive import FolderSink, FolderSource, ZipSource
from maskwright.formats.base import ExportOptions, FormatError
from maskwright.formats.cityscapes import Cityscapes
from maskwright.formats.cityscapes_labels import STANDARD

ROAD, CAR = Label(0, "Road", "#010203"), Label(1, "car", "#0000ff", is_thing=True)
POTHOLE = Label(2, "pothole", "#aabbcc")
SMALL = mask([[255, 1, 0, 1], [0, 1, 0, 1]])
STREET = PRESETS["cityscapes"].labels
TRUTH = "gtFine/train/maskwright/maskwright_a_000000_gtFine"


def pixels(archive: zipfile.ZipFile, path: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(archive.read(path))))


@pytest.fixture
def small(tmp_path: Path) -> zipfile.ZipFile:
    write_zip(tmp_path / "a.zip", "cityscapes", [sample("a", SMALL)], [ROAD, CAR, POTHOLE])
    return zipfile.ZipFile(tmp_path / "a.zip")


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    """A data set of two streets with all of Cityscapes' labels, as a folder."""
    table = np.arange(256, dtype=np.uint8)
    table[:11] = (10, 2, 5, 0, 1, 8, 7, 4, 13, 11, 18)
    made = [
        sample(f"bonn_{i:06}_000019", Mask(table[street(400, 200, i)]), split=("train", "val")[i])
        for i in range(2)
    ]
    folder = tmp_path / "set"
    Cityscapes().write(STREET, made, FolderSink(folder), ExportOptions())
    return folder


def test_ids_train_ids_colors_and_things_are_those_of_cityscapesscripts():
    ours = {(s.name, s.id, s.train_id, s.color, s.is_thing) for s in STANDARD}
    theirs = {
        (one.name, one.id, one.trainId, "#{:02x}{:02x}{:02x}".format(*one.color), one.hasInstances)
        for one in reference
        if one.id > 0
    }
    assert ours == theirs


def test_masks_hold_cityscapes_ids_by_name_and_own_ids_from_34(tmp_path):
    write_zip(
        tmp_path / "a.zip",
        "cityscapes",
        [sample("a", mask([[255, 0, 1, 2]]))],
        [ROAD, CAR, POTHOLE],
    )
    archive = zipfile.ZipFile(tmp_path / "a.zip")
    found = {
        kind: pixels(archive, f"{TRUTH}_{kind}.png").tolist()
        for kind in ("labelIds", "labelTrainIds", "instanceIds")
    }
    assert found == {
        "labelIds": [[0, 7, 26, 34]],
        "labelTrainIds": [[255, 0, 13, 19]],
        "instanceIds": [[0, 7, 26000, 34]],
    }


def test_objects_are_numbered_within_their_label(small):
    assert pixels(small, f"{TRUTH}_instanceIds.png").tolist() == [
        [0, 26000, 7, 26001],
        [7, 26000, 7, 26001],
    ]


def test_colors_are_cityscapes_own(small):
    picture = Image.open(io.BytesIO(small.read(f"{TRUTH}_color.png"))).convert("RGB")
    assert [picture.getpixel((x, 0)) for x in range(3)] == [(0, 0, 0), (0, 0, 142), (128, 64, 128)]


def test_labels_json_names_all_values(small):
    rows = json.loads(small.read("labels.json"))["labels"]
    assert [(row["name"], row["id"], row["train_id"]) for row in rows] == [
        ("Road", 7, 0),
        ("car", 26, 13),
        ("pothole", 34, 19),
    ]


def test_a_label_that_cityscapes_has_not_is_said(tmp_path):
    labels = [ROAD, CAR, POTHOLE]
    written = write_zip(tmp_path / "a.zip", "cityscapes", [sample("a", SMALL)], labels)
    assert "Cityscapes has no label pothole" in written.notes[1]


def test_pictures_keep_bytes_and_suffix_beside_their_truth(small):
    names = [path for path in small.namelist() if "leftImg8bit" in path]
    assert names == ["leftImg8bit/train/maskwright/maskwright_a_000000_leftImg8bit.jpg"]
    assert Image.open(io.BytesIO(small.read(names[0]))).format == "JPEG"


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("aachen_000003_000019", "aachen_000003_000019"),
        ("IMG_1", "maskwright_IMG-1_000000"),
        ("a_b_c_d", "maskwright_a-b-c-d_000000"),
        ("é" * 50, f"maskwright_{'é' * 35}_000000"),
    ],
)
def test_cityscapesscripts_takes_the_names_apart(tmp_path, name, core):
    write_zip(tmp_path / "a.zip", "cityscapes", [sample(name, SMALL)], [ROAD, CAR])
    path = next(p for p in zipfile.ZipFile(tmp_path / "a.zip").namelist() if "labelIds" in p)
    parts = getCsFileInfo(path)
    assert "_".join((parts.city, parts.sequenceNb, parts.frameNb)) == core
    assert read_back(tmp_path / "a.zip", "cityscapes")[0].name == name


def test_names_that_become_equal_stay_apart(tmp_path):
    samples = [sample(name, SMALL) for name in ("a_b", "a-b")]
    write_zip(tmp_path / "a.zip", "cityscapes", samples, [ROAD, CAR])
    assert [one.name for one in read_back(tmp_path / "a.zip", "cityscapes")] == ["a_b", "a-b"]


def test_the_evaluation_of_cityscapesscripts_finds_no_difference(streets, tmp_path):
    results, report = tmp_path / "results", tmp_path / "report"
    results.mkdir()
    report.mkdir()
    for path in (streets / "gtFine" / "val").rglob("*_labelIds.png"):
        (results / path.name).write_bytes(path.read_bytes())
    # The evaluation asks for a function that NumPy renamed.
    module = "cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling"
    code = "import numpy, runpy; numpy.in1d = numpy.isin; "
    code += f"runpy.run_module({module!r}, None, '__main__')"
    folders = {"DATASET": streets, "RESULTS": results, "EXPORT_DIR": report}
    environment = {f"CITYSCAPES_{name}": str(path) for name, path in folders.items()}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(next(report.rglob("*.json")).read_text())
    assert (found["averageScoreClasses"], found["averageScoreCategories"]) == (1.0, 1.0)
    assert found["averageScoreInstClasses"] == 1.0


def test_cityscapesscripts_draws_our_polygons_as_our_masks(streets):
    path = next(streets.rglob("*_polygons.json"))
    annotation = Annotation()
    annotation.fromJsonFile(str(path))
    drawn = np.asarray(createLabelImage(annotation, "ids"))
    ids = np.asarray(Image.open(str(path).replace("polygons.json", "labelIds.png")))
    assert np.mean(drawn == ids) > 0.998
    objects = np.asarray(createInstanceImage(annotation, "ids"))
    assert (objects // 1000)[objects >= 1000].tolist() == drawn[objects >= 1000].tolist()


def test_a_thousand_and_one_objects_of_a_label_are_told(tmp_path):
    row = [[i % 2 for i in range(2002)]]
    written = write_zip(tmp_path / "a.zip", "cityscapes", [sample("a", mask(row))], [ROAD, CAR])
    ids = pixels(zipfile.ZipFile(tmp_path / "a.zip"), f"{TRUTH}_instanceIds.png")
    assert (ids.max(), ids[0, -1]) == (26999, 26)
    assert "1 object has no number" in written.notes[-1]


def original(folder: Path, kind: str, values: list[list[int]]) -> None:
    """A mask as Cityscapes itself comes: no labels.json, no list of images."""
    path = folder / "gtFine" / "val" / "ulm" / f"ulm_000001_000019_gtFine_{kind}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    dtype = np.uint16 if kind == "instanceIds" else np.uint8
    Image.fromarray(np.array(values, dtype)).save(path)


def test_cityscapes_itself_is_read_with_its_33_labels(tmp_path):
    original(tmp_path, "labelIds", [[0, 7, 26, 26]])
    original(tmp_path, "instanceIds", [[0, 7, 26004, 26]])
    picture = tmp_path / "leftImg8bit" / "val" / "ulm" / "ulm_000001_000019_leftImg8bit.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")
    found = Cityscapes().read(FolderSource(tmp_path))
    assert (len(found.labels), found.count) == (33, 1)
    read = next(found.samples)
    assert (read.name, read.split, read.suffix) == ("ulm_000001_000019", "val", ".png")
    assert read.mask.classes.tolist() == [[255, 7, 26, 26]]
    assert read.mask.instances is not None
    assert read.mask.instances.tolist() == [[0, 0, 1, 0]]
    assert read.image is not None
    assert read.image() == b"picture"


def test_train_ids_alone_are_read_as_their_labels(tmp_path):
    original(tmp_path, "labelTrainIds", [[0, 13, 255]])
    read = next(Cityscapes().read(FolderSource(tmp_path)).samples)
    assert read.mask.classes.tolist() == [[7, 26, 255]]


def test_a_value_that_no_label_has_is_named(tmp_path):
    original(tmp_path, "labelIds", [[0, 99]])
    with pytest.raises(FormatError, match="the value 99, which no label has"):
        next(Cityscapes().read(FolderSource(tmp_path)).samples)


def test_a_list_of_images_leads_to_no_file_outside(tmp_path):
    Cityscapes().write(
        [ROAD, CAR], [sample("a", SMALL)], FolderSink(tmp_path / "set"), ExportOptions()
    )
    (tmp_path / "secret.png").write_bytes(b"secret")
    (tmp_path / "set" / "images.csv").write_text("name,split,mask,picture\na,,../secret.png,\n")
    with pytest.raises(ValueError, match="outside the data set"):
        list(Cityscapes().read(FolderSource(tmp_path / "set")).samples)


def test_labels_are_carried_over_in_full(tmp_path):
    labels = (Label(0, "Road", "#010203", hotkey="r"), CAR, POTHOLE)
    write_zip(tmp_path / "a.zip", "cityscapes", [sample("a", SMALL)], labels)
    with ZipSource(tmp_path / "a.zip") as source:
        assert Cityscapes().read(source).labels == labels
