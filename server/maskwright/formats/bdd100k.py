"""BDD100K: semantic masks, color maps, bitmasks of instances and Scalabel's RLE."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import cast

import cv2
import numpy as np

from maskwright.domain.labels import VOID, Label
from maskwright.domain.mask import Classes, Instances, Mask
from maskwright.formats.archive import Sink, Source, Spool
from maskwright.formats.base import DataSet, ExportOptions, FormatError, Sample, Written
from maskwright.formats.cityscapes_labels import TRAINED
from maskwright.formats.label_ids import few, give, match, own
from maskwright.formats.mask_folders import (
    LABELS,
    SPLITS,
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
    split_of,
    write_samples,
)
from maskwright.formats.objects import (
    Ids,
    Segments,
    all_or_none,
    find_objects,
    number_objects,
)
from maskwright.formats.png import encode_gray, encode_rgba, recolor
from maskwright.formats.png_decode import decode_rgba
from maskwright.formats.rle import encode_segments

PICTURES = "images/10k"
MASKS, COLORS = "labels/sem_seg/masks", "labels/sem_seg/colormaps"
RLES, BITMASKS = "labels/sem_seg/rles", "labels/ins_seg/bitmasks"

_TRAIN_IDS = {one.name: one.train_id for one in TRAINED}
# The categories of instances count from 1. What masks call a person is a pedestrian there.
_CATEGORIES = {
    "person": 1, "pedestrian": 1, "rider": 2, "car": 3, "truck": 4, "bus": 5, "train": 6,
    "motorcycle": 7, "bicycle": 8,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is the same for all samples: values by index, and as tables of (256,)."""

    labels: Sequence[Label]
    ids: Mapping[int, int]
    table: Classes
    categories: Mapping[int, int]
    names: Mapping[int, str]
    palette: bytes


class Bdd100k:
    """Writes and reads BDD100K's semantic and instance segmentation."""

    name = "bdd100k"
    title = "BDD100K"

    def lossless(self, options: ExportOptions) -> bool:
        return True

    def kept(self, labels: Sequence[Label], objects: Segments) -> Ids | None:
        return all_or_none(objects)

    def recognise(self, source: Source) -> str | None:
        root = find_folder(source, MASKS)
        return None if root is None else f"it has the folder {root}{MASKS}"

    def write(
        self,
        labels: Sequence[Label],
        samples: Iterable[Sample],
        sink: Sink,
        options: ExportOptions,
    ) -> Written:
        known = match(labels, _TRAIN_IDS)
        plan = _plan(labels, known)
        columns = {"id": plan.ids, "category": plan.categories}
        sink.add(LABELS, labels_json(self.name, labels, columns, {"id": VOID, "category": 0}))
        with ExitStack() as stack:
            frames = {split: stack.enter_context(Spool()) for split in SPLITS}

            def keep(encoded: Encoded) -> None:
                spool = frames[encoded.entry.split or "train"]
                spool.write((b"[\n" if spool.empty else b",\n") + encoded.record)

            total = write_samples(partial(_encode, plan), samples, sink, options.workers, keep)
            for split, spool in frames.items():
                if not spool.empty:
                    spool.write(b"\n]\n")
                    sink.add_stream(f"{RLES}/sem_seg_{split}.json", spool.chunks())
        return Written(total.images, tuple(_notes(own(labels, known), total.lost)))

    def read(self, source: Source) -> DataSet:
        root = find_folder(source, MASKS)
        if root is None:
            root = find_folder(source, LABELS)
        if root is None:
            raise FormatError(f"This is no BDD100K data set: it has no folder {MASKS}.")
        found = read_labels(source, root, ("id", "category"))
        if found is not None and found.format == self.name:
            labels, ids = found.labels, lookup(found.values["id"], VOID)
        else:
            labels = tuple(Label(s.train_id, s.name, s.color, is_thing=s.is_thing) for s in TRAINED)
            ids = lookup({s.train_id: s.train_id for s in TRAINED}, VOID)
        listed = partial(entries, source, root, partial(_found, source, root))
        walked = _read_samples(source, listed(), ids)
        return DataSet(labels, walked, sum(1 for _ in listed()))


def _plan(labels: Sequence[Label], known: Mapping[int, int]) -> _Plan:
    """Give every label a train id, and things a category; own ones from 19 and from 9 on."""
    free = [*range(len(TRAINED), VOID), *range(len(TRAINED) - 1, -1, -1)]
    ids = give(labels, known, free)
    things = [label for label in labels if label.is_thing]
    numbers = [*range(max(_CATEGORIES.values()) + 1, 256), *range(8, 0, -1)]
    categories = dict.fromkeys(ids, 0) | give(things, match(things, _CATEGORIES), numbers)
    table = np.full(256, VOID, np.uint8)
    palette = bytearray(768)
    names: dict[int, str] = {}
    for label in labels:
        standard = TRAINED[known[label.index]] if label.index in known else None
        table[label.index] = number = ids[label.index]
        names[label.index] = standard.name if standard else label.name
        color = standard.color if standard else label.color
        palette[number * 3 : number * 3 + 3] = bytes.fromhex(color[1:])
    return _Plan(labels, ids, table, categories, names, bytes(palette))


def _encode(plan: _Plan, sample: Sample) -> Encoded:
    """Make the files of one sample."""
    split = split_of(sample)
    place = f"{split}/{sample.name}.png"
    mask = encode_gray(cast("Classes", cv2.LUT(sample.mask.classes, plan.table)))
    files = [(f"{MASKS}/{place}", mask), (f"{COLORS}/{place}", recolor(mask, plan.palette))]
    objects = find_objects(sample.mask, plan.labels)
    kept = all_or_none(objects)
    if kept is not None and objects.items:
        files.append((f"{BITMASKS}/{place}", _bitmask(plan, objects)))
    picture = None
    if sample.image is not None:
        picture = f"{PICTURES}/{split}/{sample.name}{sample.suffix}"
        files.insert(0, (picture, sample.image()))
    entry = Entry(sample.name, sample.split and split, f"{MASKS}/{place}", picture)
    lost = 0 if kept is not None else len(objects.items)
    return Encoded(entry, tuple(files), lost, _frame(plan, sample))


def _bitmask(plan: _Plan, objects: Segments) -> bytes:
    """Return category in red, attributes (none) in green, object in blue and alpha, high first."""
    values = [0] + [
        plan.categories[item.label.index] | item.id >> 8 << 16 | (item.id & 255) << 24
        for item in objects.items
    ]
    return encode_rgba(np.array(values, np.uint32).take(objects.ids))


def _frame(plan: _Plan, sample: Sample) -> bytes:
    """Return the sample as Scalabel has it, with an RLE for every label that it shows."""
    counts = np.bincount(sample.mask.classes.ravel(), minlength=256)
    present = [label for label in plan.labels if counts[label.index]]
    table = np.zeros(256, np.uint16)
    table[[label.index for label in present]] = np.arange(1, len(present) + 1)
    texts = encode_segments(table.take(sample.mask.classes), len(present))
    size = [sample.height, sample.width]
    labels = [
        {
            "id": str(number),
            "category": plan.names[label.index],
            "rle": {"counts": text, "size": size},
        }
        for number, (label, text) in enumerate(zip(present, texts, strict=True), 1)
    ]
    frame = {"name": f"{sample.name}{sample.suffix}", "labels": labels}
    return json.dumps(frame, separators=(",", ":")).encode()


def _notes(own_labels: Sequence[str], lost: int) -> Iterator[str]:
    if own_labels:
        yield (
            f"BDD100K has no label {few(own_labels)}: values from 19 on stand for "
            f"{'these' if len(own_labels) > 1 else 'it'}, named in {LABELS}."
        )
    if lost:
        yield (
            f"{lost} objects are in images that have more than the 65,534 that a bitmask numbers; "
            "these images have no bitmask."
        )


def _found(source: Source, root: str) -> Iterator[Entry]:
    """Yield the images that have a semantic mask, by their paths."""
    pictures = pictures_by_stem(source, f"{root}{PICTURES}/")
    folder = f"{root}{MASKS}/"
    for path in source.paths():
        if path.startswith(folder) and path.endswith(".png"):
            stem = path.removeprefix(folder).removesuffix(".png")
            name = stem.rpartition("/")[2]
            yield Entry(name, stem.partition("/")[0], path, pictures.get(stem))


def _read_samples(source: Source, listed: Iterator[Entry], ids: Lookup) -> Iterator[Sample]:
    for entry in listed:
        classes = read_indices(source, entry.mask, ids)
        instances = _instances(source, entry.mask.replace(MASKS, BITMASKS), classes.shape)
        yield sample_of(source, entry, Mask(classes, instances))


def _instances(source: Source, path: str, shape: tuple[int, ...]) -> Instances | None:
    """Return the objects of a bitmask, 1… in reading order."""
    if not source.has(path):
        return None
    rgba = decode_rgba(source.read(path), source.max_pixels).astype(np.int32)
    if rgba.shape[:2] != shape:
        raise FormatError(f"{path} is not of the size of its semantic mask.")
    category, number = rgba[:, :, 0], rgba[:, :, 2] << 8 | rgba[:, :, 3]
    return number_objects(category << 16 | number, category > 0)
