import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from formats.samples import mask, read_back, sample, write_zip
from maskwright.formats.archive import FolderSink, FolderSource
from maskwright.formats.base import FormatError
from maskwright.formats.coco_panoptic import CocoPanoptic

PIXELS = mask([[255, 1, 0], [7, 1, 0], [7, 7, 254]])


@pytest.fixture
def archive(tmp_path: Path) -> zipfile.ZipFile:
    write_zip(tmp_path / "a.zip", "coco-panoptic", [sample("a", PIXELS)])
    return zipfile.ZipFile(tmp_path / "a.zip")


def annotation(archive: zipfile.ZipFile) -> dict:
    return json.loads(archive.read("annotations/panoptic.json"))["annotations"][0]


def ids(archive: zipfile.ZipFile) -> np.ndarray:
    """As panopticapi's rgb2id reads them."""
    png = archive.read(f"annotations/panoptic/{annotation(archive)['file_name']}")
    color = np.asarray(Image.open(io.BytesIO(png))).astype(np.uint32)
    return color[:, :, 0] + 256 * color[:, :, 1] + 256 * 256 * color[:, :, 2]


def test_every_id_in_the_png_is_explained_and_every_explained_id_is_there(archive):
    explained = {one["id"] for one in annotation(archive)["segments_info"]}
    assert set(np.unique(ids(archive)).tolist()) - {0} == explained


def test_areas_and_categories_are_those_of_the_pixels(archive):
    numbered = ids(archive)
    for segment in annotation(archive)["segments_info"]:
        pixels = numbered == segment["id"]
        assert segment["area"] == pixels.sum()
        assert set(PIXELS.classes[pixels].tolist()) == {segment["category_id"] - 1}


def test_void_is_id_zero(archive):
    assert np.array_equal(ids(archive) == 0, PIXELS.classes == 255)


def test_more_than_256_segments_use_the_second_channel(tmp_path):
    rows = [[i % 2 for i in range(600)]]
    write_zip(tmp_path / "a.zip", "coco-panoptic", [sample("a", mask(rows))])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert ids(archive).max() == 301
    assert read_back(tmp_path / "a.zip", "coco-panoptic")[0].mask.classes.tolist() == rows


def test_an_id_that_is_not_explained_is_refused(tmp_path, archive):
    archive.extractall(tmp_path / "set")
    document = json.loads(archive.read("annotations/panoptic.json"))
    document["annotations"][0]["segments_info"].pop()
    FolderSink(tmp_path / "set").add("annotations/panoptic.json", json.dumps(document).encode())
    with pytest.raises(FormatError, match="does not name"):
        next(CocoPanoptic().read(FolderSource(tmp_path / "set")).samples)
