"""How to draft, as options of a command."""

from typing import Annotated

import typer

from maskwright.domain.proposer import Detail, DraftOptions

Engine = Annotated[
    str | None,
    typer.Option("--engine", help="auto, torch, eager, openvino or onnxruntime."),
]
Refine = Annotated[
    bool | None,
    typer.Option(
        "--refine/--no-refine", help="Follow the photograph's edges. [default: as the model says]"
    ),
]
Flips = Annotated[bool, typer.Option("--flips", help="Average with the mirrored image: slower.")]
Scales = Annotated[
    str | None,
    typer.Option("--scales", help="Average over sizes, as in 0.75,1,1.25: slower. [default: 1]"),
]
DetailOption = Annotated[
    Detail,
    typer.Option("--detail", help="Look at the image whole, or in tiles at its own resolution."),
]


def draft_options(
    refine: bool | None, flips: bool, scales: str | None, detail: Detail, maps: bool = False
) -> DraftOptions:
    """What the options of a command ask for."""
    return DraftOptions(refine, flips, _numbers(scales), detail, maps)


def _numbers(scales: str | None) -> tuple[float, ...]:
    if scales is None:
        return (1.0,)
    try:
        numbers = tuple(float(part) for part in scales.split(","))
    except ValueError:
        numbers = ()
    if not 0 < len(numbers) <= 5 or not all(0.5 <= number <= 2 for number in numbers):
        raise typer.BadParameter("--scales takes up to five numbers from 0.5 to 2: 0.75,1,1.25")
    return numbers
