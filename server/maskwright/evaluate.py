"""How well masks on disk agree with the truth, without a project or a server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from maskwright.domain.label_map import match_labels
from maskwright.domain.labels import VOID, InvalidLabels, Label
from maskwright.domain.mask import Classes
from maskwright.errors import BadRequest
from maskwright.formats.archive import ArchiveError, FolderSource
from maskwright.formats.voc_labels import read_labels
from segnets.metrics import Scores, mean, pixel_accuracy

_MASKS = "SegmentationClass"
_SETS = "ImageSets/Segmentation"
_INDEXED = frozenset({"P", "L", "1"})


@dataclass(frozen=True)
class MaskSet:
    """Masks of a folder, or one file; what their indices mean."""

    folder: Path
    paths: Mapping[str, Path]  # by name, without .png
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class Judgement:
    """Which labels are compared, and how indices of both sides lead to them."""

    labels: tuple[str, ...]  # compared, by the truth's names
    pairs: dict[str, str]  # prediction's name → truth's
    only_predicted: tuple[str, ...]
    only_true: tuple[str, ...]
    of_predicted: Classes  # (256,) index → position in labels; len(labels) = another label
    of_true: Classes


@dataclass(frozen=True)
class Evaluation:
    """Figures over all pairs that could be compared; `errors` names the others."""

    judgement: Judgement
    scores: Scores
    images: int
    errors: tuple[tuple[str, str], ...]

    @property
    def document(self) -> dict[str, object]:
        """The figures as JSON; null for a label that the truth does not hold."""
        count = len(self.judgement.labels)
        iou = {i: v for i, v in self.scores.iou.items() if i < count}
        edges = {i: v for i, v in self.scores.boundary_iou.items() if i < count}
        pixels = self.scores.counts.sum(1)
        return {
            "images": self.images,
            "pixel_accuracy": pixel_accuracy(self.scores.counts[:count]) if iou else None,
            "miou": mean(iou) if iou else None,
            "boundary_iou": mean(edges) if iou else None,
            "labels": [
                {
                    "name": name,
                    "iou": iou.get(i),
                    "boundary_iou": edges.get(i),
                    "pixels": int(pixels[i]),
                }
                for i, name in enumerate(self.judgement.labels)
            ],
            "map": self.judgement.pairs,
            "only_in_predictions": list(self.judgement.only_predicted),
            "only_in_truth": list(self.judgement.only_true),
            "errors": [{"name": name, "error": error} for name, error in self.errors],
        }


def evaluate(
    predictions: MaskSet,
    truth: MaskSet,
    names: Sequence[str],
    judgement: Judgement,
    max_pixels: int,
    progress: Callable[[int, int], None],
) -> Evaluation:
    """Compare mask by mask; holds one pair at a time."""
    scores = Scores.none(len(judgement.labels) + 1)
    errors: list[tuple[str, str]] = []
    for done, name in enumerate(names, 1):
        try:
            true = _read(truth, name, max_pixels, "truth")
            predicted = _read(predictions, name, max_pixels, "prediction")
            if true.shape != predicted.shape:
                raise _Unfit(
                    f"{predictions.paths[name]} is {_size(predicted)}, its truth {_size(true)}. "
                    "Both must have the photograph's size."
                )
            scores.add(judgement.of_true[true], judgement.of_predicted[predicted])
        except _Unfit as error:
            errors.append((name, str(error)))
        progress(done, len(names))
    return Evaluation(judgement, scores, len(names) - len(errors), tuple(errors))


class _Unfit(Exception):
    """A pair that can't be compared; the message says why."""


def _size(mask: Classes) -> str:
    return f"{mask.shape[1]} × {mask.shape[0]} pixels"


def _read(masks: MaskSet, name: str, max_pixels: int, side: str) -> Classes:
    """Read a mask's indices, (H, W) uint8. The size is checked before a pixel is decoded."""
    path = masks.paths.get(name)
    if path is None:
        raise _Unfit(f"{name}.png is missing from {masks.folder}.")
    try:
        with Image.open(path, formats=["PNG"]) as image:
            if image.width * image.height > max_pixels:
                raise _Unfit(
                    f"{path} has more than {max_pixels:,} pixels; see MASKWRIGHT_MAX_PIXELS."
                )
            if image.mode not in _INDEXED:
                raise _Unfit(f"{path} holds colours or deep values; masks are indexed PNG files.")
            mask = np.asarray(image).astype(np.uint8, copy=False)
    except (OSError, ValueError, SyntaxError) as error:
        raise _Unfit(f"{path} can't be read as PNG: {error}.") from error
    known = {label.index for label in masks.labels} | {VOID}
    strange = sorted(set(np.flatnonzero(np.bincount(mask.ravel(), minlength=256)).tolist()) - known)
    if strange:
        raise _Unfit(
            f"{path} holds index {strange[0]}, which no label of the {side} has. "
            "Name the labels with --labels."
        )
    return mask


def mask_set(source: Path, labels_file: Path | None) -> MaskSet:
    """Find the masks of a folder, of a VOC data set, or the one of a file; and their labels.

    Labels come from labels.txt or labelmap.txt beside them, else from `labels_file` (one name a
    line, by index), else they are VOC's 21.
    """
    if not source.exists():
        raise BadRequest(f"There is no {source}. Check the path.")
    folder = source / _MASKS if (source / _MASKS).is_dir() else source
    if source.is_dir():
        paths = {path.stem: path for path in sorted(folder.glob("*.png"))}
        if not paths:
            raise BadRequest(f"There is no PNG file in {folder}. Name a folder of masks.")
        homes = [source, source.parent] if source.name == _MASKS else [source]
    else:
        paths, homes = {source.stem: source}, []
    own = [
        home for home in homes if any((home / n).is_file() for n in ("labels.txt", "labelmap.txt"))
    ]
    try:
        if own or labels_file is None:
            labels, _ = read_labels(
                FolderSource((own or [folder if source.is_dir() else source.parent])[0]), ""
            )
        else:
            labels = _named(labels_file)
    except (InvalidLabels, ArchiveError, UnicodeDecodeError) as error:
        raise BadRequest(f"The labels of {source} can't be read: {error}") from error
    return MaskSet(folder, paths, labels)


def _named(path: Path) -> tuple[Label, ...]:
    names = [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    if len(names) > VOID:
        raise InvalidLabels(f"{path} has {len(names)} lines; at most {VOID} labels are possible.")
    return tuple(Label(i, name, "#000000") for i, name in enumerate(names) if name)


def names_of(truth: MaskSet, source: Path, chosen: str | None) -> list[str]:
    """Return what is compared: all masks of the truth, or those that a file of names lists."""
    if chosen is None:
        return list(truth.paths)
    path = Path(chosen)
    if not path.is_file():
        path = source / _SETS / f"{chosen}.txt"
    if not path.is_file():
        raise BadRequest(f"There is no set {chosen}: neither a file, nor {path}.")
    return [line.split()[0] for line in path.read_text("utf-8").splitlines() if line.strip()]


def judge(predicted: Sequence[Label], true: Sequence[Label], given: str | None) -> Judgement:
    """Pair labels: by `given` ("car=car,person=pedestrian" or a file of such), else by name."""
    by_name = {label.name: label for label in predicted}
    if given is None:
        found = match_labels([label.name for label in predicted], true)
        leads = {predicted[i].index: target for i, target in found.items()}
    else:
        indices = {label.name: label.index for label in true}
        leads: dict[int, int] = {}
        for mine, theirs in _pairs(given):
            if mine not in by_name or theirs not in indices:
                missing, side = (mine, "predictions") if mine not in by_name else (theirs, "truth")
                raise BadRequest(
                    f"--map names “{missing}”, which no label of the {side} is called."
                )
            leads[by_name[mine].index] = indices[theirs]
    compared = [label for label in true if label.index in leads.values()]
    if not compared:
        raise BadRequest(
            "The two sides have no label in common. Say which is which with --map, or name the "
            "labels with --labels."
        )
    position = {label.index: i for i, label in enumerate(compared)}
    name_of = {label.index: label.name for label in true}
    return Judgement(
        labels=tuple(label.name for label in compared),
        pairs={p.name: name_of[leads[p.index]] for p in predicted if p.index in leads},
        only_predicted=tuple(p.name for p in predicted if p.index not in leads),
        only_true=tuple(t.name for t in true if t.index not in position),
        of_predicted=_table({i: position[target] for i, target in leads.items()}, len(compared)),
        of_true=_table(position, len(compared)),
    )


def _pairs(given: str) -> list[tuple[str, str]]:
    path = Path(given)
    text = path.read_text("utf-8-sig") if "=" not in given and path.is_file() else given
    parts = [part.strip() for part in text.replace("\n", ",").split(",")]
    pairs = [tuple(side.strip() for side in part.split("=", 1)) for part in parts if part]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise BadRequest("--map takes pairs such as car=car,person=pedestrian, or a file of them.")
    return [(pair[0], pair[1]) for pair in pairs]


def _table(positions: Mapping[int, int], other: int) -> Classes:
    """Return (256,) uint8: void stays void, whatever is not in `positions` is `other`."""
    table = np.full(256, other, np.uint8)
    for index, position in positions.items():
        table[index] = position
    table[VOID] = VOID
    return table
