"""`models bench`: engines side by side, each in a process of its own."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maskwright.bench import contest
from maskwright.bench.contender import PLAIN, Contender, Failed, Task
from maskwright.bench.contest import Row
from maskwright.bench.samples import samples
from maskwright.demo.seed import PHOTOS
from maskwright.errors import BadRequest


@pytest.fixture
def voc(tmp_path: Path) -> Path:
    """A VOC folder of one photograph, whose truth calls everything cat."""
    (tmp_path / "JPEGImages").mkdir()
    (tmp_path / "SegmentationClass").mkdir()
    with Image.open(PHOTOS / "cat.png") as image:
        image.convert("RGB").save(tmp_path / "JPEGImages" / "a.jpg")
        mask = np.full((image.height, image.width), 8, np.uint8)
    Image.fromarray(mask).save(tmp_path / "SegmentationClass" / "a.png")
    return tmp_path


def task(engine: str, cache: Path) -> Task:
    return Task(engine, "default", (), cache, threads=1)


def row(engine: str, speed: float, quality: float) -> Row:
    return Row(engine, 1, 1, speed, speed, 1, quality)


def test_engines_are_measured_against_plain_pytorch(
    voc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest, "ENGINES", ("torch:fp32", "abacus"))
    judged = samples(None, voc, 21)
    result = contest.hold(lambda engine: task(engine, tmp_path), judged, lambda _: None, rounds=1)
    assert [row.engine for row in result.rows] == [PLAIN, "torch:fp32"]
    assert "no engine is called 'abacus'" in result.left_out["abacus"]
    assert result.rows[0].speed == 1
    assert abs(result.rows[0].quality - result.rows[1].quality) < 0.5
    assert result.rows[0].quality > 60
    assert all(row.memory > 0 for row in result.rows)


@pytest.mark.parametrize(
    ("rows", "chosen"),
    [
        ([row(PLAIN, 1, 50), row("a", 3, 49.6), row("b", 2, 50)], "a"),
        ([row(PLAIN, 1, 50), row("a", 3, 49.4), row("b", 2, 50)], "b"),
        ([row(PLAIN, 1, 50), row("a", 3, 40)], None),
    ],
)
def test_the_fastest_that_loses_little_is_chosen(
    rows: list[Row], chosen: str | None, voc: Path
) -> None:
    best = contest.best(rows, samples(None, voc, 21))
    assert (best.engine if best else None) == chosen


def test_a_contender_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no engine is called"):
        Contender(task("abacus", tmp_path))


def test_without_a_folder_the_demo_is_measured_on() -> None:
    found = samples(None, None, 21)
    assert (len(found), found.has_truth, found.timed.shape) == (6, False, (480, 640, 3))
    assert all(truth is None for _, truth in found)


def test_a_folder_without_images_is_told_what_it_should_hold(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="JPEGImages and SegmentationClass"):
        samples(None, tmp_path, 21)
