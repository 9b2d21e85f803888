"""Figures against definitions that are written out the slow way."""

import cv2
import numpy as np
import pytest

from segnets import metrics
from segnets.labels import VOID
from segnets.metrics import (
    Scores,
    boundary,
    boundary_width,
    confusion,
    iou_per_label,
    mean_iou,
    pixel_accuracy,
)


def blobs(seed: int, labels: int, shape: tuple[int, int] = (60, 80)) -> np.ndarray:
    """A mask of discs of all labels, with some void."""
    rng = np.random.default_rng(seed)
    mask = np.zeros(shape, np.uint8)
    for _ in range(12):
        centre = int(rng.integers(shape[1])), int(rng.integers(shape[0]))
        value = int(rng.choice([*range(labels), VOID]))
        cv2.circle(mask, centre, int(rng.integers(4, 15)), value, -1)
    return mask


def test_mean_iou_is_over_the_labels_of_the_truth_and_ignores_void() -> None:
    truth = np.array([[0, 0, 1, VOID]], np.uint8)
    predicted = np.array([[0, 1, 1, 2]], np.uint8)
    counts = confusion(truth, predicted, 3)
    assert iou_per_label(counts) == {0: 0.5, 1: 0.5}
    assert mean_iou(counts) == 0.5


def test_void_predicted_where_the_truth_is_known_is_wrong() -> None:
    truth = np.array([[0, 0, 1, 1]], np.uint8)
    predicted = np.array([[0, VOID, 1, 77]], np.uint8)
    counts = confusion(truth, predicted, 2)
    assert iou_per_label(counts) == {0: 0.5, 1: 0.5}
    assert pixel_accuracy(counts) == 0.5


def test_iou_of_many_masks_is_that_of_a_pixel_by_pixel_count() -> None:
    pairs = [(blobs(seed, 4), blobs(seed + 100, 4)) for seed in range(6)]
    scores = Scores.none(4)
    for truth, predicted in pairs:
        scores.add(truth, predicted)
    for label, value in scores.iou.items():
        known = [(t == label, (p == label) & (t != VOID)) for t, p in pairs]
        both = sum(int((t & p).sum()) for t, p in known)
        either = sum(int((t | p).sum()) for t, p in known)
        assert value == pytest.approx(both / either)


def eroded_boundary(binary: np.ndarray, width: int) -> np.ndarray:
    """What the paper does: the mask less its erosion, zeros around the image."""
    padded = cv2.copyMakeBorder(binary.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    eroded = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=width)
    return binary & (eroded[1:-1, 1:-1] == 0)


@pytest.mark.parametrize("width", [1, 3, 7])
def test_the_band_is_the_mask_less_its_erosion_for_every_label(width: int) -> None:
    mask = blobs(3, 4)
    band = boundary(mask, width)
    for label in range(4):
        expected = eroded_boundary(mask == label, width)
        assert np.array_equal(band & (mask == label), expected)


def test_boundary_iou_is_that_of_erosions_label_by_label() -> None:
    truth, predicted = blobs(5, 3), blobs(6, 3)
    scores = Scores.none(3)
    scores.add(truth, predicted)
    width = boundary_width(*truth.shape)
    for label, value in scores.boundary_iou.items():
        one = eroded_boundary(truth == label, width)
        other = eroded_boundary((predicted == label) & (truth != VOID), width)
        assert value == pytest.approx((one & other).sum() / (one | other).sum())


def test_equal_masks_agree_along_every_edge() -> None:
    truth = blobs(7, 3)
    scores = Scores.none(3)
    scores.add(truth, truth)
    assert set(scores.boundary_iou.values()) == {1.0}


def test_a_band_is_two_percent_of_the_diagonal() -> None:
    assert boundary_width(480, 640) == 16
    assert boundary_width(8, 8) == 1


def test_bands_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = blobs(8, 4)
    whole = boundary(mask, 5)
    monkeypatch.setattr(metrics, "_BAND_PIXELS", 80 * 7)
    assert np.array_equal(boundary(mask, 5), whole)
