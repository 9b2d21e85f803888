"""`maskwright propose`."""

from pathlib import Path
from typing import Annotated

import typer

from maskwright.commands.common import Data, DatabaseUrl, Failed, ImageStatus, read_settings
from maskwright.commands.propose_project import draft_project


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
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Draft images: writes NAME.png, indexed, in the model's own label indices.

    With --project, drafts the images of a project, and leaves their ground truth alone.
    """
    if project is not None:
        if sources or out or confidence or device != "auto":
            raise typer.BadParameter("--project takes no files, --out, --device or --confidence.")
        settings = read_settings(data_dir=data, database_url=database_url)
        draft_project(settings, project, status and [one.value for one in status], model, None)
        return
    if not sources or out is None or status or data or database_url:
        raise typer.BadParameter(
            "Name images and --out FOLDER, or a --project with --status, --data, --database-url."
        )
    _draft_files(sources, out, model or "default", device, confidence)


def _draft_files(sources: list[Path], out: Path, model: str, device: str, confidence: bool) -> None:
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
