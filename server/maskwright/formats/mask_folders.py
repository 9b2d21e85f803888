"""What the formats that are folders of PNG masks share: two small files, and the walk over samples.

`labels.json` says which value of the masks is which label, and all that the format itself has no
place for. `images.csv` says which mask belongs to which picture, in their order. Both are extra
files beside what the format asks for: its own readers pass them over, and where they are missing
ours goes by the format's own rules.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any, TypeVar, cast

import cv2
import numpy as np
import numpy.typing as npt

from maskwright.domain.labels import VOID, Label, check_label_set
from maskwright.domain.mask import Classes, Mask
from maskwright.formats.archive import Sink, Source, Spool
from maskwright.formats.base import FormatError, Sample
from maskwright.formats.names import Names
from maskwright.formats.pictures import PICTURE_SUFFIXES
from maskwright.formats.pipeline import in_order
from maskwright.formats.png_decode import decode_indices
from maskwright.formats.voc_labels import by_index

T = TypeVar("T")
LABELS, IMAGES = "labels.json", "images.csv"
SPLITS = ("train", "val", "test")
_MAX_LABELS_BYTES = 1 << 20
_COLUMNS = ("name", "split", "mask", "picture")


@dataclass(frozen=True)
class Entry:
    """An image of a data set: its name, and where its mask and its picture lie."""

    name: str
    split: str | None
    mask: str
    picture: str | None


@dataclass(frozen=True)
class Encoded:
    """The files of one sample.

    `lost`: its objects that the format cannot tell apart. `record`: what is said of it in a file
    of all samples.
    """

    entry: Entry
    files: tuple[tuple[str, bytes], ...]
    lost: int = 0
    record: bytes = b""


@dataclass(frozen=True)
class Totals:
    """What was written: images, and objects that could not be told apart."""

    images: int
    lost: int


@dataclass(frozen=True)
class LabelFile:
    """What labels.json says. `values[column][index]`: the value of a label in the masks."""

    format: str
    labels: tuple[Label, ...]
    values: Mapping[str, Mapping[int, int]]
    void: Mapping[str, int]


def split_of(sample: Sample) -> str:
    """Return the split that a sample goes to; without one of the three it is training data."""
    return sample.split if sample.split in SPLITS else "train"


def write_samples(
    encode: Callable[[T], Encoded],
    samples: Iterable[T],
    sink: Sink,
    workers: int,
    keep: Callable[[Encoded], None] = lambda encoded: None,
) -> Totals:
    """Write the files of all samples, and images.csv; `keep` is told of each, in order."""
    count = lost = 0
    with ExitStack() as stack:
        rows = stack.enter_context(Spool())
        rows.write(_line(_COLUMNS))
        for encoded in in_order(encode, samples, workers):
            for path, data in encoded.files:
                sink.add(path, data)
            keep(encoded)
            entry = encoded.entry
            rows.write(_line((entry.name, entry.split or "", entry.mask, entry.picture or "")))
            count += 1
            lost += encoded.lost
        sink.add_stream(IMAGES, rows.chunks())
    return Totals(count, lost)


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def labels_json(
    name: str,
    labels: Sequence[Label],
    values: Mapping[str, Mapping[int, int]],
    void: Mapping[str, int],
) -> bytes:
    """Return labels.json: `values[column][index]` of every label, and void's of each column."""
    rows = [
        asdict(label) | {column: given[label.index] for column, given in values.items()}
        for label in by_index(labels)
    ]
    head = {"format": name, "void": dict(void), "labels": rows}
    return (json.dumps(head, indent=1, ensure_ascii=False) + "\n").encode()


def read_labels(source: Source, root: str, columns: Sequence[str]) -> LabelFile | None:
    """Return what labels.json says; None if there is none, or it is of another program's form."""
    path = root + LABELS
    if not source.has(path):
        return None
    with source.open(path) as file:
        data = file.read(_MAX_LABELS_BYTES + 1)
    if len(data) > _MAX_LABELS_BYTES:
        raise FormatError(f"{path} is larger than 1 MiB. Check that it is the file of labels.")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is no JSON: {error}.") from error
    if not isinstance(found, dict) or "format" not in found:
        return None
    try:
        return _label_file(cast("dict[str, Any]", found), columns)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FormatError(f"{path} does not say what the masks hold: {error!r}.") from error


def _label_file(found: Mapping[str, Any], columns: Sequence[str]) -> LabelFile:
    rows: list[dict[str, Any]] = found["labels"]
    labels = tuple(
        Label(
            int(row["index"]),
            str(row["name"]),
            str(row["color"]),
            row.get("hotkey"),
            bool(row.get("is_thing")),
        )
        for row in rows
    )
    check_label_set(labels)
    values = {column: {int(row["index"]): int(row[column]) for row in rows} for column in columns}
    void = {column: int(found["void"][column]) for column in columns}
    for column, given in values.items():
        if any(not 0 <= value <= VOID for value in (*given.values(), void[column])):
            raise ValueError(f"a value of {column} is outside 0-255")
    return LabelFile(str(found["format"]), labels, values, void)


def format_of(source: Source, root: str) -> str | None:
    """Return the format that labels.json names, if there is one."""
    try:
        found = read_labels(source, root, ())
    except FormatError:
        return None
    return found.format if found else None


def entries(source: Source, root: str, found: Callable[[], Iterator[Entry]]) -> Iterator[Entry]:
    """Yield the images of a data set by images.csv, else as `found` finds them.

    Names are made safe, and each its own.
    """
    names = Names()
    for entry in _listed(source, root) if source.has(root + IMAGES) else found():
        split = entry.split if entry.split in SPLITS else None
        yield Entry(names.take(f"{entry.name}.png"), split, entry.mask, entry.picture)


def _listed(source: Source, root: str) -> Iterator[Entry]:
    with source.open(root + IMAGES) as packed:
        rows = csv.reader(io.TextIOWrapper(packed, "utf-8-sig", newline=""))
        try:
            if tuple(next(rows, ())) != _COLUMNS:
                raise FormatError(f"{root}{IMAGES} has not the columns {','.join(_COLUMNS)}.")
            for name, split, mask, picture in rows:
                yield Entry(name, split or None, root + mask, root + picture if picture else None)
        except (csv.Error, ValueError) as error:
            raise FormatError(f"{root}{IMAGES} is damaged: {error}.") from error


def sample_of(source: Source, entry: Entry, mask: Mask) -> Sample:
    """Return the sample of an entry."""
    if entry.picture is None or not source.has(entry.picture):
        return Sample(entry.name, mask, None, split=entry.split)
    suffix = PurePosixPath(entry.picture).suffix.lower()
    return Sample(entry.name, mask, partial(source.read, entry.picture), suffix, entry.split)


def find_folder(source: Source, folder: str) -> str | None:
    """Return the path, with a slash at its end, of what holds `folder` (or a file of that name)."""
    for path in source.paths():
        before, found, _ = f"/{path}/".partition(f"/{folder}/")
        if found:
            return f"{before[1:]}/" if before else ""
    return None


def pictures_by_stem(source: Source, folder: str, ending: str = "") -> dict[str, str]:
    """Return the pictures under a folder by their path below it, without `ending` and suffix."""
    found: dict[str, str] = {}
    for path in source.paths():
        stem, dot, suffix = path.removeprefix(folder).rpartition(".")
        is_picture = f"{dot}{suffix}".lower() in PICTURE_SUFFIXES
        if is_picture and path.startswith(folder) and stem.endswith(ending):
            found[stem.removesuffix(ending)] = path
    return found


@dataclass(frozen=True, eq=False)
class Lookup:
    """`table`: (256,) the index of every value. `unknown`: (256,) 1 where no label has it."""

    table: Classes
    unknown: Classes


def lookup(values: Mapping[int, int], void: int) -> Lookup:
    """Return the way back from the values of labels, given by index, to their indices."""
    table = np.full(256, VOID, np.uint8)
    unknown = np.ones(256, np.uint8)
    for index, value in values.items():
        table[value], unknown[value] = index, 0
    table[void], unknown[void] = VOID, 0
    return Lookup(table, unknown)


def read_values(source: Source, path: str) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """Return the (H, W) values of a palette or gray PNG. Raises FormatError with its path."""
    try:
        values = decode_indices(source.read(path), source.max_pixels)
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error
    if values is None:
        raise FormatError(f"{path} holds colors; values of labels are gray or indexed.")
    return values


def read_indices(source: Source, path: str, by_value: Lookup) -> Classes:
    """Return the (H, W) indices of labels that a mask of values holds. Raises FormatError."""
    values = read_values(source, path)
    if values.dtype != np.uint8:
        raise FormatError(f"{path} has 16 bits; values of labels have 8.")
    if by_value.unknown.any() and cv2.LUT(values, by_value.unknown).any():
        present = np.flatnonzero(np.bincount(values.ravel(), minlength=256) * by_value.unknown)
        raise FormatError(
            f"{path} has the value {present[0]}, which no label has. Name it in {LABELS}."
        )
    return cast("Classes", cv2.LUT(values, by_value.table))
