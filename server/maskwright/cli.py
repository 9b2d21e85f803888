"""The command line. Each command parses, calls one service, and says what came of it."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from maskwright import __version__
from maskwright.commands.common import (
    Data,
    DatabaseUrl,
    Failed,
    Host,
    ImageStatus,
    Port,
    Project,
    open_store,
    progress_bar,
    read_settings,
)
from maskwright.commands.convert import convert
from maskwright.commands.evaluate import evaluate
from maskwright.commands.models import models_app
from maskwright.commands.propose import propose
from maskwright.errors import AppError, NotFound

app = typer.Typer(
    name="maskwright",
    help="Ground truth for semantic segmentation, drafted by a model, finished by people.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(models_app, name="models")
app.command()(propose)
app.command()(evaluate)
app.command()(convert)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"maskwright {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Ground truth for semantic segmentation."""


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Start no worker.")] = False,
) -> None:
    """Serve the pages and the API, with a worker beside."""
    from maskwright.server import run

    settings = read_settings(
        host=host,
        port=port,
        data_dir=data,
        database_url=database_url,
        worker=False if no_worker else None,
    )
    run(settings)


@app.command()
def demo(
    host: Host = None,
    port: Port = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser.")
    ] = False,
) -> None:
    """Serve a sample project: photographs whose masks the model has drafted."""
    from maskwright.server import run, seed_demo

    settings = read_settings(host=host, port=port, data_dir=data, database_url=database_url)
    project = seed_demo(settings, lambda line: typer.echo(line, err=True))
    run(settings, path=f"/projects/{project}", browser=not no_browser)


@app.command()
def worker(data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Run jobs, such as exports, until stopped."""
    from maskwright import logs
    from maskwright.worker import run_worker

    settings = read_settings(data_dir=data, database_url=database_url)
    logs.configure(settings)
    run_worker(settings)


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="A folder of images.")],
    project: Project,
    format_: Annotated[
        str, typer.Option("--format", help="auto, or images for a plain folder of images.")
    ] = "auto",
    preset: Annotated[
        str, typer.Option("--preset", help="Label set if the project is made anew.")
    ] = "voc",
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Take a folder of images into a project, which is made if there is none of that name."""
    from maskwright.domain.actor import LOCAL
    from maskwright.services.folder_import import import_folder
    from maskwright.services.images import limits_of

    if format_ not in ("auto", "images"):
        raise typer.BadParameter(f"{format_!r} can't be imported; use auto or images.")
    settings = read_settings(data_dir=data, database_url=database_url)
    with open_store(settings) as db, progress_bar("Importing") as progress:
        report = import_folder(
            db, source, project, LOCAL, limits_of(settings), progress, preset, settings.model
        )
    for path, reason in report.failed:
        typer.echo(f"{path}: {reason}", err=True)
    for path, note in report.notes:
        typer.echo(f"{path}: {note}")
    typer.echo(
        f"{report.imported} images imported into “{project}”, {report.duplicates} were there "
        f"already, {report.skipped} files are no images."
    )
    if report.failed:
        raise Failed(f"Files left out: {len(report.failed)}. The others are in the project.")


class ExportFormat(StrEnum):
    voc = "voc"
    coco = "coco"
    coco_panoptic = "coco-panoptic"
    cityscapes = "cityscapes"
    bdd100k = "bdd100k"
    camvid = "camvid"
    index_png = "index-png"


class Include(StrEnum):
    annotated = "annotated"
    all = "all"


@app.command()
def export(
    target: Annotated[Path, typer.Argument(metavar="DST", help="A .zip file, or a new folder.")],
    project: Project,
    format_: Annotated[ExportFormat, typer.Option("--format", help="What to write.")],
    status: Annotated[
        list[ImageStatus] | None, typer.Option("--status", help="Only these; may be repeated.")
    ] = None,
    include: Annotated[
        Include, typer.Option("--include", help="Images with ground truth, or all.")
    ] = Include.annotated,
    polygons: Annotated[
        bool, typer.Option("--polygons", help="COCO polygons instead of exact RLE.")
    ] = False,
    colors: Annotated[
        bool, typer.Option("--colors", help="index-png in the labels' colors, not indices.")
    ] = False,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a project's ground truth, and read it back to prove it."""
    from maskwright.formats.base import ExportOptions
    from maskwright.services import exports, projects

    if polygons and format_ != ExportFormat.coco:
        raise typer.BadParameter("Only --format coco can have --polygons.")
    if colors and format_ != ExportFormat.index_png:
        raise typer.BadParameter("Only --format index-png can have --colors.")
    settings = read_settings(data_dir=data, database_url=database_url)
    options = ExportOptions("polygons" if polygons else "rle", colors=colors)
    request = exports.ExportRequest(format_.value, status, include.value, options)
    with open_store(settings) as db, progress_bar("Exporting") as progress:
        with db.read() as session:
            found = projects.by_name(session, project)
        if found is None:
            raise NotFound(f"There is no project “{project}”. Check the name.")
        write = exports.export_project if target.suffix == ".zip" else exports.export_folder
        report = write(db, found.id, request, target, lambda done, all_, _: progress(done, all_))
    for note in report.notes:
        typer.echo(note)
    typer.echo(
        f"{target}: {report.images} images. Read back: {report.proof.pixels:,} pixels compared, "
        f"{report.proof.differing_pixels:,} differ."
    )


@app.command()
def gc(data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Empty the trash of what is over 30 days old, and drop what nothing refers to any more."""
    from maskwright.services import trash

    settings = read_settings(data_dir=data, database_url=database_url)
    with open_store(settings) as db:
        typer.echo(trash.collect(db, settings.trash_days).summary)


def main() -> None:
    """Run the command line: exit status 0 if all was done, 2 for bad usage, else 1."""
    try:
        app()
    except Exception as error:
        reason = _reason(error)
        if reason is None:  # a fault of ours, whose traceback tells where
            raise
        typer.echo(f"maskwright: {reason}", err=True)
        sys.exit(1)


def _reason(error: Exception) -> str | None:
    """Say in one line what a user can do about an error; None if it is not for a user to mend."""
    if isinstance(error, AppError):
        return error.detail
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}. Check the path, and who may write there."
    from sqlalchemy import exc

    # What databases say of a file that is none is a DatabaseError and no subclass of it.
    unusable = isinstance(error, (exc.ArgumentError, exc.OperationalError))
    if unusable or type(error) is exc.DatabaseError:
        said = str(getattr(error, "orig", None) or error).splitlines()[0].rstrip(".")
        return f"The database can't be used: {said}. Check --data and --database-url."
    return None


if __name__ == "__main__":
    main()
