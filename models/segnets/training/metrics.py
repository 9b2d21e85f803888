"""Confusion counts and IoU."""

from __future__ import annotations

import numpy as np

from segnets.labels import VOID


def confusion(truth: np.ndarray, predicted: np.ndarray, labels: int) -> np.ndarray:
    """(labels, labels) pixel counts, truth down, prediction across; void truth is left out."""
    known = truth != VOID
    pairs = truth[known].astype(np.int64) * labels + predicted[known]
    return np.bincount(pairs, minlength=labels * labels).reshape(labels, labels)


def iou_per_label(counts: np.ndarray) -> dict[int, float]:
    """Intersection over union of each label that the truth holds."""
    hits = np.diag(counts)
    union = counts.sum(0) + counts.sum(1) - hits
    present = np.flatnonzero(counts.sum(1))
    return {int(label): float(hits[label] / union[label]) for label in present}


def mean_iou(counts: np.ndarray) -> float:
    """Mean over the labels that the truth holds."""
    return float(np.mean(list(iou_per_label(counts).values())))
