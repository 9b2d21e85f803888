"""`maskwright propose`."""

from pathlib import Path
from typing import Annotated

import typer

from maskwright.commands.common import Failed, read_settings


def propose(
    sources: Annotated[
        list[Path], typer.Argument(metavar="IMAGE|DIR...", help="Images, or folders of images.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the masks.")],
    model: Annotated[str, typer.Option("--model", help="A name from `models list`.")] = "default",
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, …")] = "auto",
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Also write NAME.confidence.png, 255 = certain.")
    ] = False,
) -> None:
    """Draft images: writes NAME.png, indexed, in the model's own label indices."""
    from maskwright.propose import propose_files

    failures = 0
    settings = read_settings()
    for outcome in propose_files(
        sources, out, model, device, confidence, settings.max_pixels, [settings.models_dir]
    ):
        failures += outcome.error is not None
        if outcome.error:
            typer.echo(f"{outcome.source}: {outcome.error}", err=True)
        else:
            typer.echo(f"{outcome.source} -> {outcome.target}")
    if failures:
        raise Failed(f"Images that could not be drafted: {failures}. The others are in {out}.")
