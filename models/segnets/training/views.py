"""Augmented views of photographs, the same for the same seed and number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from segnets.labels import VOID
from segnets.training.data import Photo, label_shares
from segnets.transforms import normalise, resize, to_tensor

# A photograph at scale 1 has this long side, as at prediction time.
LONG_SIDE = 513


@dataclass(frozen=True)
class ViewConfig:
    """How views are drawn."""

    size: int = 321  # 16k+1
    scale: tuple[float, float] = (0.6, 1.8)
    stretch: float = 0.15
    fine_share: float = 0.2  # of all views, those of photographs with fine masks
    rarity: float = 0.6  # 0: labels as often as they come; 1: all labels equally often
    aimed: float = 0.6  # share of views centred on a pixel of the label they were drawn for
    pasted: float = 0.5  # share of views that get the objects of another view pasted on
    pasted_scale: tuple[float, float] = (0.3, 1.2)


class View(NamedTuple):
    """One square view of side S. Targets sit on the network's output grid, corners aligned."""

    image: Tensor  # (3, S, S) float32, normalised
    teacher: Tensor  # (labels, S/8, S/8) float32 probabilities; all zero = no target
    fine: Tensor  # (S/4, S/4) int64 label indices, 255 = no target


class ViewSource:
    """Draws view number `index`, for any index: views are a function of (seed, index) alone."""

    def __init__(self, photos: list[Photo], labels: int, config: ViewConfig, seed: int) -> None:
        self.photos, self.labels, self.config, self.seed = photos, labels, config, seed
        shares = np.stack([label_shares(photo, labels) for photo in photos])  # (photos, labels)
        fine = np.array([photo.fine is not None for photo in photos])
        self._pools = [
            _Pool(shares, np.flatnonzero(chosen), config.rarity)
            for chosen in (~fine, fine)
            if chosen.any()
        ]

    def batch(self, start: int, count: int) -> View:
        """Views `start` to `start + count`, stacked."""
        views = [self.view(index) for index in range(start, start + count)]
        return View(*(torch.stack(parts) for parts in zip(*views, strict=True)))

    def view(self, index: int) -> View:
        rng = np.random.default_rng((self.seed, index))
        view = self._draw(rng, self.config.scale, self.config.aimed)
        if rng.random() < self.config.pasted:
            view = _paste(self._draw(rng, self.config.pasted_scale, 1.0, objects=True), view)
        return view

    def _draw(
        self,
        rng: np.random.Generator,
        scales: tuple[float, float],
        aimed: float,
        objects: bool = False,
    ) -> View:
        pool = self._pools[-1 if rng.random() < self.config.fine_share else 0]
        photo_index, label = pool.draw(rng, objects)
        photo = self.photos[photo_index]
        window = self._window(photo, label, rng, scales, aimed)
        view = View(
            _colour(_crop(photo.image, window), rng),
            _teacher_target(photo, window, self.labels),
            _fine_target(photo, window),
        )
        if rng.random() < 0.5:
            view = View(*(part.flip(-1) for part in view))
        return view

    def _window(
        self,
        photo: Photo,
        label: int,
        rng: np.random.Generator,
        scales: tuple[float, float],
        aimed: float,
    ) -> _Window:
        height, width = photo.image.shape[:2]
        low, high = (math.log(scale) for scale in scales)
        scale = float(np.exp(rng.uniform(low, high))) * LONG_SIDE / max(height, width)
        stretch = float(np.exp(rng.uniform(-self.config.stretch, self.config.stretch)))
        scale_y, scale_x = scale * stretch, scale / stretch
        centre = rng.random(2) * (height, width)
        if rng.random() < aimed:
            centre = _aim(photo, label, rng)
        size = self.config.size
        span_y, span_x = size / scale_y, size / scale_x
        return _Window(
            _slide(float(centre[0]), span_y, height),
            _slide(float(centre[1]), span_x, width),
            scale_y,
            scale_x,
            size,
        )


class _Window(NamedTuple):
    """A square view: its top left corner in photograph pixels, and view pixels per one of them."""

    top: float
    left: float
    scale_y: float
    scale_x: float
    size: int

    def nodes(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Photograph coordinates (y, x; pixel corners at integers) of every `step`th pixel."""
        at = np.arange(0, self.size, step) + 0.5
        return self.top + at / self.scale_y, self.left + at / self.scale_x


class _Pool:
    """Draws photographs so that rare labels come up more often than they occur."""

    def __init__(self, shares: np.ndarray, indices: np.ndarray, rarity: float) -> None:
        weights = np.sqrt(shares[indices])  # (photos, labels): small objects count too
        totals = weights.sum(0)  # (labels,)
        present = totals > 0
        # rarity 0 leaves the totals as they are, 1 makes them equal.
        wanted = np.where(present, totals ** (1 - rarity), 0.0)
        wanted[0] = min(wanted[0], 0.1 * wanted.sum())  # background comes with everything else
        self._indices = indices
        self._labels = wanted / wanted.sum()
        self._given = weights / np.where(present, totals, 1.0)  # (photos, labels), columns sum to 1

    def draw(self, rng: np.random.Generator, objects: bool) -> tuple[int, int]:
        """A photograph's index, and the label it was drawn for: not background for `objects`."""
        chances = self._labels
        if objects and chances[1:].any():
            chances = chances * (np.arange(len(chances)) > 0)
        label = int(rng.choice(len(chances), p=chances / chances.sum()))
        row = int(rng.choice(len(self._indices), p=self._given[:, label]))
        return int(self._indices[row]), label


def _aim(photo: Photo, label: int, rng: np.random.Generator) -> np.ndarray:
    """Photograph coordinates (y, x) of a random pixel of the label."""
    if photo.fine is not None:
        grid = photo.fine
    else:
        assert photo.teacher is not None
        grid = photo.teacher.argmax(-1)
    found = np.argwhere(grid == label)
    cell = found[rng.integers(len(found))] if len(found) else np.array(grid.shape) // 2
    size = np.array(photo.image.shape[:2])
    return (cell + 0.5) * size / np.array(grid.shape) + rng.normal(0, 0.08, 2) * size


def _slide(centre: float, span: float, length: int) -> float:
    """Start of a window around `centre`, kept inside [0, length] (or centred if it is longer)."""
    low, high = sorted((0.0, length - span))
    return min(max(centre - span / 2, low), high)


def _paste(objects: View, onto: View) -> View:
    """What is not background in one view, cut out and laid over another, with its targets."""
    teacher_known = objects.teacher.sum(0) > 0
    soft = (1 - objects.teacher[0]) * teacher_known  # (n, n)
    hard = ((objects.fine > 0) & (objects.fine != VOID)).float()  # (m, m)
    size = onto.image.shape[-2:]
    cut = torch.maximum(_enlarge(soft, size), _enlarge(hard, size)) > 0.5  # (S, S)
    return View(
        torch.where(cut, objects.image, onto.image),
        torch.where(cut[::8, ::8], objects.teacher, onto.teacher),
        torch.where(cut[::4, ::4], objects.fine, onto.fine),
    )


def _enlarge(grid: Tensor, size: torch.Size) -> Tensor:
    return F.interpolate(grid[None, None], size=size, mode="bilinear", align_corners=True)[0, 0]


def _crop(image: np.ndarray, window: _Window) -> Tensor:
    """(3, S, S) float32 0–255; what lies outside the photograph is mid-grey."""
    height, width = image.shape[:2]
    span_y, span_x = window.size / window.scale_y, window.size / window.scale_x
    top, left = max(0, int(window.top)), max(0, int(window.left))
    bottom = min(height, int(np.ceil(window.top + span_y)))
    right = min(width, int(np.ceil(window.left + span_x)))
    view_top = round((top - window.top) * window.scale_y)
    view_left = round((left - window.left) * window.scale_x)
    rows = max(1, round((bottom - top) * window.scale_y))
    cols = max(1, round((right - left) * window.scale_x))
    part = resize(to_tensor(image[top:bottom, left:right]), rows, cols).float()
    size = window.size
    canvas = torch.full((3, size, size), 127.0)
    source_y, source_x = max(0, -view_top), max(0, -view_left)
    target_y, target_x = max(0, view_top), max(0, view_left)
    tall = min(size - target_y, rows - source_y)
    wide = min(size - target_x, cols - source_x)
    canvas[:, target_y : target_y + tall, target_x : target_x + wide] = part[
        :, source_y : source_y + tall, source_x : source_x + wide
    ]
    return canvas


def _colour(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Brightness, contrast, saturation and a tint, then the network's normalisation."""
    brightness, contrast, saturation = (float(v) for v in rng.uniform(0.7, 1.35, 3))
    tint = to_tensor(rng.uniform(0.92, 1.08, (3, 1, 1)).astype(np.float32))
    if rng.random() < 0.05:
        saturation = 0.0
    grey = image.mean(0, keepdim=True)
    image = grey + (image - grey) * saturation
    image = ((image - 127.0) * contrast + 127.0) * brightness * tint
    return normalise(image.clamp(0, 255))


def _teacher_target(photo: Photo, window: _Window, labels: int) -> Tensor:
    """(labels, n, n) probabilities at every 8th pixel, zero outside the photograph."""
    ys, xs = window.nodes(8)
    if photo.teacher is None or photo.fine is not None:
        return torch.zeros(labels, len(ys), len(xs))
    height, width = photo.image.shape[:2]
    probs = to_tensor(photo.teacher).permute(2, 0, 1)[None].float()  # (1, labels, h, w)
    grid = np.empty((1, len(ys), len(xs), 2), np.float32)  # x and y, -1 to 1 across the photograph
    grid[..., 0] = 2 * xs / width - 1
    grid[..., 1] = (2 * ys / height - 1)[:, None]
    target = F.grid_sample(probs, to_tensor(grid), padding_mode="border", align_corners=False)[0]
    target = target / target.sum(0, keepdim=True).clamp(min=1.0)
    inside = np.outer((ys >= 0) & (ys < height), (xs >= 0) & (xs < width))
    return target * to_tensor(inside.astype(np.float32))


def _fine_target(photo: Photo, window: _Window) -> Tensor:
    """(m, m) label indices at every 4th pixel, void outside the photograph."""
    ys, xs = window.nodes(4)
    if photo.fine is None:
        return torch.full((len(ys), len(xs)), VOID, dtype=torch.int64)
    height, width = photo.fine.shape
    rows, cols = np.floor(ys).astype(int), np.floor(xs).astype(int)
    inside = np.outer((rows >= 0) & (rows < height), (cols >= 0) & (cols < width))
    picked = photo.fine[rows.clip(0, height - 1)][:, cols.clip(0, width - 1)]
    return to_tensor(np.where(inside, picked, VOID).astype(np.int64))
