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
from segnets.devices import pick_device
from segnets.engines.base import Engine, Setting
from segnets.engines.making import make
from segnets.errors import BadImage
from segnets.grid import Coarse, mean_of
from segnets.loading import load_network
from segnets.network import Grid
from segnets.options import ProposeOptions
from segnets.refine import refine
from segnets.registry import Entry, find
from segnets.tiles import plan, tiled
from segnets.transforms import Preprocessing, resize, to_tensor
from segnets.uncertainty import doubt
from segnets.views import Viewer, probabilities_of, scaled, whole

Pixels = npt.NDArray[np.uint8]
_PLAIN = ProposeOptions()


@dataclass(frozen=True, eq=False)
class Features:
    """What the backbone sees in one image; `Predictor.decode` may read it any number of times."""

    tensors: tuple[Tensor, ...]  # the engine's own
    working_size: tuple[int, int]  # (h, w) of the resized image
    size: tuple[int, int]  # (H, W) of the image itself


@dataclass(frozen=True, eq=False)
class Proposal:
    """A model's draft of one image, in the model's label indices."""

    classes: Pixels  # (H, W)
    confidence: Pixels  # (H, W), 255 = certain
    margin: Pixels | None = None  # (H, W), lead over the second label, 255 = certain
    entropy: Pixels | None = None  # (H, W), 255 = all labels are as likely


@dataclass(frozen=True, eq=False)
class Predictor:
    """A loaded model. It holds no state of any image: share one between all threads."""

    entry: Entry
    engine: Engine
    grid: Grid
    device: torch.device
    preprocessing: Preprocessing

    @classmethod
    def load(
        cls,
        name: str | Path = "default",
        device: str = "auto",
        threads: int | None = None,
        directories: Iterable[Path] = (),
        engine: str = "auto",
        cache: Path | None = None,
    ) -> Predictor:
        """Load a registry entry, verified.

        `threads` sets PyTorch's CPU threads for the whole process. `engine` is a name of
        `segnets.engines.making.NAMES`; `cache` is a folder for what engines convert and for the
        choice among them. Raises `UnknownModel`, `BrokenModel`, `DeviceUnavailable` or
        `EngineUnavailable`.
        """
        if threads is not None:
            torch.set_num_threads(threads)
        entry = find(name, directories)
        where = pick_device(device)
        net = load_network(entry)
        made = make(engine, Setting(net, entry.sha256, where, threads=threads, cache=cache))
        return cls(entry, made, net.grid, where, Preprocessing(**entry.preprocessing))

    @property
    def name(self) -> str:
        """The entry's name."""
        return self.entry.name

    @property
    def labels(self) -> tuple[str, ...]:
        """Label names in the order of their indices."""
        return self.entry.labels

    @torch.inference_mode()
    def propose(self, image: Pixels, options: ProposeOptions = _PLAIN) -> Proposal:
        """Draft an (H, W, 3) uint8 RGB image. Raises `BadImage`."""
        coarse = self.look(image, options)
        size = image.shape[0], image.shape[1]
        classes, confidence = label_pixels(coarse, size)
        if self.entry.refine if options.refine is None else options.refine:
            refine(to_tensor(image), coarse, to_tensor(classes), to_tensor(confidence))
        margin, entropy = doubt(coarse, size) if options.maps else (None, None)
        return Proposal(classes, confidence, margin, entropy)

    @torch.inference_mode()
    def encode(self, image: Pixels) -> Features:
        """The costly half for a whole image: (H, W, 3) uint8 RGB → features. Raises `BadImage`."""
        check_image(image)
        size = image.shape[0], image.shape[1]
        working = self.preprocessing.working_size(*size)
        x = self.preprocessing.normalise(resize(to_tensor(image), *working))[None]  # (1, 3, h, w)
        return Features(self.engine.encode(x), working, size)

    @torch.inference_mode()
    def decode(self, features: Features) -> Proposal:
        """The cheap half: features → label and confidence of every pixel, edges not refined."""
        logits = self.engine.decode(*features.tensors)
        probabilities = probabilities_of(logits, self.entry.temperature)
        coarse = Coarse.of(self.grid, probabilities, features.working_size)
        return Proposal(*label_pixels(coarse, features.size))

    def warm(self) -> None:
        """Draft a blank image, so that the first real one does not pay for set-up."""
        side = self.preprocessing.short_side or self.preprocessing.long_side
        self.propose(np.zeros((side, side, 3), np.uint8))

    @torch.inference_mode()
    def look(self, image: Pixels, options: ProposeOptions = _PLAIN) -> Coarse:
        """All views of an image that the options ask for, averaged. Raises `BadImage`."""
        check_image(image)
        viewer = Viewer(self.engine, self.preprocessing, self.entry.temperature, options.flips)
        tiles = plan(options.detail, image.shape[:2], self.preprocessing, self.grid)
        pixels = to_tensor(image)
        return mean_of(
            [
                whole(pixels, viewer, scaled(self.preprocessing, scale), self.grid)
                if tiles is None
                else tiled(pixels, viewer, tiles.by(scale), self.grid)
                for scale in options.scales
            ]
        )


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
