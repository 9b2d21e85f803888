"""Cityscapes: leftImg8bit and gtFine, in the layout and with the ids of cityscapesscripts."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from maskwright.domain.labels import Label
from maskwright.domain.mask import Classes, Instances, Mask
from maskwright.formats.archive import Sink, Source
from maskwright.formats.base import DataSet, ExportOptions, FormatError, Sample, Written
from maskwright.formats.cityscapes_labels import IGNORED, STANDARD, TRAINED, UNLABELED, values_of
from maskwright.formats.fills import Points, filled_outlines
from maskwright.formats.label_ids import few, own
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
    read_values,
    sample_of,
    split_of,
    write_samples,
)
from maskwright.formats.names import Names
from maskwright.formats.objects import Ids, Segments, find_segments, number_objects
from maskwright.formats.png import encode_gray, encode_gray16, recolor

PICTURES, TRUTH = "leftImg8bit", "gtFine"
CITY = "maskwright"
"""The city of pictures whose names are not of the form city_sequence_frame."""

_LONGEST = 70  # bytes of the middle part
_PER_LABEL = 1000  # an object is id * 1000 + n, n from 0 on
_MOST = 0xFFFF
_CORE = re.compile(r"([^_]+)_[^_]+_[^_]+")
_IDS, _TRAIN_IDS, _OBJECTS = "labelIds", "labelTrainIds", "instanceIds"


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is the same for all samples.

    `given`: index → id. `ids`, `train_ids`: (256,) value of every index. `names`: index → name in
    polygons.
    """

    labels: Sequence[Label]
    given: dict[int, int]
    ids: Classes
    train_ids: Classes
    names: dict[int, str]
    palette: bytes


class Cityscapes:
    """Writes and reads Cityscapes."""

    name = "cityscapes"
    title = "Cityscapes"

    def lossless(self, options: ExportOptions) -> bool:
        return True

    def kept(self, labels: Sequence[Label], objects: Segments) -> Ids | None:
        """Return the objects without those that id * 1000 + n in 16 bits has no number for."""
        numbers = _numbers([item.label for item in objects.items], values_of(labels).ids)
        kept = numbers >= _PER_LABEL
        places = np.where(kept, np.cumsum(kept), 0)
        return np.insert(places, 0, 0).astype(np.int32).take(objects.ids)

    def recognise(self, source: Source) -> str | None:
        for path in source.paths():
            if path.endswith((f"_{TRUTH}_{_IDS}.png", f"_{TRUTH}_{_TRAIN_IDS}.png")):
                return f"it has the mask {path}"
        return None

    def write(
        self,
        labels: Sequence[Label],
        samples: Iterable[Sample],
        sink: Sink,
        options: ExportOptions,
    ) -> Written:
        values = values_of(labels)
        plan = _plan(labels, values.ids, values.train_ids)
        columns = {"id": values.ids, "train_id": values.train_ids}
        void = {"id": UNLABELED, "train_id": IGNORED}
        sink.add(LABELS, labels_json(self.name, labels, columns, void))
        names = Names()
        named = ((_core(sample.name, names), sample) for sample in samples)
        total = write_samples(partial(_encode, plan), named, sink, options.workers)
        return Written(total.images, tuple(_notes(own(labels, values.known), total.lost)))

    def read(self, source: Source) -> DataSet:
        root = find_folder(source, TRUTH)
        if root is None:
            root = find_folder(source, LABELS)
        if root is None:
            raise FormatError(f"This is no Cityscapes data set: it has no folder {TRUTH}.")
        found = read_labels(source, root, ("id", "train_id"))
        if found is not None and found.format == self.name:
            labels, column = found.labels, lookup(found.values["id"], found.void["id"])
            train = lookup(found.values["train_id"], IGNORED)
        else:
            labels = tuple(Label(s.id, s.name, s.color, is_thing=s.is_thing) for s in STANDARD)
            column = lookup({s.id: s.id for s in STANDARD}, UNLABELED)
            train = lookup({s.id: s.train_id for s in TRAINED}, IGNORED)
        listed = partial(entries, source, root, partial(_found, source, root))
        walked = _read_samples(source, listed(), column, train)
        return DataSet(labels, walked, sum(1 for _ in listed()))


def _plan(labels: Sequence[Label], ids: dict[int, int], train_ids: dict[int, int]) -> _Plan:
    standard = {one.id: one for one in STANDARD}
    table = np.full(256, UNLABELED, np.uint8)
    trained = np.full(256, IGNORED, np.uint8)
    palette = bytearray(768)
    names: dict[int, str] = {}
    for label in labels:
        number = ids[label.index]
        table[label.index], trained[label.index] = number, train_ids[label.index]
        known = standard.get(number)
        is_known = known is not None and known.train_id == train_ids[label.index]
        names[label.index] = known.name if known and is_known else label.name
        color = known.color if known and is_known else label.color
        palette[number * 3 : number * 3 + 3] = bytes.fromhex(color[1:])
    return _Plan(labels, ids, table, trained, names, bytes(palette))


def _core(name: str, names: Names) -> str:
    """Return a name as cityscapesscripts takes it apart: city, sequence, frame."""
    if _CORE.fullmatch(name):
        return names.take(f"{name}.png")
    sequence = name.replace("_", "-").encode()[:_LONGEST].decode(errors="ignore")
    core = f"{CITY}_{sequence}_000000"
    return names.take(f"{core}.png")


def _encode(plan: _Plan, named: tuple[str, Sample]) -> Encoded:
    """Make the files of one sample."""
    core, sample = named
    split, city = split_of(sample), core.partition("_")[0]
    truth = f"{TRUTH}/{split}/{city}/{core}_{TRUTH}"
    segments = find_segments(sample.mask, plan.labels)
    numbers = _numbers([item.label for item in segments.items], plan.given)
    ids = encode_gray(cast("Classes", cv2.LUT(sample.mask.classes, plan.ids)))
    objects = np.insert(numbers, 0, UNLABELED).astype(np.uint16).take(segments.ids)
    files = [
        (f"{truth}_{_IDS}.png", ids),
        (f"{truth}_color.png", recolor(ids, plan.palette)),
        (f"{truth}_{_TRAIN_IDS}.png", encode_gray(cv2.LUT(sample.mask.classes, plan.train_ids))),  # pyright: ignore
        (f"{truth}_{_OBJECTS}.png", encode_gray16(objects)),
        (f"{truth}_polygons.json", _polygons(plan, sample, segments)),
    ]
    picture = None
    if sample.image is not None:
        picture = f"{PICTURES}/{split}/{city}/{core}_{PICTURES}{sample.suffix}"
        files.insert(0, (picture, sample.image()))
    is_thing = np.array([item.label.is_thing for item in segments.items], np.bool_)
    lost = int(np.count_nonzero(is_thing & (numbers < _PER_LABEL)))
    entry = Entry(sample.name, sample.split, f"{truth}_{_IDS}.png", picture)
    return Encoded(entry, tuple(files), lost)


def _numbers(labels: Sequence[Label], ids: dict[int, int]) -> npt.NDArray[np.int64]:
    """Return (N,) the value in instanceIds of objects of these labels, in their order.

    That is id * 1000 + n for a thing, and the id alone of all else. The id alone is also what a
    thing has that is the thousandth of its label, or whose number is beyond 16 bits.
    """
    numbers = np.array([ids[label.index] for label in labels], np.int64)
    is_thing = np.array([label.is_thing for label in labels], np.bool_)
    for number in np.unique(numbers[is_thing]):
        places = np.flatnonzero(is_thing & (numbers == number))
        room = max(0, min(_PER_LABEL, _MOST + 1 - int(number) * _PER_LABEL))
        numbers[places[:room]] = number * _PER_LABEL + np.arange(len(places[:room]))
    return numbers


def _polygons(plan: _Plan, sample: Sample, segments: Segments) -> bytes:
    named = ["unlabeled", *(plan.names[item.label.index] for item in segments.items)]
    names = [json.dumps(name) for name in named]
    objects = ",".join(
        f'{{"label":{names[place]},"polygon":[{_pairs(points)}]}}'
        for place, points in filled_outlines(segments)
    )
    return (
        f'{{"imgHeight":{sample.height},"imgWidth":{sample.width},"objects":[{objects}]}}'
    ).encode()


def _pairs(points: Points) -> str:
    """Return "[x,y],[x,y]": several times as fast as through lists of lists."""
    return ("[%d,%d]," * len(points) % tuple(points.ravel().tolist()))[:-1]


def _notes(own_labels: Sequence[str], lost: int) -> Iterator[str]:
    yield (
        "Pictures keep their bytes and their suffix. Readers that want "
        f"…_{PICTURES}.png only, such as Detectron2, need them converted."
    )
    if own_labels:
        yield (
            f"Cityscapes has no label {few(own_labels)}: ids from 34 on stand for "
            f"{'these' if len(own_labels) > 1 else 'it'}, named in {LABELS}. cityscapesscripts "
            "takes none but its own."
        )
    if lost:
        yield (
            f"{lost} object{'s have' if lost > 1 else ' has'} no number of their own in "
            "instanceIds, which holds 1000 of a label and ids up to 65: they have their label's id."
        )


def _found(source: Source, root: str) -> Iterator[Entry]:
    """Yield the images that have labelIds, or else labelTrainIds, by their paths."""
    pictures = pictures_by_stem(source, f"{root}{PICTURES}/", f"_{PICTURES}")
    ending = f"_{TRUTH}_{_IDS}.png"
    if not any(path.endswith(ending) for path in source.paths()):
        ending = f"_{TRUTH}_{_TRAIN_IDS}.png"
    folder = f"{root}{TRUTH}/"
    for path in source.paths():
        if path.startswith(folder) and path.endswith(ending):
            stem = path.removeprefix(folder).removesuffix(ending)
            name = stem.rpartition("/")[2]
            yield Entry(name, stem.partition("/")[0], path, pictures.get(stem))


def _read_samples(
    source: Source, listed: Iterator[Entry], ids: Lookup, train_ids: Lookup
) -> Iterator[Sample]:
    for entry in listed:
        has_ids = entry.mask.endswith(f"_{_IDS}.png")
        classes = read_indices(source, entry.mask, ids if has_ids else train_ids)
        objects = entry.mask.replace(f"_{_IDS}.png", f"_{_OBJECTS}.png")
        instances = _instances(source, objects, classes.shape) if has_ids else None
        yield sample_of(source, entry, Mask(classes, instances))


def _instances(source: Source, path: str, shape: tuple[int, ...]) -> Instances | None:
    """Return the numbered objects, 1… in reading order; 0 where only a label's id stands."""
    if not source.has(path):
        return None
    values = read_values(source, path)
    if values.shape != shape:
        raise FormatError(f"{path} is not of the size of its labels' mask.")
    return number_objects(values, values >= _PER_LABEL)
