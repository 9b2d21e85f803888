"""`python -m segnets.training.publish`: make a registry entry and a model card of a run."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import statistics
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

from segnets.labels import VOC21
from segnets.layers import fold_norms
from segnets.metrics import confusion, iou_per_label, mean_iou, pixel_accuracy
from segnets.nets.deeplab import DeepLab, DeepLabConfig
from segnets.predictor import Predictor
from segnets.registry import DEFAULT, Entry, Measured
from segnets.training.card import card
from segnets.training.data import Photo, fine_names, held_out, load_fine
from segnets.training.distill import HELD_OUT
from segnets.transforms import Preprocessing

_AS_TRAINED = Preprocessing()


def publish(run: Path, name: str, out: Path, preprocessing: Preprocessing = _AS_TRAINED) -> Entry:
    """Write the run's averaged weights, folded and in half precision, and an unmeasured entry."""
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)
    sizes = json.loads((run / "run.json").read_text("utf-8"))["net"]
    net = DeepLab(DeepLabConfig(**sizes | {"atrous_rates": tuple(sizes["atrous_rates"])}))
    fold_norms(net.backbone)  # as training does, before it starts
    net.load_state_dict(state["average"])
    fold_norms(net)
    weights = {key: value.half().contiguous() for key, value in net.state_dict().items()}
    data = safetensors.torch.save(weights)
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.safetensors").write_bytes(data)
    entry = Entry(
        name=name,
        labels=VOC21,
        licence="Apache-2.0",
        source="trained with segnets.training.distill; see the model card beside this file",
        file=f"{name}.safetensors",
        sha256=hashlib.sha256(data).hexdigest(),
        network=asdict(net.config),
        preprocessing=asdict(preprocessing),
        directory=out,
    )
    (out / f"{name}.json").write_text(entry.to_json(), "utf-8")
    return entry


def judge(predictor: Predictor, photos: list[Photo], data: str) -> Measured:
    """Measure the published file as users run it, at the photographs' full size."""
    labels = len(predictor.labels)
    counts = np.zeros((labels, labels + 1), np.int64)
    for photo in photos:
        assert photo.fine is not None
        counts += confusion(photo.fine, predictor.propose(photo.image).classes, labels)
    seconds, cpu_seconds = _seconds(predictor, 480, 640)
    return Measured(
        miou=round(mean_iou(counts), 4),
        pixel_accuracy=round(pixel_accuracy(counts), 4),
        iou={
            predictor.labels[label]: round(value, 4)
            for label, value in iou_per_label(counts).items()
        },
        images=len(photos),
        data=data,
        seconds_640x480=round(seconds, 4),
        cpu_seconds_640x480=round(cpu_seconds, 4),
        hardware=_hardware(predictor),
    )


def _seconds(predictor: Predictor, height: int, width: int) -> tuple[float, float]:
    """Median wall and processor time to draft one decoded image of this size."""
    image = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    predictor.warm()
    wall: list[float] = []
    processor: list[float] = []
    for _ in range(15):
        start, start_processor = time.perf_counter(), time.process_time()
        predictor.propose(image)
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - start_processor)
    return statistics.median(wall), statistics.median(processor)


def _hardware(predictor: Predictor) -> str:
    precision = f"{predictor.engine.name} {predictor.engine.precision}"
    if predictor.device.type == "cuda":
        return f"{torch.cuda.get_device_name()}, {precision}"
    capability = torch.backends.cpu.get_cpu_capability()
    return (
        f"{platform.machine()} {capability}, {torch.get_num_threads()} threads, {precision}, "
        f"PyTorch {torch.__version__}"
    )


def main(argv: list[str] | None = None) -> int:
    """Publish a run and measure it."""
    parser = argparse.ArgumentParser(prog="python -m segnets.training.publish", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="run folder of the distillation")
    parser.add_argument("--fine", type=Path, required=True, help="the run's VOC folder")
    parser.add_argument("--out", type=Path, required=True, help="where entry and weights go")
    parser.add_argument("--name", default=DEFAULT)
    parser.add_argument(
        "--long-side",
        type=int,
        default=_AS_TRAINED.long_side,
        help="pixels to which a photograph's long side is brought (default: %(default)s)",
    )
    parser.add_argument("--threads", type=int, help="CPU threads to measure with")
    args = parser.parse_args(argv)
    seed = int(json.loads((args.run / "run.json").read_text("utf-8"))["seed"])
    entry = publish(args.run, args.name, args.out, Preprocessing(args.long_side))
    predictor = Predictor.load(args.out / f"{args.name}.json", threads=args.threads)
    names = held_out(fine_names(args.fine), HELD_OUT, seed)
    data = f"{len(names)} COCO train2017 photographs held out of training (seed {seed})"
    entry = replace(entry, measured=judge(predictor, load_fine(args.fine, names), data))
    (args.out / f"{args.name}.json").write_text(entry.to_json(), "utf-8")
    (args.out / f"{args.name}.md").write_text(card(entry, args.run, seed), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
