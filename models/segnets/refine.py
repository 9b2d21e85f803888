"""Edges that follow the photograph: a draft's outlines are decided anew from its colours.

A network's grid is coarse: the outlines that interpolation draws are smooth and some pixels off.
Near them, and nowhere else, two steps decide again:

1. Mean field on a grid twice as fine as the network's. Nodes that look alike and lie close to each
   other pull each other to the same label: the pairwise term of dense CRFs (Krähenbühl and Koltun,
   arXiv 1210.5644) over a window. Where texture leaves a node few that look alike, the pull is weak
   and the network's opinion stands.
2. Joint bilateral upsampling (Kopf et al., 2007): a pixel takes the opinion of the nodes around it,
   of those with its colour more.

A label comes only to where the draft has it nearby. Time goes with the length of the outlines, and
what is held at once is bounded: the photograph is done in bands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from segnets.grid import Axis, Coarse
from segnets.transforms import resize

# Nodes and pixels that are worked on at once.
_BAND_NODES = 1 << 16
_BAND_PIXELS = 1 << 20
_CHUNK = 1 << 14


@dataclass(frozen=True)
class Refinement:
    """How strongly colours pull. Lengths are in nodes of the finer grid, colours from 0 to 1.

    `reach`: nodes this far from an outline are decided anew. `window`: how far nodes pull, with a
    standard deviation of `near`, and of `alike` over the difference in colour. `pull`: the weight
    of the neighbours against the network, reached by a node that `sure` of its window looks like.
    `rounds` of mean field. A pixel listens to nodes with a deviation of `pixel_alike` over colour,
    and to all of them with `pixel_floor`, against ragged edges.
    """

    reach: int = 3
    window: int = 3
    near: float = 3.0
    alike: float = 0.03
    pull: float = 3.0
    sure: float = 0.2
    rounds: int = 3
    pixel_alike: float = 0.1
    pixel_floor: float = 0.3

    @property
    def influence(self) -> int:
        """How far away, in nodes, a node may be that changes what becomes of another."""
        return self.window * self.rounds + self.reach


_DEFAULT = Refinement()


def refine(
    image: Tensor,
    coarse: Coarse,
    classes: Tensor,
    confidence: Tensor,
    config: Refinement = _DEFAULT,
    band_nodes: int = _BAND_NODES,
) -> None:
    """Decide the pixels near the outlines of a draft anew, in place.

    `image` is (H, W, 3) uint8; `classes` and `confidence`, (H, W) uint8, are what `label_pixels`
    made of `coarse`. Confidence stays the network's own opinion, now of the label that was chosen.
    """
    height, width = classes.shape
    finer = _factor(coarse.rows, height), _factor(coarse.columns, width)
    picture = _picture(image, coarse, finer)
    pixels = _Pixels(image, classes, confidence)
    columns = _divided(coarse.columns, finer[1])
    nodes_across = columns.count
    step = max(1, band_nodes // (nodes_across * finer[0]))  # coarse rows
    halo = config.influence // finer[0] + 1
    for top in range(0, coarse.rows.count, step):
        first, last = max(0, top - halo), min(coarse.rows.count, top + step + halo)
        part = Axis(coarse.rows.first + first * coarse.rows.step, coarse.rows.step, last - first)
        band = _band(
            coarse.probabilities[:, first:last], picture, _divided(part, finer[0]), columns, config
        )
        if band is None:
            continue
        # Each pixel row belongs to one band: that of the coarse row next to it.
        nearest = coarse.rows.at_pixels(height).round()
        mine = torch.nonzero((nearest >= top) & (nearest < top + step)).flatten()
        pixels.decide(band, mine, config)


@dataclass(frozen=True, eq=False)
class _Band:
    """Some rows of the finer grid, with k labels that the draft has there."""

    rows: Axis
    columns: Axis
    labels: Tensor  # (k,) indices
    opinions: Tensor  # (k, h, w) the network's probabilities
    settled: Tensor  # (k, h, w) after mean field
    colours: Tensor  # (3, h, w) float32, 0 to 1
    open: Tensor  # (h, w) bool: near an outline


def _factor(axis: Axis, length: int) -> int:
    """By how much the grid is made finer: nodes less than a pixel apart tell nothing more."""
    return 2 if axis.count > 1 and axis.step * length >= 2 else 1


def _divided(axis: Axis, factor: int) -> Axis:
    return Axis(axis.first, axis.step / factor, factor * (axis.count - 1) + 1)


def _picture(image: Tensor, coarse: Coarse, finer: tuple[int, int]) -> Tensor:
    """(3, ≈h, ≈w) uint8: the photograph with a pixel for about every node of the finer grid."""
    height, width = image.shape[:2]
    rows = min(height, max(1, round(finer[0] / coarse.rows.step)))
    columns = min(width, max(1, round(finer[1] / coarse.columns.step)))
    return resize(image, rows, columns)


def _band(
    probabilities: Tensor, picture: Tensor, rows: Axis, columns: Axis, config: Refinement
) -> _Band | None:
    """Mean field on some rows; None where the draft has one label only."""
    size = (rows.count, columns.count)
    able = torch.nonzero(probabilities.amax((1, 2)) >= 1 / len(probabilities)).flatten()
    opinions = F.interpolate(probabilities[able][None], size, mode="bilinear", align_corners=True)[
        0
    ]
    winners = opinions.argmax(0)  # (h, w)
    present = torch.bincount(winners.flatten(), minlength=len(able)).nonzero().flatten()
    if len(present) < 2:
        return None
    labels, opinions = able[present], opinions[present]
    # (k, h, w): whether the draft has the label within reach of the node
    nearby = _spread((winners == present[:, None, None]).float(), config.reach) > 0
    is_open = nearby.sum(0) > 1
    colours = _sample(picture, rows, columns)
    settled = _mean_field(opinions * nearby, colours, is_open, config)
    return _Band(rows, columns, labels, opinions, settled, colours, is_open)


def _spread(planes: Tensor, reach: int) -> Tensor:
    """Largest value within `reach`, separably: (k, h, w) → (k, h, w)."""
    rows = F.max_pool2d(planes[None], (2 * reach + 1, 1), 1, (reach, 0))
    return F.max_pool2d(rows, (1, 2 * reach + 1), 1, (0, reach))[0]


def _sample(picture: Tensor, rows: Axis, columns: Axis) -> Tensor:
    """(3, h, w) float32, 0 to 1: a picture of the whole photograph at the nodes of a grid."""
    at = [
        2 * (axis.first + axis.step * torch.arange(axis.count, dtype=torch.float32)) - 1
        for axis in (columns, rows)
    ]
    grid = torch.stack(torch.meshgrid(*at, indexing="xy"), -1)[None]  # (1, h, w, 2) as x and y
    planes = picture[None].float()
    return F.grid_sample(planes, grid, padding_mode="border", align_corners=False)[0] / 255


def _mean_field(opinions: Tensor, colours: Tensor, is_open: Tensor, config: Refinement) -> Tensor:
    """(k, h, w) probabilities after rounds in which open nodes listen to those that look alike."""
    edge = config.window
    padded = F.pad(opinions, (edge,) * 4)  # nothing pulls from outside
    around = F.pad(colours, (edge,) * 4, value=10.0).flatten(1)  # and nothing looks like it
    stride = padded.shape[2]
    flat = padded.flatten(1)  # (k, nodes)
    side = torch.arange(-edge, edge + 1)
    offsets = torch.cartesian_prod(side, side)
    offsets = offsets[(offsets != 0).any(1)]  # (n, 2)
    steps = offsets[:, 0] * stride + offsets[:, 1]
    closeness = torch.exp((offsets**2).sum(1) / (-2 * config.near**2))  # (n,)
    y, x = torch.nonzero(is_open, as_tuple=True)
    places = (y + edge) * stride + x + edge  # (m,)
    parts = [places[some, None] for some in _chunks(len(places), _CHUNK)]  # (≤ chunk, 1)
    neighbours = [part + steps for part in parts]
    kernels = [
        _alike(around[:, others], around[:, part], config.alike) * closeness
        for part, others in zip(parts, neighbours, strict=True)
    ]
    enough = config.sure * float(closeness.sum())
    for kernel in kernels:
        kernel *= config.pull / kernel.sum(1, keepdim=True).clamp(min=enough)
    own = flat[:, places]
    own = torch.where(own > 0, own.clamp(min=1e-4).log(), -torch.inf)  # 0: not nearby
    for _ in range(config.rounds):
        heard = [
            torch.stack([(label[others] * kernel).sum(1) for label in flat])
            for others, kernel in zip(neighbours, kernels, strict=True)
        ]  # (k, ≤ chunk) each
        flat[:, places] = (own + torch.cat(heard, 1)).softmax(0)
    return padded[:, edge:-edge, edge:-edge]


def _alike(these: Tensor, those: Tensor, deviation: float) -> Tensor:
    """Colours (3, …) and (3, …) → 1 where they are the same, falling to 0."""
    return torch.exp(((these - those) ** 2).sum(0) / (-2 * deviation**2))


@dataclass(frozen=True, eq=False)
class _Pixels:
    """The photograph and its draft, which is written to."""

    image: Tensor  # (H, W, 3) uint8
    classes: Tensor  # (H, W) uint8
    confidence: Tensor  # (H, W) uint8

    def decide(self, band: _Band, rows: Tensor, config: Refinement) -> None:
        """Joint bilateral upsampling at the pixels of these rows whose nearest node is open."""
        height, width = self.classes.shape
        at_y = band.rows.at_pixels(height).float()
        at_x = band.columns.at_pixels(width).float()
        settled, opinions, colours = (
            planes.flatten(1) for planes in (band.settled, band.opinions, band.colours)
        )
        names = band.labels.to(torch.uint8)
        for y, x in _open_pixels(band.open, rows, at_y.round().long(), at_x.round().long()):
            near_y, close_y = _four(at_y[y], band.rows.count)
            near_x, close_x = _four(at_x[x], band.columns.count)
            # (p, 16): the nodes around each pixel
            nodes = (near_y[:, :, None] * band.columns.count + near_x[:, None]).flatten(1)
            own = self.image[y, x].T[:, :, None].float() / 255  # (3, p, 1)
            weights = _alike(colours[:, nodes], own, config.pixel_alike) + config.pixel_floor
            weights *= (close_y[:, :, None] * close_x[:, None]).flatten(1)
            weights /= weights.sum(1, keepdim=True)
            winner = torch.stack([(label[nodes] * weights).sum(1) for label in settled]).argmax(0)
            sure = (opinions[winner[:, None], nodes] * weights).sum(1)
            self.classes[y, x] = names[winner]
            self.confidence[y, x] = (sure * 255).round().clamp(0, 255).to(torch.uint8)


def _open_pixels(
    is_open: Tensor, rows: Tensor, nearest_y: Tensor, nearest_x: Tensor
) -> Iterator[tuple[Tensor, Tensor]]:
    """(p,) rows and columns of pixels whose nearest node is open, a chunk at a time."""
    for part in _chunks(len(rows), max(1, _BAND_PIXELS // len(nearest_x))):
        some = rows[part]
        y, x = torch.nonzero(is_open[nearest_y[some]][:, nearest_x], as_tuple=True)
        for chunk in _chunks(len(y), _CHUNK):
            yield some[y[chunk]], x[chunk]


def _chunks(length: int, size: int) -> Iterator[slice]:
    for start in range(0, length, size):
        yield slice(start, start + size)


def _four(at: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """(p,) places in nodes → the four nodes around each, (p, 4), and how close they are."""
    nodes = at.floor().long()[:, None] + torch.arange(-1, 3)
    closeness = torch.exp(-((at[:, None] - nodes) ** 2) / 2)
    return nodes.clamp(0, count - 1), closeness
