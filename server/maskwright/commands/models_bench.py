"""`maskwright models bench`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maskwright.commands.common import Data, read_settings

if TYPE_CHECKING:
    from maskwright.bench.contest import Result, Row
    from maskwright.bench.samples import Samples

_ROW = "{:<16} {:>9} {:>7} {:>9} {:>7} {:>9} {:>8}"


def models_bench(
    model: Annotated[str, typer.Option("--model", help="A name from `models list`.")] = "default",
    images: Annotated[
        Path | None, typer.Option("--images", help="Folder of images to compare drafts on.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", help="VOC folder with masks in the model's labels: adds mIoU."),
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Rounds to time.")] = 9,
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="For each draft.")] = None,
    data: Data = None,
) -> None:
    """Measure all engines against plain PyTorch and keep the fastest for `--engine auto`.

    An engine is kept only if its drafts are as good: within 0.5 points of mIoU, or, without a
    --truth, alike in 97.5 % of the pixels.
    """
    from maskwright import models
    from maskwright.bench.contender import Task
    from maskwright.bench.contest import hold
    from maskwright.bench.samples import samples
    from segnets.engines.choice import choose, processor

    settings = read_settings(data_dir=data, threads=threads)
    entry = models.entry(model, [settings.models_dir])
    measured = samples(images, truth, len(entry.labels))
    budget = settings.threads or os.cpu_count() or 1

    def task(engine: str) -> Task:
        return Task(engine, model, (settings.models_dir,), settings.engines_dir, budget)

    result = hold(task, measured, lambda line: typer.echo(line, err=True), rounds)
    typer.echo(f"{entry.name}, {processor()}, {budget} threads for each draft")
    for line in _table(result, measured):
        typer.echo(line)
    if result.chosen is None:
        typer.echo("No engine drafts as well as plain PyTorch; the choice stays as it was.")
        return
    choose(settings.engines_dir, entry.sha256, result.chosen.engine)
    typer.echo(f"{result.chosen.engine} is what --engine auto means for this model from now on.")


def _table(result: "Result", samples: "Samples") -> list[str]:
    quality = "mIoU" if samples.has_truth else "alike"
    head = _ROW.format("", "640×480", "×", "from file", "×", "memory", quality)
    notes = [f"{engine}: left out, {why}" for engine, why in result.left_out.items()]
    kind = "points of mIoU" if samples.has_truth else "% of the pixels are labelled alike"
    return [
        head.rstrip(),
        *(_line(row) for row in result.rows),
        *notes,
        f"Quality: {kind}, {len(samples)} images. × is times as fast, median over the rounds.",
    ]


def _line(row: "Row") -> str:
    return _ROW.format(
        row.engine,
        f"{row.decoded:.0f} ms",
        f"{row.decoded_speed:.2f}",
        f"{row.whole:.0f} ms",
        f"{row.speed:.2f}",
        f"{row.memory / 1e6:.0f} MB",
        f"{row.quality:.2f}",
    )
