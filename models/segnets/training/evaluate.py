"""Measure a network on photographs with fine masks, at full size."""

from __future__ import annotations

import numpy as np
import torch

from segnets.decode import label_pixels
from segnets.devices import autocast
from segnets.grid import Coarse
from segnets.metrics import confusion, mean_iou, pixel_accuracy
from segnets.nets.deeplab import DeepLab
from segnets.training.data import Photo
from segnets.transforms import Preprocessing, normalise, resize, to_tensor


def measure(net: DeepLab, photos: list[Photo], preprocessing: Preprocessing) -> np.ndarray:
    """(labels, labels + 1) confusion counts over all photographs."""
    labels = net.config.labels
    device = next(net.parameters()).device
    counts = np.zeros((labels, labels + 1), np.int64)
    was_training = net.training
    net.eval()
    for photo in photos:
        assert photo.fine is not None
        size = photo.fine.shape[0], photo.fine.shape[1]
        working = preprocessing.working_size(*size)
        image = normalise(resize(to_tensor(photo.image), *working))[None].to(device)
        with torch.inference_mode(), autocast(device):
            logits = net(image.contiguous(memory_format=torch.channels_last))
            probabilities = logits.float().softmax(1)[0].cpu()
        classes, _ = label_pixels(Coarse.of(net.grid, probabilities, working), size)
        counts += confusion(photo.fine, classes, labels)
    net.train(was_training)
    return counts


def summary(counts: np.ndarray) -> dict[str, float]:
    """Pixel accuracy and mean IoU, rounded for a log."""
    return {
        "pixel_accuracy": round(pixel_accuracy(counts), 4),
        "miou": round(mean_iou(counts), 4),
    }
