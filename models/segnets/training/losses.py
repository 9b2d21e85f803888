"""What the student is asked to match."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from segnets.labels import VOID
from segnets.training.views import View


def loss(logits: Tensor, views: View) -> Tensor:
    """Mean over the views: soft cross-entropy with the teacher, cross-entropy with fine masks.

    A view with a fine mask is judged by that alone: people know better than the teacher.
    """
    logits = logits.float()  # (B, labels, n, n)
    fine_known = views.fine != VOID  # (B, m, m)
    has_fine = fine_known.flatten(1).any(1)
    taught = views.teacher.sum(1) * (~has_fine)[:, None, None]  # (B, n, n), 0 or 1
    soft = -(views.teacher * F.log_softmax(logits, 1)).sum(1)  # (B, n, n)
    per_view = (soft * taught).sum((1, 2)) / taught.sum((1, 2)).clamp(min=1)
    if has_fine.any():
        size = views.fine.shape[-2:]
        up = F.interpolate(logits[has_fine], size=size, mode="bilinear", align_corners=True)
        hard = F.cross_entropy(up, views.fine[has_fine], ignore_index=VOID, reduction="none")
        known = fine_known[has_fine].sum((1, 2)).clamp(min=1)
        per_view = per_view.clone()
        per_view[has_fine] = hard.sum((1, 2)) / known
    return per_view.mean()
