"""`python -m segnets.measure`: every figure of a model's card, measured anew and compared."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segnets.calibration import Reliability, Sample, fit_in_turn, fit_temperature, tempered
from segnets.decode import label_pixels
from segnets.figures import with_figures
from segnets.grid import Coarse
from segnets.labels import VOID
from segnets.metrics import Scores, mean
from segnets.predictor import Predictor
from segnets.refine import refine
from segnets.registry import Entry, Measured
from segnets.training.data import Photo, fine_names, held_out, load_fine, read_image, read_mask
from segnets.transforms import to_tensor

HELD_OUT = 25
TOLERANCE = 0.001
# CamVid's names of what Pascal VOC has too; its bicyclist is a rider and no bicycle.
CAMVID_NAMES = {"car": "car", "pedestrian": "person"}
# What no two machines agree on.
_TIMED = frozenset({"refine_seconds"})

Mask = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Judged:
    """What came of some photographs, with edges as they are and refined."""

    plain: Scores
    refined: Scores

    @classmethod
    def none(cls, labels: int) -> Judged:
        return cls(Scores.none(labels), Scores.none(labels))

    def figures(self) -> dict[str, float]:
        """Means, by the names of `Measured`."""
        return {
            "miou": round(mean(self.plain.iou), 4),
            "pixel_accuracy": round(self.plain.pixel_accuracy, 4),
            "boundary_iou": round(mean(self.plain.boundary_iou), 4),
            "miou_refined": round(mean(self.refined.iou), 4),
            "pixel_accuracy_refined": round(self.refined.pixel_accuracy, 4),
            "boundary_iou_refined": round(mean(self.refined.boundary_iou), 4),
        }


def drafts(image: Mask, coarse: Coarse) -> tuple[Mask, Mask, float]:
    """(H, W) labels, the same with edges refined, and the seconds that refining took."""
    classes, confidence = label_pixels(coarse, (image.shape[0], image.shape[1]))
    refined = classes.copy()
    start = time.perf_counter()
    refine(to_tensor(image), coarse, to_tensor(refined), to_tensor(confidence))
    return classes, refined, time.perf_counter() - start


def look(predictor: Predictor, image: Mask) -> Coarse:
    """The network's answer at temperature 1."""
    plain = replace(predictor, entry=replace(predictor.entry, temperature=1.0))
    return plain.look(image)


def measure_fine(predictor: Predictor, fine: Path, seed: int) -> tuple[float, dict[str, Any]]:
    """The fitted temperature, and all figures on fine photographs by the names of `Measured`."""
    names = fine_names(fine)
    kept = held_out(names, HELD_OUT, seed)
    photos = load_fine(fine, kept)
    labels = len(predictor.labels)
    samples = [Sample(look(predictor, photo.image), _truth(photo)) for photo in photos]
    temperature = round(fit_temperature(samples), 3)
    judged = Judged.none(labels)
    before, after = Reliability.none(), Reliability.none()
    seconds: list[float] = []
    for photo, sample, in_turn in zip(photos, samples, fit_in_turn(samples), strict=True):
        classes, refined, took = drafts(photo.image, tempered(sample.coarse, temperature))
        seconds.append(took)
        judged.plain.add(sample.truth, classes)
        judged.refined.add(sample.truth, refined)
        for found, at in ((before, 1.0), (after, in_turn)):
            draft = label_pixels(tempered(sample.coarse, at), sample.truth.shape)
            found.add(sample.truth, *draft, labels)
    trained = Judged.none(labels)
    for name in sorted(set(names) - kept):
        (photo,) = load_fine(fine, frozenset({name}))
        classes, refined, _ = drafts(
            photo.image, tempered(look(predictor, photo.image), temperature)
        )
        trained.plain.add(_truth(photo), classes)
        trained.refined.add(_truth(photo), refined)
    return temperature, {
        **judged.figures(),
        "iou": {predictor.labels[i]: round(value, 4) for i, value in judged.plain.iou.items()},
        "images": len(photos),
        "data": f"{len(photos)} COCO train2017 photographs held out of training (seed {seed})",
        "ece": round(after.error, 4),
        "ece_uncalibrated": round(before.error, 4),
        "refine_seconds": round(statistics.median(seconds), 4),
        "trained_on": {"images": len(names) - len(kept), **trained.figures()},
    }


def _truth(photo: Photo) -> Mask:
    assert photo.fine is not None
    return photo.fine


def measure_camvid(predictor: Predictor, folder: Path, temperature: float) -> dict[str, Any]:
    """CamVid's val images over the labels that both sides have; all else is one more label."""
    theirs = (folder / "labels.txt").read_text("utf-8").split()
    shared = [name for name in CAMVID_NAMES if name in theirs]
    of_truth = _table({theirs.index(name): i for i, name in enumerate(shared)}, len(shared))
    of_model = _table(
        {predictor.labels.index(CAMVID_NAMES[name]): i for i, name in enumerate(shared)},
        len(shared),
    )
    judged = Judged.none(len(shared) + 1)
    count = 0
    for name in (folder / "ImageSets/Segmentation/val.txt").read_text("utf-8").split():
        image = read_image(folder / "JPEGImages" / f"{name}.jpg")
        truth = of_truth[read_mask(folder, name)]
        classes, refined, _ = drafts(image, tempered(look(predictor, image), temperature))
        judged.plain.add(truth, of_model[classes])
        judged.refined.add(truth, of_model[refined])
        count += 1
    iou = {shared[i]: round(v, 4) for i, v in judged.plain.iou.items() if i < len(shared)}
    refined_iou = [v for i, v in judged.refined.iou.items() if i < len(shared)]
    return {
        "camvid_miou": round(float(np.mean(list(iou.values()))), 4),
        "camvid_iou": iou,
        "camvid_miou_refined": round(float(np.mean(refined_iou)), 4),
        "camvid_images": count,
    }


def _table(indices: Mapping[int, int], other: int) -> Mask:
    """(256,) lookup: what is not in `indices` is `other`, void stays void."""
    table = np.full(256, other, np.uint8)
    table[list(indices)] = list(indices.values())
    table[VOID] = VOID
    return table


def differences(old: Measured | None, new: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Name, "measured (card: …)" and whether the two are equal, for every figure."""
    known = _flat(asdict(old)) if old else {}
    for name, value in _flat(new).items():
        before = known.get(name)
        if name in _TIMED:
            equal = True
        elif isinstance(value, float) and isinstance(before, (int, float)):
            equal = abs(value - before) <= TOLERANCE
        else:
            equal = value == before
        yield name, f"{value}" + ("" if equal else f" (card: {before})"), equal


def _flat(figures: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name} ")  # pyright: ignore[reportUnknownArgumentType]
        else:
            flat[prefix + name] = value
    return flat


def pays(figures: Mapping[str, Any]) -> bool:
    """Whether refined edges are worth it: clearly better edges, on neither set worse labels.

    A loss of 0.005 in the mean IoU of 25 photographs is one rare label's outline, and chance.
    """
    return all(
        f["boundary_iou_refined"] >= f["boundary_iou"] + 0.005
        and f["miou_refined"] >= f["miou"] - 0.005
        for f in (figures, figures["trained_on"])
    )


def main(argv: list[str] | None = None) -> int:
    """Measure; 0 if every figure is what the card says (or it was written anew), else 1."""
    args = parser().parse_args(argv)
    predictor = Predictor.load(args.model, args.device, args.threads, engine=args.engine)
    entry = predictor.entry
    temperature, figures = measure_fine(predictor, args.fine, args.seed)
    if args.camvid:
        figures |= measure_camvid(predictor, args.camvid, temperature)
    wrong = 0
    print(f"{entry.name}, sha256 {entry.sha256[:12]}…, engine {predictor.engine.name}")
    compared = {"temperature": temperature, "refine": pays(figures)}
    card = {"temperature": round(entry.temperature, 3), "refine": entry.refine}
    for name, value in compared.items():
        equal = value == card[name] or abs(value - card[name]) <= TOLERANCE
        wrong += not equal
        print(f"  {name:<34} {value}" + ("" if equal else f" (card: {card[name]})"))
    for name, text, equal in differences(entry.measured, figures):
        wrong += not equal
        print(f"  {name:<34} {text}")
    if args.write:
        write(entry, temperature, figures)
        print(f"Written: {entry.directory / entry.name}.json and .md")
        return 0
    print("Every figure is as the card says." if not wrong else f"{wrong} figures differ.")
    return 1 if wrong else 0


def write(entry: Entry, temperature: float, figures: Mapping[str, Any]) -> None:
    """Put the figures into the entry and into its card."""
    old = asdict(entry.measured) if entry.measured else {}
    measured = Measured(**{**old, **figures})
    new = replace(entry, temperature=temperature, refine=pays(figures), measured=measured)
    (entry.directory / f"{entry.name}.json").write_text(new.to_json(), "utf-8")
    card = entry.directory / f"{entry.name}.md"
    card.write_text(with_figures(card.read_text("utf-8"), new), "utf-8")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m segnets.measure", description=__doc__)
    add = parser.add_argument
    add("--fine", type=Path, required=True, help="VOC folder of the photographs with fine masks")
    add("--camvid", type=Path, help="CamVid as a VOC folder with labels.txt")
    add("--model", default="default", help="a name, or the path of an entry's JSON file")
    add("--seed", type=int, default=0, help="of the run: it drew what was held out")
    add("--device", default="cpu")
    add("--threads", type=int)
    add("--engine", default="eager", help="eager, plain float32, gives the same everywhere")
    add("--write", action="store_true", help="put the figures into entry and card")
    return parser


if __name__ == "__main__":
    sys.exit(main())
