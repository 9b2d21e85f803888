"""The training loop: seeded, and resumable from its checkpoint after a kill."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from segnets.devices import autocast, pick_device
from segnets.nets.deeplab import DeepLab, DeepLabConfig
from segnets.training.losses import loss
from segnets.training.student import STUDENT, Average, new_student, parameter_groups, thaw
from segnets.training.views import View, ViewConfig, ViewSource


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides the result, given the photographs."""

    minutes: float | None = None  # the length of the run: minutes of training, or
    steps: int | None = None  # a number of steps, which makes the run repeatable
    seed: int = 0
    batch: int = 16
    # The head learns alone at first: what a fresh head asks for would spoil the late blocks.
    alone: float = 0.4  # share of the run
    frozen_blocks: int = 11
    head_rate: float = 1e-3
    backbone_rate: float = 1.2e-4
    weight_decay: float = 0.01
    warmup: int = 200
    average: float = 0.998
    save_seconds: float = 240.0
    device: str = "auto"
    net: DeepLabConfig = STUDENT
    views: ViewConfig = field(default_factory=ViewConfig)

    def progress(self, step: int, seconds: float) -> float:
        """0 at the start, 1 when the run is over."""
        if self.steps is not None:
            return step / self.steps
        assert self.minutes is not None, "say minutes or steps"
        return seconds / (60 * self.minutes)


class Run:
    """One training run in a folder.

    `run.json` says what was asked for, `checkpoint.pt` is what a killed run goes on from, and
    `log.jsonl` has a line of measurements per save.
    """

    def __init__(self, config: TrainConfig, out: Path, imagenet: str | None) -> None:
        self.config, self.out = config, out
        self.device = pick_device(config.device)
        self.net = new_student(config.net, imagenet, config.seed)
        self.net.to(self.device)
        thaw(self.net, config.frozen_blocks)
        self.average = Average(self.net, config.average)
        self.optimiser = torch.optim.AdamW(
            parameter_groups(self.net, config.backbone_rate, config.head_rate, config.weight_decay)
        )
        self.step, self.seconds = 0, 0.0
        out.mkdir(parents=True, exist_ok=True)
        (out / "run.json").write_text(json.dumps(asdict(config), indent=2) + "\n", "utf-8")
        if self._checkpoint.exists():
            self._resume()

    def train(
        self, source: ViewSource, measure: Callable[[DeepLab], dict[str, float]] | None = None
    ) -> list[float]:
        """Train to the end of the run; returns the losses of the steps made by this call."""
        losses: list[float] = []
        saved = started = time.monotonic()
        before = self.seconds
        for views in self._batches(source):
            losses.append(self._one_step(views))
            now = time.monotonic()
            self.seconds = before + now - started
            done = self.config.progress(self.step, self.seconds) >= 1
            if done or now - saved >= self.config.save_seconds:
                self._save(losses, measure)
                saved = time.monotonic()
            if done:
                break
        return losses

    def _batches(self, source: ViewSource) -> Iterator[View]:
        """Batches from the current step on; the next is made while one is trained on."""
        size = self.config.batch
        step = self.step
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(source.batch, step * size, size)
            while True:
                views = coming.result()
                step += 1
                coming = pool.submit(source.batch, step * size, size)
                yield View(*(part.to(self.device, non_blocking=True) for part in views))

    def _one_step(self, views: View) -> float:
        self._set_rates()
        alone = self.config.progress(self.step, self.seconds) < self.config.alone
        thaw(self.net, len(self.net.backbone.blocks) if alone else self.config.frozen_blocks)
        self.net.train()
        image = views.image.contiguous(memory_format=torch.channels_last)
        with autocast(self.device):
            logits: Tensor = self.net(image)
        value = loss(logits, views)
        self.optimiser.zero_grad(set_to_none=True)
        value.backward()  # pyright: ignore[reportUnknownMemberType] untyped there
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimiser.step()  # pyright: ignore[reportUnknownMemberType] untyped there
        self.step += 1
        self.average.update(self.net, self.step)
        return float(value.detach())

    def _set_rates(self) -> None:
        """A warm-up and a cosine; the backbone's warm-up comes when the head is done alone."""
        progress = min(1.0, self.config.progress(self.step, self.seconds))
        factor = 0.5 * (1 + math.cos(math.pi * progress))
        factor *= min(1.0, (self.step + 1) / self.config.warmup)
        thawed = min(1.0, max(0.0, (progress - self.config.alone) / 0.05))
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor * (thawed if group["late"] else 1)

    @property
    def _checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"

    def _save(
        self, losses: list[float], measure: Callable[[DeepLab], dict[str, float]] | None
    ) -> None:
        partial = self._checkpoint.with_suffix(".partial")
        torch.save(
            {
                "net": self.net.state_dict(),
                "average": self.average.net.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
                "seconds": self.seconds,
            },
            partial,
        )
        partial.replace(self._checkpoint)
        recent = losses[-100:]
        line: dict[str, float] = {
            "step": self.step,
            "minutes": round(self.seconds / 60, 2),
            "loss": round(sum(recent) / len(recent), 4),
        }
        line |= measure(self.average.net) if measure else {}
        with (self.out / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.average.net.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
