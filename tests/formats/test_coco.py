import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from formats.samples import CAR, LABELS, SKY, mask, picture, read_back, sample, write_zip
from maskwright.formats.archive import FolderSink, FolderSource
from maskwright.formats.base import ExportOptions, FormatError
from maskwright.formats.coco import Coco

ROWS = [[255, 1, 1, 1], [0, 1, 0, 1], [0, 1, 1, 1]]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    samples = [
        sample("a", mask(ROWS)),
        sample("b", mask([[7, 7, 7]], [[1, 2, 2]]), lambda: picture(3, 1, "PNG"), suffix=".png"),
    ]
    write_zip(tmp_path / "a.zip", "coco", samples)
    zipfile.ZipFile(tmp_path / "a.zip").extractall(tmp_path / "set")
    return tmp_path / "set"


def instances(folder: Path) -> COCO:
    return COCO(str(folder / "annotations" / "instances.json"))


def painted(coco: COCO, image_id: int) -> list[list[int]]:
    """The classes of an image, as pycocotools sees them."""
    image = coco.loadImgs(image_id)[0]
    canvas = np.full((image["height"], image["width"]), 255, np.uint8)
    for annotation in coco.loadAnns(coco.getAnnIds(image_id)):
        pixels = coco.annToMask(annotation).astype(bool)
        assert (canvas[pixels] == 255).all(), "annotations overlap"
        canvas[pixels] = annotation["category_id"] - 1
    return canvas.tolist()


def test_pycocotools_paints_the_mask(written):
    assert painted(instances(written), 1) == ROWS


def test_every_thing_is_one_annotation(written):
    coco = instances(written)
    assert len(coco.getAnnIds(2)) == 2


def test_area_and_box_are_those_pycocotools_measures(written):
    from pycocotools import mask as coco_mask

    coco = instances(written)
    for annotation in coco.loadAnns(coco.getAnnIds()):
        rle = annotation["segmentation"]
        assert annotation["area"] == coco_mask.area(rle)
        assert annotation["bbox"] == coco_mask.toBbox(rle).tolist()


def test_categories_carry_name_kind_and_color(written):
    found = instances(written).loadCats([CAR.index + 1, SKY.index + 1])
    assert [(one["name"], one["supercategory"], one["isthing"], one["color"]) for one in found] == [
        ("car", "thing", 1, [0, 0, 255]),
        ("sky", "stuff", 0, [70, 130, 180]),
    ]


def test_the_picture_of_every_image_opens_at_its_size(written):
    for image in instances(written).dataset["images"]:
        with Image.open(written / "images" / image["file_name"]) as opened:
            assert opened.size == (image["width"], image["height"])


def test_stuff_has_only_labels_that_are_no_things(written):
    coco = COCO(str(written / "annotations" / "stuff.json"))
    assert {one["category_id"] for one in coco.loadAnns(coco.getAnnIds())} == {1}
    assert len(coco.getImgIds()) == 2


def polygons(tmp_path: Path, rows: list[list[int]]) -> tuple[dict, tuple[str, ...]]:
    options = ExportOptions(segmentation="polygons")
    path = tmp_path / "p.zip"
    notes = write_zip(path, "coco", [sample("a", mask(rows))], options=options).notes
    zipfile.ZipFile(path).extractall(tmp_path)
    return instances(tmp_path).anns, notes


def test_polygons_go_around_pixels(tmp_path):
    found, notes = polygons(tmp_path, [[255, 1], [255, 1]])
    assert found[1]["segmentation"] == [[1, 0, 2, 0, 2, 2, 1, 2]]
    assert notes == ()


def test_stuff_in_two_places_has_two_polygons(tmp_path):
    found, _ = polygons(tmp_path, [[0, 255, 0]])
    assert len(found[1]["segmentation"]) == 2


def test_what_has_a_hole_stays_rle_and_it_is_said(tmp_path):
    found, notes = polygons(tmp_path, ROWS)
    assert isinstance(found[1]["segmentation"], dict)
    assert isinstance(found[2]["segmentation"], list)
    assert notes == (
        "1 annotation has a hole, which COCO polygons cannot say, and so RLE in place of polygons.",
    )


def test_pycocotools_paints_polygons_to_the_pixel(tmp_path):
    polygons(tmp_path, ROWS)
    assert painted(instances(tmp_path), 1) == ROWS


def foreign(folder: Path, annotations: list[dict], categories: list[dict]) -> FolderSource:
    document = {
        "images": [{"id": 5, "file_name": "sub/x.jpg", "width": 4, "height": 4}],
        "annotations": [{"image_id": 5, **one} for one in annotations],
        "categories": categories,
    }
    FolderSink(folder).add("annotations/instances_val.json", json.dumps(document).encode())
    return FolderSource(folder)


SQUARE = [[0, 0, 4, 0, 4, 4, 0, 4]]
SMALL = [[1, 1, 2, 1, 2, 2, 1, 2]]


def test_what_a_larger_object_encloses_is_read_in_any_order(tmp_path):
    both = [
        {"category_id": 2, "segmentation": SMALL, "area": 1},
        {"category_id": 1, "segmentation": SQUARE, "area": 16},
    ]
    names = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    read = next(Coco().read(foreign(tmp_path, both, names)).samples)
    assert read.mask.classes.tolist() == [[0] * 4, [0, 1, 0, 0], [0] * 4, [0] * 4]


def test_category_ids_beyond_255_become_indices_in_their_order(tmp_path):
    source = foreign(tmp_path, [], [{"id": 900, "name": "b"}, {"id": 3, "name": "a"}])
    assert [(one.index, one.name) for one in Coco().read(source).labels] == [(0, "a"), (1, "b")]


def test_names_in_other_scripts_are_read(tmp_path):
    source = foreign(tmp_path, [], [{"id": 1, "name": "Straße"}])
    assert Coco().read(source).labels[0].name == "Straße"


def test_an_unknown_category_is_named(tmp_path):
    source = foreign(tmp_path, [{"category_id": 9, "segmentation": SMALL}], [])
    with pytest.raises(FormatError, match=r"Image 5 in annotations/instances_val\.json"):
        next(Coco().read(source).samples)


def test_a_folder_without_json_is_refused(tmp_path):
    with pytest.raises(FormatError, match="no COCO data set"):
        Coco().read(FolderSource(tmp_path))


def test_the_annotations_file_has_a_record_a_line(tmp_path):
    write_zip(tmp_path / "a.zip", "coco", [sample("a", mask([[0, 1]]))])
    text = zipfile.ZipFile(tmp_path / "a.zip").read("annotations/instances.json").decode()
    line = next(line for line in io.StringIO(text) if '"segmentation"' in line)
    assert json.loads(line.rstrip(",\n"))["category_id"] == 2


def test_annotations_of_a_set_without_things_have_no_instances(tmp_path):
    write_zip(tmp_path / "a.zip", "coco", [sample("a", mask([[0, 254]]))], LABELS)
    assert read_back(tmp_path / "a.zip", "coco")[0].mask.instances is None
