"""Plain folders: pictures, and a PNG of label indices (or of colors) for each."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath

import numpy as np

from maskwright.domain.labels import VOID, InvalidLabels, Label, palette
from maskwright.domain.mask import Mask
from maskwright.formats.archive import Sink, Source
from maskwright.formats.base import DataSet, ExportOptions, FormatError, Sample, Written
from maskwright.formats.colors import check_colors, codes_of, indices_of, void_color
from maskwright.formats.mask_folders import (
    LABELS,
    Encoded,
    Entry,
    entries,
    format_of,
    labels_json,
    pictures_by_stem,
    read_labels,
    sample_of,
    write_samples,
)
from maskwright.formats.objects import Ids, Segments, find_objects
from maskwright.formats.png import encode_palette, encode_rgb
from maskwright.formats.png_decode import decode_colors, decode_indices
from maskwright.formats.voc_labels import COLORS, is_unused, labels_txt

PICTURES, MASKS = "images", "masks"
NAMES = "labels.txt"
_NAME_FILES = (NAMES, "codes.txt")
_FOLDERS = (MASKS, "labels", "annotations")


class IndexPng:
    """Writes and reads folders of PNG masks whose values are label indices."""

    name = "index-png"
    title = "Index PNG"

    def lossless(self, options: ExportOptions) -> bool:
        return True

    def kept(self, labels: Sequence[Label], objects: Segments) -> Ids | None:
        return None

    def recognise(self, source: Source) -> str | None:
        found = _find(source)
        return None if found is None else f"it has {found[0]}{found[1]} and masks in {found[2]}"

    def write(
        self,
        labels: Sequence[Label],
        samples: Iterable[Sample],
        sink: Sink,
        options: ExportOptions,
    ) -> Written:
        if options.colors:
            check_colors(labels)
        values = {"value": {label.index: label.index for label in labels}}
        sink.add(NAMES, labels_txt(labels).encode())
        sink.add(LABELS, labels_json(self.name, labels, values, {"value": VOID}))
        work = partial(_encode, labels, _table(labels), options.colors)
        total = write_samples(work, samples, sink, options.workers)
        return Written(total.images, tuple(no_objects(total.lost)))

    def read(self, source: Source) -> DataSet:
        root, names, folder = _find(source) or ("", "", MASKS)
        found = read_labels(source, root, ("value",))
        if found is not None and found.format == self.name:
            labels = found.labels
        elif names:
            labels = _labels(source.read(root + names).decode("utf-8-sig").splitlines())
        else:
            raise FormatError(
                f"The folder has no {NAMES}. Write one: line 1 names index 0, line 2 index 1, ..."
            )
        listed = partial(entries, source, root, partial(_found, source, root, folder))
        walked = _read_samples(source, listed(), labels)
        return DataSet(labels, walked, sum(1 for _ in listed()))


def _table(labels: Sequence[Label]) -> bytes:
    """Return the palette of the labels' colors, with void's."""
    return palette(labels)[:-3] + bytes(void_color(labels))


def _encode(labels: Sequence[Label], table: bytes, in_colors: bool, sample: Sample) -> Encoded:
    """Make the files of one sample."""
    path, classes = f"{MASKS}/{sample.name}.png", sample.mask.classes
    if in_colors:
        rgb = np.frombuffer(table, np.uint8).reshape(256, 3)
        files = [(path, encode_rgb(rgb.take(classes, axis=0)))]
    else:
        files = [(path, encode_palette(classes, table))]
    picture = None
    if sample.image is not None:
        picture = f"{PICTURES}/{sample.name}{sample.suffix}"
        files.insert(0, (picture, sample.image()))
    lost = len(find_objects(sample.mask, labels).items)
    return Encoded(Entry(sample.name, sample.split, path, picture), tuple(files), lost)


def no_objects(lost: int) -> Iterator[str]:
    """Say that a format has labels only."""
    if lost:
        yield (
            f"The format holds labels only: which pixels are one object is not in it "
            f"({lost} object{'s' if lost > 1 else ''})."
        )


def _find(source: Source) -> tuple[str, str, str] | None:
    """Return (root, file of names, folder of masks), or None if this is no such data set."""
    roots = {
        path.removesuffix(name): name
        for path in source.paths()
        for name in (*_NAME_FILES, LABELS)
        if PurePosixPath(path).name == name
    }
    for root, name in sorted(roots.items()):
        if name == LABELS and format_of(source, root) != IndexPng.name:
            continue
        for folder in _FOLDERS:
            if any(p.startswith(f"{root}{folder}/") and p.endswith(".png") for p in source.paths()):
                return root, "" if name == LABELS else name, folder
        if source.has(root + LABELS) and format_of(source, root) == IndexPng.name:
            return root, name, MASKS
    return None


def _labels(lines: Sequence[str]) -> tuple[Label, ...]:
    if len(lines) > VOID:
        raise InvalidLabels(f"The data set has {len(lines)} labels; at most {VOID} are possible.")
    return tuple(
        Label(i, name.strip(), "#{:02x}{:02x}{:02x}".format(*COLORS[i + 1]))
        for i, name in enumerate(lines)
        if name.strip() and not is_unused(name)
    )


def _found(source: Source, root: str, folder: str) -> Iterator[Entry]:
    """Yield the masks, each with the picture of its name in `images` or beside the folder."""
    pictures = pictures_by_stem(source, f"{root}{PICTURES}/")
    prefix = f"{root}{folder}/"
    for path in source.paths():
        if path.startswith(prefix) and path.endswith(".png"):
            stem = path.removeprefix(prefix).removesuffix(".png")
            split = stem.partition("/")[0] if "/" in stem else None
            yield Entry(stem.rpartition("/")[2], split, path, pictures.get(stem))


def _read_samples(
    source: Source, listed: Iterator[Entry], labels: Sequence[Label]
) -> Iterator[Sample]:
    known = np.zeros(256, np.bool_)
    known[[VOID, *(label.index for label in labels)]] = True
    codes = codes_of(labels)
    for entry in listed:
        png = source.read(entry.mask)
        values = decode_indices(png, source.max_pixels)
        if values is None:
            coded = decode_colors(png, source.max_pixels)
            classes = indices_of(coded, codes, entry.mask, LABELS)
        elif values.dtype == np.uint8:
            classes = values
            present = np.flatnonzero(np.bincount(values.ravel(), minlength=256))
            if not known[present].all():
                unknown = present[~known[present]][0]
                raise FormatError(
                    f"{entry.mask} has the value {unknown}, which no label has. Name it in {NAMES}."
                )
        else:
            raise FormatError(f"{entry.mask} has 16 bits; label indices have 8.")
        yield sample_of(source, entry, Mask(classes))  # pyright: ignore[reportArgumentType]
