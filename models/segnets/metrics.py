"""How well labels agree with the truth: pixel accuracy, IoU and boundary IoU. NumPy alone.

Masks are (H, W) uint8 label indices. Void (255) in the truth is left out of everything; void, or an
index that is no label, in the prediction of a known pixel is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segnets.labels import VOID

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.uint8]

# Width of the band along outlines that boundary IoU looks at, as a share of the image's diagonal.
BOUNDARY_SHARE = 0.02
_BAND_PIXELS = 1 << 22  # worked on at once


def confusion(truth: Mask, predicted: Mask, labels: int) -> Counts:
    """(labels, labels + 1) pixel counts, truth down, prediction across; the last column is void."""
    known = truth < labels
    across = np.minimum(predicted[known], labels).astype(np.int64)
    pairs = truth[known].astype(np.int64) * (labels + 1) + across
    return np.bincount(pairs, minlength=labels * (labels + 1)).reshape(labels, labels + 1)


def pixel_accuracy(counts: Counts) -> float:
    """Share of the known pixels that have the right label; 0 if none is known."""
    return float(np.diagonal(counts).sum() / max(counts.sum(), 1))


def iou_per_label(counts: Counts) -> dict[int, float]:
    """Intersection over union of each label that the truth holds."""
    hits = np.diagonal(counts)
    return _ratios(hits, counts.sum(1), counts.sum(0)[: len(hits)])


def mean_iou(counts: Counts) -> float:
    """Mean over the labels that the truth holds."""
    return mean(iou_per_label(counts))


def mean(values: Mapping[int, float]) -> float:
    """Mean of what labels reach; NaN if there is no label."""
    return float(np.mean(list(values.values()))) if values else float("nan")


def _ratios(hits: Counts, truth: Counts, predicted: Counts) -> dict[int, float]:
    union = truth + predicted - hits
    return {int(i): float(hits[i] / union[i]) for i in np.flatnonzero(truth)}


def boundary(mask: Mask, width: int) -> npt.NDArray[np.bool_]:
    """(H, W): whether a pixel is within `width` (chessboard distance) of one of another label.

    Outside the image nothing has its label, as in the definition of boundary IoU (Cheng et al.,
    arXiv 2103.16562). All labels at once: a pixel is inside if no two neighbours differ in its
    window.
    """
    band = np.empty(mask.shape, np.bool_)
    step = max(1, _BAND_PIXELS // mask.shape[1])
    for top in range(0, len(mask), step):
        bottom = min(top + step, len(mask))
        first, last = max(0, top - width), min(len(mask), bottom + width)
        outside = ((first - (top - width), bottom + width - last), (width, width))
        near = np.pad(mask[first:last].astype(np.int16), outside, constant_values=-1)
        across = near[:, 1:] != near[:, :-1]
        down = near[1:] != near[:-1]
        size = 2 * width + 1
        differing = _window_sums(across, size, size - 1) + _window_sums(down, size - 1, size)
        band[top:bottom] = differing > 0
    return band


def _window_sums(values: npt.NDArray[np.bool_], rows: int, cols: int) -> npt.NDArray[np.int32]:
    """Sum of every window of `rows` × `cols` that fits."""
    total = np.zeros((values.shape[0] + 1, values.shape[1] + 1), np.int32)
    np.cumsum(np.cumsum(values, 0, dtype=np.int32), 1, out=total[1:, 1:])
    strips = total[rows:] - total[:-rows]
    return strips[:, cols:] - strips[:, :-cols]


def boundary_width(height: int, width: int) -> int:
    """Pixels of the band along outlines in an image of this size, at least 1."""
    return max(1, round(BOUNDARY_SHARE * float(np.hypot(height, width))))


@dataclass(frozen=True, eq=False)
class Scores:
    """Counts over any number of masks of `labels` labels; what is kept does not grow."""

    counts: Counts  # (labels, labels + 1), see `confusion`
    edges: Counts  # (3, labels): band pixels of both, of the truth, of the prediction

    @classmethod
    def none(cls, labels: int) -> Scores:
        """Nothing counted yet."""
        return cls(np.zeros((labels, labels + 1), np.int64), np.zeros((3, labels), np.int64))

    @property
    def labels(self) -> int:
        return len(self.counts)

    def add(self, truth: Mask, predicted: Mask) -> None:
        """Count one mask, of the same size as its truth."""
        self.counts[:] += confusion(truth, predicted, self.labels)
        self.edges[:] += boundary_counts(truth, predicted, self.labels)

    @property
    def pixel_accuracy(self) -> float:
        return pixel_accuracy(self.counts)

    @property
    def iou(self) -> dict[int, float]:
        """IoU of each label that the truth holds."""
        return iou_per_label(self.counts)

    @property
    def boundary_iou(self) -> dict[int, float]:
        """Boundary IoU of each label that the truth holds, pooled over the masks as IoU is."""
        return _ratios(self.edges[0], self.edges[1], self.edges[2])


def boundary_counts(truth: Mask, predicted: Mask, labels: int) -> Counts:
    """(3, labels) pixels in the band along a label's outline: of both, of truth, of prediction.

    Where the truth is void neither mask has a label.
    """
    width = boundary_width(*truth.shape)
    known = truth < labels
    predicted = np.where(known, predicted, np.uint8(VOID))
    of_truth = boundary(truth, width) & known
    of_predicted = boundary(predicted, width) & (predicted < labels)
    both = of_truth & of_predicted & (truth == predicted)
    return np.stack([
        np.bincount(mask[chosen], minlength=labels)
        for mask, chosen in ((truth, both), (truth, of_truth), (predicted, of_predicted))
    ])  # fmt: skip
