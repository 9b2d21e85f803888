"""Temperature and calibration error on answers whose truth is drawn from known chances."""

import numpy as np
import pytest
import torch

from segnets.calibration import (
    Reliability,
    Sample,
    fit_in_turn,
    fit_temperature,
    negative_log_likelihood,
    tempered,
)
from segnets.grid import Coarse
from segnets.labels import VOID

NODES = (41, 51)


def world(seed: int, boast: float) -> Sample:
    """A node a pixel. The truth follows softmax(logits); the network claims softmax(boast × it)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (3, *NODES))
    chances = np.exp(logits) / np.exp(logits).sum(0)
    drawn = rng.random(NODES)
    truth = (drawn[None] > chances.cumsum(0)).sum(0).astype(np.uint8)
    claimed = torch.from_numpy((logits * boast).astype(np.float32)).softmax(0)
    return Sample(Coarse.of("centres", claimed, NODES), truth)


def reliability(samples: list[Sample], temperature: float) -> float:
    found = Reliability.none()
    for sample in samples:
        best, winner = tempered(sample.coarse, temperature).probabilities.max(0)
        confidence = (best * 255).round().to(torch.uint8).numpy()
        found.add(sample.truth, winner.to(torch.uint8).numpy(), confidence, 3)
    return found.error


@pytest.mark.parametrize("boast", [0.5, 1.0, 2.5])
def test_the_temperature_found_is_by_how_much_the_network_boasts(boast: float) -> None:
    samples = [world(seed, boast) for seed in range(20)]
    assert fit_temperature(samples) == pytest.approx(boast, rel=0.12)


def test_the_fitted_temperature_makes_confidence_honest() -> None:
    samples = [world(seed, 2.5) for seed in range(20)]
    before = reliability(samples, 1.0)
    after = reliability(samples, fit_temperature(samples))
    assert after < 0.02 < 0.1 < before


def test_each_photograph_is_judged_with_a_temperature_that_it_had_no_part_in() -> None:
    samples = [world(seed, 2.0) for seed in range(9)]
    in_turn = fit_in_turn(samples, folds=3)
    assert in_turn[1] == fit_temperature([samples[i] for i in (0, 2, 3, 5, 6, 8)])
    assert in_turn[1] == in_turn[4] == in_turn[7]


def test_void_tells_nothing() -> None:
    sample = world(0, 1.0)
    blank = Sample(sample.coarse, np.full(NODES, VOID, np.uint8))
    assert negative_log_likelihood(blank, 1.0) == (0.0, 0)


def test_a_temperature_changes_no_winner_at_the_nodes() -> None:
    coarse = world(0, 1.0).coarse
    winners = tempered(coarse, 3.0).probabilities.argmax(0)
    assert torch.equal(winners, coarse.probabilities.argmax(0))


def test_calibration_error_is_the_mean_gap_over_fifteen_bins() -> None:
    found = Reliability.none()
    truth = np.array([[0, 0, 0, 0, 1, VOID]], np.uint8)
    classes = np.array([[0, 0, 1, 1, 1, 0]], np.uint8)
    confidence = np.array([[204, 204, 204, 204, 255, 255]], np.uint8)  # 0.8 four times, then 1
    found.add(truth, classes, confidence, 2)
    assert found.error == pytest.approx(4 / 5 * abs(0.8 - 0.5))
