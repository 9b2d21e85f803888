"""CamVid as fastai has it: images, labels/NAME_P.png, and codes.txt, whose lines are the values."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import cast

import cv2
import numpy as np

from maskwright.domain.labels import VOID, InvalidLabels, Label, palette
from maskwright.domain.mask import Classes, Mask
from maskwright.formats.archive import Sink, Source, Spool
from maskwright.formats.base import DataSet, ExportOptions, FormatError, Sample, Written
from maskwright.formats.colors import indices_of
from maskwright.formats.index_png import no_objects
from maskwright.formats.mask_folders import (
    LABELS,
    Encoded,
    Entry,
    Lookup,
    entries,
    find_folder,
    labels_json,
    lookup,
    pictures_by_stem,
    read_indices,
    read_labels,
    sample_of,
    write_samples,
)
from maskwright.formats.objects import Ids, Segments, find_objects
from maskwright.formats.png import encode_palette
from maskwright.formats.png_decode import decode_colors
from maskwright.formats.voc_labels import COLORS, color_code, is_unused, labels_txt

PICTURES, MASKS, CODES, VALID = "images", "labels", "codes.txt", "valid.txt"
COLOR_TABLE = "label_colors.txt"
_VOID_NAME = "Void"
_VOID_NAMES = frozenset({"void", "unlabelled", "unlabeled", "ignore"})
_VOID_COLOR = (0, 0, 0)
_BREAKING = re.compile(r"[\s#]+")  # NumPy's loadtxt, which fastai reads codes with, splits there


@dataclass(frozen=True)
class _Found:
    """What the label files of a data set say. `colors`: of masks in colors, color → index."""

    labels: tuple[Label, ...]
    values: Lookup
    colors: Mapping[int, int]


class Camvid:
    """Writes and reads CamVid."""

    name = "camvid"
    title = "CamVid"

    def lossless(self, options: ExportOptions) -> bool:
        return True

    def kept(self, labels: Sequence[Label], objects: Segments) -> Ids | None:
        return None

    def recognise(self, source: Source) -> str | None:
        for path in source.paths():
            if path.endswith(("_P.png", "_L.png")) and f"/{MASKS}/" in f"/{path}":
                return f"it has the mask {path}"
        return None

    def write(
        self,
        labels: Sequence[Label],
        samples: Iterable[Sample],
        sink: Sink,
        options: ExportOptions,
    ) -> Written:
        void = _void_value(labels)
        values = {"value": {label.index: label.index for label in labels}}
        sink.add(CODES, _codes(labels).encode())
        sink.add(LABELS, labels_json(self.name, labels, values, {"value": void}))
        with ExitStack() as stack:
            valid = stack.enter_context(Spool())

            def keep(encoded: Encoded) -> None:
                if encoded.entry.split == "val":
                    picture = encoded.entry.picture or f"{encoded.entry.name}.png"
                    valid.write(f"{picture.rpartition('/')[2]}\n".encode())

            work = partial(_encode, labels, void)
            total = write_samples(work, samples, sink, options.workers, keep)
            sink.add_stream(VALID, valid.chunks())
        return Written(total.images, tuple(_notes(labels, total.lost)))

    def read(self, source: Source) -> DataSet:
        root = find_folder(source, CODES)
        if root is None:
            root = find_folder(source, COLOR_TABLE)
        if root is None:
            raise FormatError(f"This is no CamVid data set: it has no {CODES} or {COLOR_TABLE}.")
        found = _read_labels(source, root, self.name)
        listed = partial(entries, source, root, partial(_found, source, root))
        walked = _read_samples(source, listed(), found)
        return DataSet(found.labels, walked, sum(1 for _ in listed()))


def _void_value(labels: Sequence[Label]) -> int:
    """Return the value of void, which is the last line of codes.txt."""
    return max((label.index for label in labels), default=-1) + 1


def _codes(labels: Sequence[Label]) -> str:
    lines = [_BREAKING.sub("_", line) for line in labels_txt(labels).splitlines()]
    is_free = all(line.casefold() != _VOID_NAME.casefold() for line in lines)
    return "".join(f"{line}\n" for line in (*lines, _VOID_NAME if is_free else "__void__"))


def _encode(labels: Sequence[Label], void: int, sample: Sample) -> Encoded:
    """Make the files of one sample."""
    table = np.arange(256, dtype=np.uint8)
    table[VOID] = void
    path = f"{MASKS}/{sample.name}_P.png"
    values = cast("Classes", cv2.LUT(sample.mask.classes, table))
    files = [(path, encode_palette(values, palette(labels)))]
    picture = None
    if sample.image is not None:
        picture = f"{PICTURES}/{sample.name}{sample.suffix}"
        files.insert(0, (picture, sample.image()))
    lost = len(find_objects(sample.mask, labels).items)
    return Encoded(Entry(sample.name, sample.split, path, picture), tuple(files), lost)


def _notes(labels: Sequence[Label], lost: int) -> Iterator[str]:
    yield from no_objects(lost)
    yield f"Void is the last line of {CODES}; leave it out of losses and scores."
    changed = [label.name for label in labels if _BREAKING.search(label.name)]
    if changed:
        yield f"Spaces in names are _ in {CODES}, which is split at spaces; {LABELS} has the names."


def _read_labels(source: Source, root: str, name: str) -> _Found:
    """Return what labels.json says, else codes.txt, else label_colors.txt."""
    said = read_labels(source, root, ("value",))
    if said is not None and said.format == name:
        return _Found(said.labels, lookup(said.values["value"], said.void["value"]), {})
    colors = _color_table(source, root)
    if source.has(root + CODES):
        names = source.read(root + CODES).decode("utf-8-sig").split("\n")
        names = [line.strip() for line in names if line.strip()]
    else:
        names = list(colors)
    if len(names) > VOID + 1:
        raise InvalidLabels(f"The data set has {len(names)} labels; at most {VOID} are possible.")
    given = {i: line for i, line in enumerate(names) if not is_unused(line)}
    voids = [i for i, line in given.items() if line.strip("_").casefold() in _VOID_NAMES]
    labels = tuple(
        Label(i, line, "#{:02x}{:02x}{:02x}".format(*colors.get(line, COLORS[(i + 1) & 255])))
        for i, line in given.items()
        if i not in voids
    )
    values = {label.index: label.index for label in labels}
    codes = {color_code(_VOID_COLOR): VOID}
    codes |= {
        color_code(color): VOID if names.index(line) in voids else names.index(line)
        for line, color in colors.items()
        if line in names
    }
    return _Found(labels, lookup(values, voids[-1] if voids else VOID), codes)


def _color_table(source: Source, root: str) -> dict[str, tuple[int, int, int]]:
    """Read lines of the form "64 128 64    Animal"."""
    if not source.has(root + COLOR_TABLE):
        return {}
    found: dict[str, tuple[int, int, int]] = {}
    for line in source.read(root + COLOR_TABLE).decode("utf-8-sig").splitlines():
        parts = line.split(None, 3)
        if len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts[:3]):
            found[parts[3].strip()] = (int(parts[0]), int(parts[1]), int(parts[2]))
    return found


def _found(source: Source, root: str) -> Iterator[Entry]:
    """Yield the masks, each with the picture of its name; valid.txt lists those of validation."""
    pictures = pictures_by_stem(source, f"{root}{PICTURES}/")
    valid: set[str] = set()
    if source.has(root + VALID):
        lines = source.read(root + VALID).decode("utf-8-sig").split()
        valid = {line.rpartition(".")[0] or line for line in lines}
    folder = f"{root}{MASKS}/"
    for path in source.paths():
        if path.startswith(folder) and path.endswith(("_P.png", "_L.png")):
            name = path.removeprefix(folder)[: -len("_P.png")]
            split = ("val" if name in valid else "train") if valid else None
            yield Entry(name, split, path, pictures.get(name))


def _read_samples(source: Source, listed: Iterator[Entry], found: _Found) -> Iterator[Sample]:
    for entry in listed:
        if entry.mask.endswith("_L.png"):
            coded = decode_colors(source.read(entry.mask), source.max_pixels)
            classes = indices_of(coded, found.colors, entry.mask, COLOR_TABLE)
        else:
            classes = read_indices(source, entry.mask, found.values)
        yield sample_of(source, entry, Mask(classes))
