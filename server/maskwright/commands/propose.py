"""`maskwright propose`."""

from pathlib import Path
from typing import Annotated

import typer

from maskwright.commands.common import Data, DatabaseUrl, Failed, ImageStatus, read_settings
from maskwright.commands.draft_options import (
    DetailOption,
    Engine,
    Flips,
    Refine,
    Scales,
    draft_options,
)
from maskwright.commands.propose_project import draft_project
from maskwright.domain.proposer import DraftOptions


def propose(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(metavar="IMAGE|DIR...", help="Images, or folders of images."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the masks.")] = None,
    project: Annotated[
        str | None, typer.Option("--project", help="Draft the images of this project instead.")
    ] = None,
    status: Annotated[
        list[ImageStatus] | None,
        typer.Option("--status", help="With --project: only these; may be repeated. [new]"),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="A name from `models list`.")] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, …")] = "auto",
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Also write NAME.confidence.png, 255 = certain.")
    ] = False,
    margin: Annotated[
        bool,
        typer.Option(
            "--margin", help="Also write NAME.margin.png, the lead over the second label."
        ),
    ] = False,
    entropy: Annotated[
        bool, typer.Option("--entropy", help="Also write NAME.entropy.png, 255 = knows nothing.")
    ] = False,
    refine: Refine = None,
    flips: Flips = False,
    scales: Scales = None,
    detail: DetailOption = "auto",
    engine: Engine = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Draft images: writes NAME.png, indexed, in the model's own label indices.

    With --project, drafts the images of a project, and leaves their ground truth alone.
    """
    layers = [
        name
        for name, wanted in (("confidence", confidence), ("margin", margin), ("entropy", entropy))
        if wanted
    ]
    options = draft_options(refine, flips, scales, detail, maps=margin or entropy)
    if project is not None:
        if sources or out or layers or device != "auto" or engine:
            raise typer.BadParameter(
                "--project takes no files, --out, --device, --engine, --confidence, --margin or "
                "--entropy."
            )
        settings = read_settings(data_dir=data, database_url=database_url)
        statuses = status and [one.value for one in status]
        asked = None if options == DraftOptions() else options
        draft_project(settings, project, statuses, model, asked)
        return
    if not sources or out is None or status or data or database_url:
        raise typer.BadParameter(
            "Name images and --out FOLDER, or a --project with --status, --data, --database-url."
        )
    _draft_files(sources, out, model or "default", device, engine, options, layers)


def _draft_files(
    sources: list[Path],
    out: Path,
    model: str,
    device: str,
    engine: str | None,
    options: DraftOptions,
    layers: list[str],
) -> None:
    from maskwright import models
    from maskwright.propose import propose_files

    settings = read_settings(engine=engine)
    failures = 0
    load = models.loader(settings, device=device)
    for outcome in propose_files(
        sources, out, lambda: load(model), options, layers, settings.max_pixels
    ):
        failures += outcome.error is not None
        if outcome.error:
            typer.echo(f"{outcome.source}: {outcome.error}", err=True)
        else:
            typer.echo(f"{outcome.source} -> {outcome.target}")
    if failures:
        raise Failed(f"Images that could not be drafted: {failures}. The others are in {out}.")
