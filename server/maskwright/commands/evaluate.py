"""`maskwright evaluate`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maskwright.commands.common import Failed, progress_bar, read_settings

if TYPE_CHECKING:
    from maskwright.evaluate import Evaluation


def evaluate(
    predictions: Annotated[
        Path, typer.Argument(metavar="PREDICTIONS", help="A folder of indexed PNG files, or one.")
    ],
    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH", help="A folder of them, a VOC data set, or one.")
    ],
    labels: Annotated[
        Path | None,
        typer.Option("--labels", help="One name a line, for a side without labels.txt. [VOC's 21]"),
    ] = None,
    map_: Annotated[
        str | None,
        typer.Option("--map", help="prediction=truth,… or a file of such. [by names and synonyms]"),
    ] = None,
    set_: Annotated[
        str | None,
        typer.Option("--set", help="Only these: a set of the truth, such as val, or a file."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare masks with the truth: pixel accuracy, IoU and boundary IoU of each label."""
    from maskwright.evaluate import evaluate as compare
    from maskwright.evaluate import judge, mask_set, names_of

    predicted, true = mask_set(predictions, labels), mask_set(truth, labels)
    if predictions.is_file() and truth.is_file():  # a pair, whatever the two are called
        true = type(true)(true.folder, {predictions.stem: truth}, true.labels)
    judgement = judge(predicted.labels, true.labels, map_)
    names = names_of(true, truth, set_)
    with progress_bar("Comparing") as progress:
        found = compare(predicted, true, names, judgement, read_settings().max_pixels, progress)
    for name, error in found.errors:
        typer.echo(f"{name}: {error}", err=True)
    if as_json:
        typer.echo(json.dumps(found.document, indent=2, ensure_ascii=False))
    else:
        for line in _table(found):
            typer.echo(line)
    if found.errors:
        raise Failed(
            f"Masks that could not be compared: {len(found.errors)} of {len(names)}. "
            f"The figures are those of the other {found.images}."
        )


def _table(found: "Evaluation") -> list[str]:
    """Lay the figures out, a label a line."""
    figures = found.document
    rows = figures["labels"]
    assert isinstance(rows, list)
    width = max(len("mean"), *(len(row["name"]) for row in rows))
    lines = [f"{'label':<{width}}  {'IoU':>6}  {'boundary IoU':>12}  {'pixels':>14}"]
    lines += [
        f"{row['name']:<{width}}  {_share(row['iou']):>6}  {_share(row['boundary_iou']):>12}  "
        f"{row['pixels']:>14,}"
        for row in rows
    ]
    lines += [
        f"{'mean':<{width}}  {_share(figures['miou']):>6}  {_share(figures['boundary_iou']):>12}",
        "",
        f"Pixel accuracy {_share(figures['pixel_accuracy'])} over {found.images} masks.",
    ]
    renamed = [
        f"{mine} → {theirs}" for mine, theirs in found.judgement.pairs.items() if mine != theirs
    ]
    for title, names in (
        ("Compared under another name", renamed),
        ("Left out, in the predictions only", found.judgement.only_predicted),
        ("Left out, in the truth only", found.judgement.only_true),
    ):
        if names:
            lines.append(f"{title}: {', '.join(names)}.")
    return lines


def _share(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "–"
