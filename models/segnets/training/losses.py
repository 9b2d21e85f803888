"""What the student is asked to match."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from segnets.labels import VOID
from segnets.training.views import View


def loss(logits: Tensor, views: View) -> Tensor:
    """Mean over the views: soft cross-entropy with the teacher, cross-entropy with fine masks.

    A node of the output counts as much as the four nodes of a fine mask that cover its area.
    """
    logits = logits.float()  # (B, labels, n, n)
    taught = views.teacher.sum(1)  # (B, n, n), 0 or 1
    soft = -(views.teacher * F.log_softmax(logits, 1)).sum(1)  # (B, n, n)
    total, weight = soft.sum((1, 2)), taught.sum((1, 2))
    known = views.fine != VOID  # (B, m, m)
    if known.any():
        size = views.fine.shape[-2:]
        up = F.interpolate(logits, size=size, mode="bilinear", align_corners=True)
        hard = F.cross_entropy(up, views.fine, ignore_index=VOID, reduction="none")
        total = total + hard.sum((1, 2)) / 4
        weight = weight + known.sum((1, 2)) / 4
    return (total / weight.clamp(min=1)).mean()
