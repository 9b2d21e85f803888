"""`maskwright models check`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maskwright.commands.common import Failed

if TYPE_CHECKING:
    from segnets.inspection import Inspection

_SHOWN = 5


def models_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Weights: .safetensors or .pth.")],
) -> None:
    """Say what a file of weights is, and what is wrong with it."""
    from segnets import SegnetsError
    from segnets.inspection import inspect

    try:
        found = inspect(file)
    except SegnetsError as error:
        raise Failed(str(error)) from error
    for name, value in _lines(found):
        typer.echo(f"{name:<13} {value}")
    if not found.usable:
        raise Failed(f"{file} can't draft as {found.architecture}: {_faults(found)}.")


def _lines(found: "Inspection") -> Iterator[tuple[str, str]]:
    kind = "safetensors" if found.path.suffix == ".safetensors" else "PyTorch"
    yield "file", f"{found.path}, {kind}, {found.size / 1e6:.1f} MB, read without running code"
    yield "sha256", found.sha256
    nearest = "" if found.usable else " (the nearest)"
    yield "architecture", f"{found.architecture}{nearest}"
    yield "labels", str(found.labels)
    yield "auxiliary", "a head that only training needs" if found.auxiliary else "none"
    yield "weights", f"{found.parameters:,} in {found.tensors} tensors, {', '.join(found.dtypes)}"
    for wrapping in found.taken_off:
        yield "wrapped", f"taken off: {wrapping}"
    for name, names in _named_faults(found):
        if names:
            yield name, f"{len(names)}: {_some(names)}"
    if found.usable:
        yield "verdict", f"usable; {_next(found)}"


def _named_faults(found: "Inspection") -> list[tuple[str, Sequence[str]]]:
    return [
        ("missing", found.missing),
        ("unexpected", found.unexpected),
        ("misshapen", found.misshapen),
        ("not finite", found.not_finite),
    ]


def _faults(found: "Inspection") -> str:
    return ", ".join(f"{len(names)} {name}" for name, names in _named_faults(found) if names)


def _some(names: Sequence[str]) -> str:
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _next(found: "Inspection") -> str:
    """What to do with the file."""
    from segnets.catalogue import PUBLISHED

    for model in PUBLISHED:
        if model.architecture == found.architecture and found.sha256.startswith(model.sha256_start):
            return f"it is published: maskwright models pull {model.name} --from {found.path}"
    return f"maskwright models add {found.path} --name NAME --labels labels.txt"
