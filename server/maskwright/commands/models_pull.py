"""`maskwright models pull`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from maskwright.commands.common import Data, Failed, read_settings
from maskwright.errors import NotFound
from maskwright.settings import Settings

if TYPE_CHECKING:
    from maskwright.fetch import Progress, Wanted
    from segnets.catalogue import PublishedModel

# Sizes are known to a megabyte; what is far larger is another file.
_SLACK_MB = 10


def models_pull(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="As `models list` calls them.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are published.")] = False,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A file fetched elsewhere, in place of one."),
    ] = None,
    data: Data = None,
) -> None:
    """Fetch published models, check them, and make them ready to draft."""
    from maskwright.fetch import Unreachable

    settings = read_settings(data_dir=data)
    models = _chosen(names or [], every)
    if source is not None and len(models) != 1:
        raise typer.BadParameter("--from brings one file: name one model.")
    failures = 0
    for model in models:
        try:
            _pull(model, settings, source)
        except Failed as error:
            # Where nobody answers for one, nobody does for the next.
            if len(models) == 1 or isinstance(error.__cause__, Unreachable):
                raise
            typer.echo(error.detail, err=True)
            failures += 1
    if failures:
        raise Failed(f"Models that could not be pulled: {failures}. The others are ready.")


def _chosen(names: list[str], every: bool) -> "list[PublishedModel]":
    from segnets.catalogue import PUBLISHED, find_published

    if every and not names:
        return list(PUBLISHED)
    known = ", ".join(model.name for model in PUBLISHED)
    if every or not names:
        raise typer.BadParameter(f"Name models, or give --all. There are: {known}.")
    models: list[PublishedModel] = []
    for name in names:
        model = find_published(name)
        if model is None:
            raise NotFound(f"No published model is called “{name}”. There are: {known}.")
        models.append(model)
    return models


def _pull(model: "PublishedModel", settings: Settings, source: Path | None) -> None:
    from maskwright import fetch
    from segnets.registry import save_entry

    directory = settings.models_dir
    target = directory / model.file
    if _is_here(model, directory):
        typer.echo(f"{model.name} is here already: {target}")
        return
    wanted = fetch.Wanted(
        f"{settings.models_url.rstrip('/')}/{model.file}",
        target,
        model.sha256_start,
        (model.megabytes + _SLACK_MB) * 10**6,
    )
    try:
        sha256 = _obtain(wanted, model, source)
    except fetch.Unfetched as error:
        raise Failed(f"{model.name}: {error.detail} {_by_hand(model)}") from error
    except fetch.WrongContent as error:
        raise Failed(f"{model.name}: {error.detail}") from error
    _inspect(model, target)
    save_entry(model.entry(sha256), directory)
    typer.echo(
        f"{model.name} is ready: {target} ({target.stat().st_size / 1e6:.1f} MB, sha256 {sha256}). "
        f"Draft with --model {model.name}."
    )


def _is_here(model: "PublishedModel", directory: Path) -> bool:
    from segnets import SegnetsError
    from segnets.registry import read_entry

    try:
        read_entry(directory / f"{model.name}.json").verify()
    except SegnetsError:
        return False
    return True


def _obtain(wanted: "Wanted", model: "PublishedModel", source: Path | None) -> str:
    """The file's sha256, when it is in its place: there already, brought, or fetched."""
    from maskwright import fetch

    there = wanted.target.is_file()
    if there and (found := fetch.sha256_of(wanted.target)).startswith(wanted.sha256_start):
        return found
    with _byte_bar(model.file) as progress:
        if source is not None:
            return fetch.bring(wanted, source, progress)
        return fetch.fetch(wanted, progress)


def _inspect(model: "PublishedModel", target: Path) -> None:
    """Refuse what has the right digits but is no such network: eight are no proof."""
    from segnets import SegnetsError
    from segnets.inspection import inspect

    try:
        found = inspect(target)
        fits = found.usable and found.architecture == model.architecture
        reason = "" if fits else f"its weights do not fit {model.architecture}"
    except SegnetsError as error:
        reason = str(error)
    if reason:
        refused = target.replace(target.with_name(f"{target.name}.refused"))
        raise Failed(f"{model.name}: not installed: {reason}. The file lies at {refused}.")


def _by_hand(model: "PublishedModel") -> str:
    from segnets.catalogue import OFFICIAL

    return (
        f"Without a connection: fetch {OFFICIAL}/{model.file} on another machine, bring it here "
        f"and run: maskwright models pull {model.name} --from {model.file}"
    )


@contextmanager
def _byte_bar(name: str) -> Iterator["Progress"]:
    """Show megabytes, rate and time left on a terminal, nothing elsewhere."""
    start, first, told = monotonic(), -1, ""

    with typer.progressbar(
        length=1,
        label=name,
        item_show_func=lambda _: told,
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:

        def progress(done: int, total: int) -> None:
            nonlocal first, told
            first = done if first < 0 else min(first, done)  # what a stopped run had left
            rate = (done - first) / max(monotonic() - start, 1e-3)
            of = f" of {total / 1e6:.1f}" if total else ""
            told = f"{done / 1e6:.1f}{of} MB, {rate / 1e6:.1f} MB/s"
            bar.length = max(total, done, 1)
            bar.update(done - bar.pos)

        yield progress
