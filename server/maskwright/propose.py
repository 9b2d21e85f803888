"""Drafts files on disk, without a project or a server."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from maskwright.domain.proposer import DraftOptions, Proposer
from maskwright.errors import AppError, BadRequest
from maskwright.formats.voc_labels import PALETTE
from maskwright.services.decode import Limits, accept

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})


@dataclass(frozen=True)
class Outcome:
    """What became of one image: `target` was written, or `error` says why not."""

    source: Path
    target: Path | None = None
    error: str | None = None


def propose_files(
    sources: Iterable[Path],
    out: Path,
    load: Callable[[], Proposer],
    options: DraftOptions,
    layers: Collection[str],
    max_pixels: int,
) -> Iterator[Outcome]:
    """Draft every image of `sources` and write `out`/NAME.png; yield an outcome each.

    Drafts of an earlier run that lie in `out` are not drafted again. An image of over
    `max_pixels` is an error, found before it is decoded. `layers` of the draft, such as
    `confidence`, are written as `out`/NAME.LAYER.png.
    """
    files = [file for file in _files(sources) if out.resolve() not in file.resolve().parents]
    if not files:
        raise BadRequest("There is no image to draft: name image files, or a folder with some.")
    proposer = load()
    out.mkdir(parents=True, exist_ok=True)
    written: set[str] = set()
    for source in files:
        if source.stem in written:
            yield Outcome(source, error=f"an image before it is also called {source.stem}; rename")
            continue
        try:
            data = source.read_bytes()
            limits = Limits(max_bytes=len(data), max_pixels=max_pixels)
            draft = proposer.propose(accept(data, limits).rgb, options)
        except OSError as error:
            yield Outcome(source, error=error.strerror or str(error))
            continue
        except AppError as error:
            yield Outcome(source, error=error.detail)
            continue
        written.add(source.stem)
        target = out / f"{source.stem}.png"
        _write(target, draft.classes, PALETTE)
        for layer in layers:
            _write(out / f"{source.stem}.{layer}.png", getattr(draft, layer), None)
        yield Outcome(source, target)


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_dir():
            yield from sorted(
                path
                for path in source.rglob("*")
                if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
            )
        elif source.exists():
            yield source
        else:
            raise BadRequest(f"There is no file {source}. Check the path.")


def _write(target: Path, pixels: np.ndarray, colors: bytes | None) -> None:
    picture = Image.fromarray(pixels)
    if colors:
        picture.putpalette(colors)
    picture.save(target, "PNG")
