"""What all commands share: options, settings, the store, a progress bar."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from maskwright.errors import AppError, BadRequest
from maskwright.settings import Settings

if TYPE_CHECKING:
    from maskwright.db import Database

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the database. [default: a folder of your own]"),
]
DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", help="sqlite:///… or postgresql://…")
]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on.")]
Project = Annotated[str, typer.Option("--project", help="Name of the project.")]


class ImageStatus(StrEnum):
    new = "new"
    proposed = "proposed"
    in_progress = "in_progress"
    submitted = "submitted"
    approved = "approved"
    rejected = "rejected"


class Failed(AppError):
    """The command did its work, and some of it failed: lines before this one say what."""

    code = "failed"


def read_settings(**given: Any) -> Settings:
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"][:1]).upper()
        raise BadRequest(f"MASKWRIGHT_{name} can't be used: {first['msg']}.") from error
    except SettingsError as error:  # a list that is no JSON
        raise BadRequest(f"The environment can't be used: {error}.") from error


@contextmanager
def open_store(settings: Settings) -> Iterator["Database"]:
    """Open the store that the settings name, its tables brought up to date."""
    from maskwright import schema
    from maskwright.db import Database

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database)
    try:
        schema.upgrade(db)
        yield db
    finally:
        db.close()


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, nothing elsewhere; call what it gives with (done, total)."""
    with typer.progressbar(
        length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield progress
