"""`maskwright evaluate`: pairs of masks, labels of both sides, figures and complaints."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maskwright.errors import BadRequest
from maskwright.evaluate import Evaluation, evaluate, judge, mask_set, names_of

LIMIT = 1_000_000
VOC = ("background", "aeroplane", "bicycle")


def put(folder: Path, **masks: np.ndarray) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, mask in masks.items():
        Image.fromarray(mask).save(folder / f"{name}.png")
    return folder


def noise(seed: int, values: tuple[int, ...] = (0, 1, 2, 255)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.choice(values, (40, 50)).astype(np.uint8)


def compare(
    predictions: Path, truth: Path, labels: Path | None = None, given: str | None = None
) -> Evaluation:
    mine, theirs = mask_set(predictions, labels), mask_set(truth, labels)
    judgement = judge(mine.labels, theirs.labels, given)
    names = names_of(theirs, truth, None)
    return evaluate(mine, theirs, names, judgement, LIMIT, lambda done, total: None)


@pytest.fixture
def three(tmp_path: Path) -> Path:
    path = tmp_path / "three.txt"
    path.write_text("sky\ncar\nperson\n")
    return path


def test_mean_iou_is_that_of_a_loop_over_all_pixels(tmp_path: Path, three: Path) -> None:
    truths = {f"m{i}": noise(i) for i in range(4)}
    guesses = {name: noise(100 + i) for i, name in enumerate(truths)}
    found = compare(put(tmp_path / "p", **guesses), put(tmp_path / "t", **truths), three)
    both, either = dict.fromkeys(range(3), 0), dict.fromkeys(range(3), 0)
    for name, truth in truths.items():
        for true, guess in zip(truth.ravel().tolist(), guesses[name].ravel().tolist(), strict=True):
            if true == 255:
                continue
            for label in range(3):
                both[label] += true == label == guess
                either[label] += label in (true, guess)
    expected = np.mean([both[label] / either[label] for label in range(3)])
    assert found.document["miou"] == pytest.approx(expected)


def test_a_label_that_the_truth_lacks_has_no_figure_and_no_part_in_the_mean(
    tmp_path: Path, three: Path
) -> None:
    truth = np.array([[0, 0, 1, 1]], np.uint8)
    guess = np.array([[0, 2, 1, 1]], np.uint8)
    found = compare(put(tmp_path / "p", a=guess), put(tmp_path / "t", a=truth), three).document
    assert [row["iou"] for row in found["labels"]] == [0.5, 1.0, None]
    assert found["miou"] == 0.75


def test_labels_are_paired_by_name_and_those_of_one_side_are_named(tmp_path: Path) -> None:
    (put(tmp_path / "t") / "labels.txt").write_text("building\npedestrian\ncar\n")
    truth = np.array([[0, 0, 1, 1, 2, 2]], np.uint8)
    guess = np.array([[0, 7, 15, 15, 7, 255]], np.uint8)  # VOC: 7 car, 15 person
    found = compare(put(tmp_path / "p", a=guess), put(tmp_path / "t", a=truth)).document
    rows = {row["name"]: row["iou"] for row in found["labels"]}
    assert rows == {"pedestrian": 1.0, "car": pytest.approx(1 / 3)}
    assert found["map"]["person"] == "pedestrian"
    assert found["only_in_truth"] == ["building"]
    assert "cat" in found["only_in_predictions"]
    assert found["pixel_accuracy"] == 0.75  # of the pixels that are pedestrian or car


def test_a_given_map_goes_before_names(tmp_path: Path, three: Path) -> None:
    mask = np.array([[0, 1, 1, 2]], np.uint8)
    put(tmp_path / "p", a=mask)
    put(tmp_path / "t", a=mask)
    found = compare(tmp_path / "p", tmp_path / "t", three, "car=person").document
    assert (found["map"], found["miou"]) == ({"car": "person"}, 0.0)


def test_a_map_is_read_from_a_file_too(tmp_path: Path, three: Path) -> None:
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("car=car\nperson=car\n")
    mask = np.array([[0, 1, 1, 2]], np.uint8)
    put(tmp_path / "p", a=mask)
    put(tmp_path / "t", a=mask)
    found = compare(tmp_path / "p", tmp_path / "t", three, str(pairs)).document
    assert found["map"] == {"car": "car", "person": "car"}


@pytest.mark.parametrize("given", ["car", "car=lorry", "lorry=car", ","])
def test_a_map_that_names_no_label_is_refused(three: Path, tmp_path: Path, given: str) -> None:
    put(tmp_path / "t", a=noise(0))
    with pytest.raises(BadRequest):
        compare(tmp_path / "t", tmp_path / "t", three, given)


def test_masks_that_cannot_be_compared_are_told_one_by_one(tmp_path: Path, three: Path) -> None:
    small, strange = noise(0)[:20], noise(0, (0, 1, 77))
    put(tmp_path / "t", good=noise(0), missing=noise(0), small=noise(0), strange=noise(0))
    put(tmp_path / "p", good=noise(0), small=small, strange=strange)
    Image.fromarray(np.zeros((40, 50, 3), np.uint8)).save(tmp_path / "p" / "colours.png")
    put(tmp_path / "t", colours=noise(0), broken=noise(0))
    (tmp_path / "p" / "broken.png").write_bytes(b"no PNG")
    found = compare(tmp_path / "p", tmp_path / "t", three)
    told = dict(found.errors)
    assert set(told) == {"missing", "small", "strange", "colours", "broken"}
    assert "50 × 20" in told["small"]
    assert "77" in told["strange"]
    assert (found.images, found.document["miou"]) == (1, 1.0)


def test_a_mask_over_the_limit_is_not_decoded(tmp_path: Path, three: Path) -> None:
    mine = mask_set(put(tmp_path / "t", a=noise(0)), three)
    judgement = judge(mine.labels, mine.labels, None)
    found = evaluate(mine, mine, ["a"], judgement, 100, lambda done, total: None)
    assert "MASKWRIGHT_MAX_PIXELS" in found.errors[0][1]


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    """A VOC data set of three masks, one of them in the set val."""
    root = tmp_path / "voc"
    put(root / "SegmentationClass", a=noise(0), b=noise(1), c=noise(2))
    (root / "labels.txt").write_text("sky\ncar\nperson\n")
    sets = root / "ImageSets" / "Segmentation"
    sets.mkdir(parents=True)
    (sets / "val.txt").write_text("b\n")
    return root


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "maskwright", "evaluate", *map(str, arguments)]
    environment = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)


def test_a_set_of_a_data_set_is_compared_alone(data_set: Path) -> None:
    done = run(data_set / "SegmentationClass", data_set, "--set", "val", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["images"] == 1


def test_the_table_has_a_line_for_each_label_and_the_mean(data_set: Path) -> None:
    done = run(data_set, data_set)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[:3] for line in lines[1:5]] == [
        [name, "1.0000", "1.0000"] for name in ("sky", "car", "person", "mean")
    ]


def test_two_files_are_a_pair_whatever_they_are_called(tmp_path: Path) -> None:
    put(tmp_path, one=noise(0), other=noise(0))
    done = run(tmp_path / "one.png", tmp_path / "other.png", "--json")
    assert (done.returncode, json.loads(done.stdout)["miou"]) == (0, 1.0)


def test_missing_predictions_fail_after_the_figures_are_told(data_set: Path) -> None:
    masks = data_set / "SegmentationClass"
    predictions = put(data_set.parent / "p", a=noise(0), b=noise(1))
    (predictions / "labels.txt").write_text("sky\ncar\nperson\n")
    done = run(predictions, masks)
    assert done.returncode == 1
    assert "c.png is missing" in done.stderr
    assert "mean" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_folder_without_masks_is_told_in_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
