"""Figures of a card: measured, written, and found again."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segnets import find
from segnets.figures import figures, with_figures
from segnets.measure import main, pays
from segnets.registry import Measured, read_entry

CARD = "# A model\n\nIntro.\n\n## Figures\n\nOld ones.\n\n### Edges\n\nOld.\n\n## Limits\n\nMany.\n"


def measured(**given: object) -> Measured:
    known = Measured(0.4, 0.8, {"background": 0.7, "cat": 0.1}, 2, "2 photographs")
    return replace(known, **given)


def voc(root: Path, count: int) -> Path:
    """A VOC folder of small photographs: a light square on noise, called a cat."""
    for name in ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation"):
        (root / name).mkdir(parents=True)
    names = [f"p{i:02}" for i in range(count)]
    for number, name in enumerate(names):
        rng = np.random.default_rng(number)
        image = rng.integers(0, 90, (48, 64, 3), dtype=np.uint8)
        truth = np.zeros((48, 64), np.uint8)
        top, left = int(rng.integers(4, 20)), int(rng.integers(4, 30))
        image[top : top + 20, left : left + 25] += 150
        truth[top : top + 20, left : left + 25] = 8
        Image.fromarray(image).save(root / "JPEGImages" / f"{name}.jpg")
        Image.fromarray(truth).save(root / "SegmentationClass" / f"{name}.png")
    (root / "ImageSets/Segmentation/val.txt").write_text("\n".join(names[:2]))
    return root


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the default model, with its card; it looks at small images, to be quick."""
    entry = find("default")
    for suffix in (".md", ".safetensors"):
        shutil.copy(entry.directory / f"{entry.name}{suffix}", tmp_path)
    path = tmp_path / f"{entry.name}.json"
    path.write_text(replace(entry, preprocessing={"long_side": 65, "multiple": 16}).to_json())
    return path


def test_what_was_written_is_found_again(model: Path, tmp_path: Path) -> None:
    camvid = voc(tmp_path / "camvid", 2)
    (camvid / "labels.txt").write_text("car\npedestrian\nsky\n" + "x\n" * 5 + "cat\n")
    Image.fromarray(np.eye(48, 64, dtype=np.uint8)).save(camvid / "SegmentationClass/p00.png")
    fine = voc(tmp_path / "fine", 27)
    command = ["--fine", fine, "--camvid", camvid, "--model", model]
    command = list(map(str, command))
    assert main(command) == 1
    assert main([*command, "--write"]) == 0
    assert main(command) == 0


def test_a_figure_that_differs_is_told_beside_the_cards(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fine = str(voc(tmp_path / "fine", 27))
    main(["--fine", fine, "--model", str(model), "--write"])
    document = json.loads(model.read_text())
    right = document["measured"]["miou"]
    document["measured"]["miou"] = right + 0.002
    model.write_text(json.dumps(document))
    capsys.readouterr()
    assert main(["--fine", fine, "--model", str(model)]) == 1
    assert "1 figures differ" in capsys.readouterr().out


def test_only_the_section_of_figures_is_written_anew() -> None:
    entry = replace(find("default"), measured=measured())
    card = with_figures(CARD, entry)
    assert card == CARD[: CARD.index("## Figures")] + figures(entry) + "\n## Limits\n\nMany.\n"
    assert with_figures(card, entry) == card


def test_sections_appear_with_their_figures() -> None:
    edges = {"miou_refined": 0.4, "boundary_iou": 0.2, "boundary_iou_refined": 0.3}
    full = measured(
        **edges, ece=0.05, ece_uncalibrated=0.1, camvid_miou=0.5, camvid_iou={"car": 0.5}
    )
    full = replace(full, camvid_miou_refined=0.5, camvid_images=101)
    written = figures(replace(find("default"), measured=full))
    assert [line for line in written.splitlines() if line.startswith("### ")] == [
        "### Edges",
        "### Confidence",
        "### Streets",
    ]


def test_an_entry_keeps_all_figures(tmp_path: Path) -> None:
    full = measured(ece=0.05, trained_on={"miou": 0.5}, camvid_iou={"car": 0.5})
    path = tmp_path / "m.json"
    path.write_text(replace(find("default"), measured=full).to_json())
    assert read_entry(path).measured == full


@pytest.mark.parametrize(
    ("edges", "labels", "expected"), [(0.02, 0.0, True), (0.001, 0.0, False), (0.02, -0.02, False)]
)
def test_refined_edges_pay_if_they_gain_and_labels_do_not_lose(
    edges: float, labels: float, expected: bool
) -> None:
    part = {
        "boundary_iou": 0.3,
        "boundary_iou_refined": 0.3 + edges,
        "miou": 0.5,
        "miou_refined": 0.5 + labels,
    }
    assert pays({**part, "trained_on": part}) is expected
