"""`maskwright convert`."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maskwright.commands.common import progress_bar
from maskwright.errors import Conflict, NotFound, Unprocessable

if TYPE_CHECKING:
    from maskwright.formats.archive import Sink, Source
    from maskwright.formats.base import Sample


def convert(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="A data set: a folder or a .zip.")],
    target: Annotated[Path, typer.Argument(metavar="DST", help="A .zip file, or a new folder.")],
    to: Annotated[str, typer.Option("--to", help="The format to write.")],
    from_: Annotated[str, typer.Option("--from", help="The format to read, or auto.")] = "auto",
    polygons: Annotated[
        bool, typer.Option("--polygons", help="COCO polygons instead of exact RLE.")
    ] = False,
    colors: Annotated[
        bool, typer.Option("--colors", help="index-png in the labels' colors, not indices.")
    ] = False,
) -> None:
    """Write a data set in another format: masks to the bit, pictures byte for byte."""
    from maskwright.formats import FORMATS
    from maskwright.formats.base import ExportOptions
    from maskwright.formats.detect import detect

    for name, given in (("--to", to), ("--from", from_)):
        if given not in FORMATS and (name, given) != ("--from", "auto"):
            raise typer.BadParameter(f"{name} {given!r}: choose one of {', '.join(FORMATS)}.")
    if polygons and to != "coco":
        raise typer.BadParameter("Only --to coco can have --polygons.")
    if colors and to != "index-png":
        raise typer.BadParameter("Only --to index-png can have --colors.")
    options = ExportOptions("polygons" if polygons else "rle", colors=colors)
    _check_target(source, target)
    seen = _Seen()
    try:
        with _opened(source) as found:
            if from_ == "auto":
                format_, reason = detect(found)
                typer.echo(f"{source} is {format_.title}: {reason}.")
            else:
                format_ = FORMATS[from_]
            data = format_.read(found)
            with _sink(target) as sink, progress_bar("Converting") as progress:
                watched = seen.watch(data.samples, data.count, progress)
                written = FORMATS[to].write(data.labels, watched, sink, options)
    except ValueError as error:  # what readers raise on a data set that is none
        raise Unprocessable(f"{source}: {error}") from error
    for note in (*written.notes, *seen.lost(format_.name, to)):
        typer.echo(note)
    typer.echo(f"{target}: {written.images} images, {len(data.labels)} labels.")


def _check_target(source: Path, target: Path) -> None:
    if target.exists():
        raise Conflict(f"{target} is there already. Name a new folder or file.")
    part = target.with_name(f"{target.name}.part")
    if part.exists():
        raise Conflict(f"{part} is left of another run. Remove it, then run this again.")
    if target.resolve().is_relative_to(source.resolve()):
        raise Conflict(f"{target} lies in the data set that is read. Name a folder outside.")


@contextmanager
def _opened(path: Path) -> "Iterator[Source]":
    from maskwright.formats.archive import FolderSource, ZipSource

    if path.is_dir():
        yield FolderSource(path)
    elif path.is_file():
        with ZipSource(path) as source:
            yield source
    else:
        raise NotFound(f"There is no {path}. Check the path.", code="path_not_found")


@contextmanager
def _sink(target: Path) -> "Iterator[Sink]":
    """Open what is to be written. After an error there is nothing at `target`."""
    from maskwright.formats.archive import FolderSink
    from maskwright.formats.zip_sink import ZipSink

    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if target.suffix == ".zip":
            with part.open("wb", buffering=1 << 20) as file, ZipSink(file) as sink:
                yield sink
        else:
            part.mkdir()
            yield FolderSink(part)
        part.replace(target)
    except BaseException:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
        raise


@dataclass
class _Seen:
    """What was read, as far as formats differ in what they hold of it."""

    without_picture: int = 0
    splits: set[str] = field(default_factory=set[str])

    def watch(
        self,
        samples: "Iterator[Sample]",
        total: int | None,
        progress: Callable[[int, int], None],
    ) -> "Iterator[Sample]":
        """Yield the samples; note each, and tell the progress."""
        for count, sample in enumerate(samples, 1):
            self.without_picture += sample.image is None
            if sample.split:
                self.splits.add(sample.split)
            yield sample
            progress(count, total or count + 1)

    def lost(self, before: str, after: str) -> Iterator[str]:
        """Say what of the data set the format `after` has no place for."""
        if self.without_picture:
            yield f"{self.without_picture} images came without a picture; their masks are there."
        unheld = self.splits - _SPLITS.get(after, self.splits)
        if unheld:
            yield f"{after} has no place for the splits {', '.join(sorted(unheld))}."
        if after == "voc" and before != "voc":
            yield "voc has colors of its own, and does not say which labels are things."


_SPLITS = {"voc": {"train", "val", "trainval"}, "coco": set[str](), "coco-panoptic": set[str]()}
"""The splits that a format can say, where that is not all."""
