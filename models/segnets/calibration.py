"""Confidence that means what it says: one temperature, and how far off confidence is.

Dividing the logits by a temperature changes no likeliest label at the network's nodes, only how
sure the network claims to be (Guo et al., arXiv 1706.04599). It is fitted on photographs that the
network was not trained on: on its own it is always too sure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from segnets.grid import Coarse

# Every so many pixels along both sides are fitted on: neighbours tell the same.
_STEP = 4
_BINS = 15
_LEAST = 1e-6  # a probability below it counts as this much: one absurd pixel must not decide
_RANGE = (0.25, 8.0)


def tempered(coarse: Coarse, temperature: float) -> Coarse:
    """The same network's answer as if its logits were divided by `temperature`; one view only."""
    logits = coarse.probabilities.clamp(min=1e-30).log()
    return Coarse((logits / temperature).softmax(0), coarse.rows, coarse.columns)


@dataclass(frozen=True, eq=False)
class Sample:
    """What a network and the truth say of one photograph."""

    coarse: Coarse  # at temperature 1
    truth: npt.NDArray[np.uint8]  # (H, W) label indices; labels it can't know are void


def negative_log_likelihood(sample: Sample, temperature: float) -> tuple[float, int]:
    """Sum over every fourth known pixel in each direction, and how many those are."""
    coarse = tempered(sample.coarse, temperature)
    labels = len(coarse.probabilities)
    truth = torch.from_numpy(sample.truth[::_STEP, ::_STEP].astype(np.int64))  # pyright: ignore[reportUnknownMemberType]
    known = truth < labels
    height, width = sample.truth.shape
    to_rows = coarse.rows.to_pixels(height)[::_STEP]  # (rows, h)
    to_columns = coarse.columns.to_pixels(width)[::_STEP].T  # (w, columns)
    total = 0.0
    for label in range(labels):
        mine = known & (truth == label)
        if bool(mine.any()):
            of_label: Tensor = (to_rows @ coarse.probabilities[label] @ to_columns)[mine]
            total -= float(of_label.clamp(min=_LEAST).log().sum())
    return total, int(known.sum())


def fit_temperature(samples: Sequence[Sample]) -> float:
    """The temperature under which the truth is likeliest, by golden section on its logarithm."""

    def loss(log_temperature: float) -> float:
        found = [negative_log_likelihood(sample, np.exp(log_temperature)) for sample in samples]
        return sum(total for total, _ in found) / max(sum(count for _, count in found), 1)

    low, high = np.log(_RANGE)
    return float(np.exp(_golden_section(loss, float(low), float(high))))


def fit_in_turn(samples: Sequence[Sample], folds: int = 5) -> list[float]:
    """For each sample, the temperature fitted on the folds that it is not in."""
    of_fold = [
        fit_temperature([sample for i, sample in enumerate(samples) if i % folds != fold])
        for fold in range(min(folds, len(samples)))
    ]
    return [of_fold[i % folds] for i in range(len(samples))]


def _golden_section(
    loss: Callable[[float], float], low: float, high: float, width: float = 0.005
) -> float:
    ratio = (np.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = loss(left), loss(right)
    while high - low > width:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = loss(right)
    return (low + high) / 2


@dataclass(frozen=True, eq=False)
class Reliability:
    """How often each confidence was right, over any number of drafts."""

    pixels: npt.NDArray[np.int64]  # (256,) known pixels of each confidence
    right: npt.NDArray[np.int64]  # (256,) those of them that have the right label

    @classmethod
    def none(cls) -> Reliability:
        """Nothing counted yet."""
        return cls(np.zeros(256, np.int64), np.zeros(256, np.int64))

    def add(
        self,
        truth: npt.NDArray[np.uint8],
        classes: npt.NDArray[np.uint8],
        confidence: npt.NDArray[np.uint8],
        labels: int,
    ) -> None:
        """Count one draft, (H, W) each; void and labels it can't know are left out."""
        known = truth < labels
        self.pixels[:] += np.bincount(confidence[known], minlength=256)
        self.right[:] += np.bincount(confidence[known & (truth == classes)], minlength=256)

    @property
    def error(self) -> float:
        """Expected calibration error: mean gap between confidence and accuracy over 15 bins."""
        values = np.arange(256)
        of_bin = np.minimum(values * _BINS // 255, _BINS - 1)
        right = np.bincount(of_bin, self.right, _BINS)
        claimed = np.bincount(of_bin, self.pixels * values / 255, _BINS)
        return float(np.abs(right - claimed).sum() / max(int(self.pixels.sum()), 1))
