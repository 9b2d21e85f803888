"""A draft as users of PyTorch write one: what everything here is measured against."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from segnets.layers import restore_norms
from segnets.loading import load_network
from segnets.registry import Entry
from segnets.transforms import Preprocessing, resize, to_tensor


class PlainDraft:
    """The network as it was trained, norms and all, channels first, float32; all logits enlarged.

    Call it with an (H, W, 3) uint8 image for the (H, W) uint8 labels.
    """

    def __init__(self, entry: Entry) -> None:
        self._net = load_network(entry)
        restore_norms(self._net)
        self._preprocessing = Preprocessing(**entry.preprocessing)

    @torch.inference_mode()
    def __call__(self, image: np.ndarray) -> np.ndarray:
        size = image.shape[0], image.shape[1]
        working = self._preprocessing.working_size(*size)
        x = self._preprocessing.normalise(resize(to_tensor(image), *working))[None].contiguous()
        logits = self._net(x)  # (1, labels, h', w')
        corners = self._net.grid == "corners"
        full = F.interpolate(logits, working, mode="bilinear", align_corners=corners)
        if size != working:
            full = F.interpolate(full, size, mode="bilinear", align_corners=False)
        return full.argmax(1)[0].to(torch.uint8).numpy()
