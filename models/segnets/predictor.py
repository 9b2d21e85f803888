"""Photographs in, labels and confidence per pixel out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from segnets.decode import label_pixels
from segnets.devices import half_precision, pick_device
from segnets.errors import BadImage
from segnets.layers import fold_norms
from segnets.loading import load_network
from segnets.network import Network
from segnets.registry import Entry, find
from segnets.transforms import Preprocessing, resize, to_tensor

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Features:
    """What the backbone sees in one image; `Predictor.decode` may read it any number of times."""

    tensors: tuple[Tensor, ...]  # what `Network.decode` reads
    working_size: tuple[int, int]  # (h, w) of the resized image
    size: tuple[int, int]  # (H, W) of the image itself


@dataclass(frozen=True, eq=False)
class Proposal:
    """A model's draft of one image, in the model's label indices."""

    classes: Pixels  # (H, W)
    confidence: Pixels  # (H, W), 255 = certain


@dataclass(frozen=True, eq=False)
class Predictor:
    """A loaded model. It holds no state of any image: share one between all threads."""

    entry: Entry
    net: Network
    device: torch.device
    dtype: torch.dtype
    preprocessing: Preprocessing

    @classmethod
    def load(
        cls,
        name: str | Path = "default",
        device: str = "auto",
        threads: int | None = None,
        directories: Iterable[Path] = (),
    ) -> Predictor:
        """Load a registry entry, verified.

        `threads` sets PyTorch's CPU threads for the whole process. Raises `UnknownModel`,
        `BrokenModel` or `DeviceUnavailable`.
        """
        if threads is not None:
            torch.set_num_threads(threads)
        entry = find(name, directories)
        where = pick_device(device)
        dtype = torch.bfloat16 if half_precision(where) else torch.float32
        net = load_network(entry)
        fold_norms(net)
        net = net.to(device=where, dtype=dtype)
        net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        return cls(entry, net, where, dtype, Preprocessing(**entry.preprocessing))

    @property
    def name(self) -> str:
        """The entry's name."""
        return self.entry.name

    @property
    def labels(self) -> tuple[str, ...]:
        """Label names in the order of their indices."""
        return self.entry.labels

    def propose(self, image: Pixels) -> Proposal:
        """Draft an (H, W, 3) uint8 RGB image. Raises `BadImage`."""
        return self.decode(self.encode(image))

    @torch.inference_mode()
    def encode(self, image: Pixels) -> Features:
        """The costly half: (H, W, 3) uint8 RGB → features. Raises `BadImage`."""
        check_image(image)
        size = image.shape[0], image.shape[1]
        working = self.preprocessing.working_size(*size)
        x = self.preprocessing.normalise(resize(to_tensor(image), *working))[None]  # (1, 3, h, w)
        x = x.to(self.device, self.dtype).contiguous(memory_format=torch.channels_last)
        return Features(self.net.encode(x), working, size)

    @torch.inference_mode()
    def decode(self, features: Features) -> Proposal:
        """The cheap half: features → a label and a confidence for every pixel of the image."""
        logits = self.net.decode(*features.tensors)
        probabilities = logits[0].float().softmax(0).cpu()  # (labels, h/8, w/8)
        classes, confidence = label_pixels(probabilities, features.working_size, features.size)
        return Proposal(classes, confidence)

    def warm(self) -> None:
        """Draft a blank image, so that the first real one does not pay for set-up."""
        side = self.preprocessing.long_side
        self.propose(np.zeros((side, side, 3), np.uint8))


def check_image(image: object) -> None:
    """Raise `BadImage`, saying what to do, unless this is an (H, W, 3) uint8 array."""
    if not isinstance(image, np.ndarray):
        raise BadImage(
            f"expected a numpy array, got {type(image).__name__}. "
            "For a Pillow image: np.asarray(image.convert('RGB'))."
        )
    array = cast("npt.NDArray[Any]", image)
    shape = array.shape
    if len(shape) != 3 or shape[2] != 3:
        raise BadImage(
            f"expected an RGB image of shape (height, width, 3), got {shape}. "
            "For grey or transparent images: np.asarray(image.convert('RGB'))."
        )
    if array.dtype != np.uint8:
        raise BadImage(f"expected uint8 values 0 to 255, got {array.dtype}. Scale and convert.")
    if array.size == 0:
        raise BadImage(f"the image has no pixels: its shape is {shape}.")
