"""`maskwright models add`."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maskwright.commands.common import Data, Failed, read_settings
from maskwright.errors import BadRequest, NameTaken

if TYPE_CHECKING:
    from segnets.inspection import Inspection

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def models_add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Weights: .safetensors or .pth.")],
    name: Annotated[str, typer.Option("--name", help="What --model is to call it.")],
    labels: Annotated[
        Path, typer.Option("--labels", help="A text file: one label a line, by index.")
    ],
    licence: Annotated[str, typer.Option("--licence", help="Of the weights.")] = "unknown",
    source: Annotated[str, typer.Option("--source", help="Where they come from.")] = "added here",
    data: Data = None,
) -> None:
    """Make a model of your own weights, if they fit one of the architectures here."""
    from segnets import SegnetsError
    from segnets.inspection import inspect
    from segnets.registry import MOST_LABELS, Entry, list_models, save_entry

    directory = read_settings(data_dir=data).models_dir
    if not _NAME.fullmatch(name):
        raise BadRequest("A model's name has letters, digits, dots, hyphens and underscores.")
    if name == "default" or name in {entry.name for entry in list_models([directory])}:
        raise NameTaken(f"A model is called “{name}” already. Choose another --name.")
    try:
        found = inspect(file)
    except SegnetsError as error:
        raise Failed(str(error)) from error
    if not found.usable:
        raise Failed(f"{file} can't draft. `maskwright models check {file}` says why.")
    if found.labels > MOST_LABELS:
        raise BadRequest(
            f"{file} predicts {found.labels} labels; masks hold {MOST_LABELS} at most."
        )
    names = _read_labels(labels, found)
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / f"{name}{'.safetensors' if file.suffix == '.safetensors' else '.pth'}"
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(file, part)
    part.replace(target)
    save_entry(
        Entry(
            name=name,
            labels=names,
            licence=licence,
            source=source,
            file=target.name,
            sha256=found.sha256,
            network=found.network,
            preprocessing=_preprocessing(found),
            architecture=found.architecture,
        ),
        directory,
    )
    typer.echo(f"{name} is ready: {found.architecture}, {len(names)} labels. --model {name}")


def _read_labels(path: Path, found: "Inspection") -> tuple[str, ...]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BadRequest(f"{path} is no text file. Write one label a line, in UTF-8.") from error
    names = tuple(line.strip() for line in lines if line.strip())
    if len(names) != found.labels:
        raise BadRequest(
            f"The network predicts {found.labels} labels and {path} names {len(names)}. Write one "
            "a line, in the order of their indices, background included."
        )
    if len(set(names)) != len(names):
        raise BadRequest(f"{path} names a label twice. Give each a name of its own.")
    return names


def _preprocessing(found: "Inspection") -> dict[str, object]:
    """As the architecture's published checkpoint, or the bundled one, was trained with."""
    from segnets.catalogue import PREPROCESSING
    from segnets.registry import DEFAULT_ARCHITECTURE

    if found.architecture == DEFAULT_ARCHITECTURE:
        return {"long_side": 513, "multiple": 16}
    return dict(PREPROCESSING)
