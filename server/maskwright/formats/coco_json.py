"""The parts of COCO's JSON files that its formats share."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from maskwright.domain.labels import VOID, Label
from maskwright.formats.archive import ArchiveError, Source, Spool
from maskwright.formats.base import FormatError
from maskwright.formats.json_stream import JsonError, elements, load
from maskwright.formats.names import Names
from maskwright.formats.voc_labels import COLORS, by_index

Json = dict[str, Any]
_CHUNK = 1 << 20
_BEGINNING = 1 << 16
_MAX_JSON = 8 << 30


def dump(record: Mapping[str, object]) -> str:
    """Return a record as compact JSON."""
    return json.dumps(record, separators=(",", ":"))


def categories(labels: Sequence[Label]) -> list[Json]:
    """Return COCO's categories. Their ids begin at 1, so it is the label's index + 1."""
    return [
        {
            "id": label.index + 1,
            "name": label.name,
            "supercategory": "thing" if label.is_thing else "stuff",
            "isthing": int(label.is_thing),
            "color": list(label.rgb),
        }
        for label in by_index(labels)
    ]


def labels_of(found: Sequence[Json]) -> tuple[tuple[Label, ...], dict[int, Label]]:
    """Return the labels of COCO categories, and the label of each category id.

    A category's index is its id - 1 where all ids allow it, else its place in the order of ids.
    """
    try:
        ids = sorted({int(category["id"]) for category in found})
        fits = all(1 <= number <= VOID for number in ids)
        if len(ids) > VOID:
            raise FormatError(
                f"The data set has {len(ids)} categories; at most {VOID} are possible."
            )
        labels = {
            int(category["id"]): _label(category, int(category["id"]) - 1 if fits else place)
            for place, category in enumerate(sorted(found, key=lambda one: int(one["id"])))
        }
    except (KeyError, TypeError) as error:
        raise FormatError("A category of the data set has no id or no name.") from error
    return tuple(labels.values()), labels


def _label(category: Json, index: int) -> Label:
    red, green, blue = category.get("color") or COLORS[index + 1]
    is_thing = category.get("isthing", category.get("supercategory") != "stuff")
    color = f"#{red:02x}{green:02x}{blue:02x}"
    return Label(index, str(category["name"]), color, is_thing=bool(is_thing))


class RecordFile:
    """Collects a COCO file: images and annotations arrive together but stand in two arrays."""

    def __init__(self, stack: ExitStack) -> None:
        self._images = stack.enter_context(Spool())
        self._annotations = stack.enter_context(Spool())

    def add_image(self, record: str) -> None:
        _append(self._images, record)

    def add_annotation(self, record: str) -> None:
        _append(self._annotations, record)

    def chunks(self, found: Sequence[Json]) -> Iterator[bytes]:
        """Yield the file's bytes, one record a line."""
        yield b'{"info":{"description":"Exported by Maskwright","version":"1.0"},"licenses":[],\n'
        yield f'"categories":{json.dumps(found)},\n"images":[\n'.encode()
        yield from self._images.chunks()
        yield b'\n],\n"annotations":[\n'
        yield from self._annotations.chunks()
        yield b"\n]}\n"


def _append(spool: Spool, record: str) -> None:
    spool.write((record if spool.empty else f",\n{record}").encode())


@dataclass(frozen=True, eq=False)
class Index:
    """Where the records of a COCO file are, so that each is read only when its image is due.

    `images`: start and end of each image's record in turn. `annotations`: those of each image's
    annotations, by image id.
    """

    file: IO[bytes]
    categories: list[Json]
    images: array[int]
    annotations: Mapping[int, array[int]]

    @property
    def count(self) -> int:
        return len(self.images) // 2

    def walk(self) -> Iterator[tuple[Json, list[Json]]]:
        """Yield every image with its annotations."""
        none = array("q")
        for image in self._records(self.images):
            yield image, list(self._records(self.annotations.get(image["id"], none)))

    def _records(self, bounds: array[int]) -> Iterator[Json]:
        for start, end in zip(bounds[0::2], bounds[1::2], strict=True):
            yield load(self.file, start, end)


def index(source: Source, path: str, stack: ExitStack) -> Index:
    """Find all records of a COCO file, which is first put on disk if it lies in a zip."""
    file = stack.enter_context(TemporaryFile())  # noqa: SIM115 (closed by the stack)
    with source.open(path) as packed:
        while chunk := packed.read(_CHUNK):
            if file.tell() > _MAX_JSON:
                raise FormatError(f"{path} is larger than {_MAX_JSON >> 30} GiB.")
            file.write(chunk)
    file.seek(0)
    images = array("q")
    annotations: dict[int, array[int]] = {}
    places: list[tuple[int, int]] = []
    try:
        for element in elements(file):
            if element.key == "images":
                images.extend((element.start, element.end))
            elif element.key == "annotations":
                bounds = annotations.setdefault(element.value["image_id"], array("q"))
                bounds.extend((element.start, element.end))
            elif element.key == "categories":
                places.append((element.start, element.end))
        found = [load(file, *place) for place in places]
    except (JsonError, KeyError, TypeError) as error:
        raise FormatError(f"{path} is no COCO file: {error}") from error
    return Index(file, found, images, annotations)


def find_json(source: Source, *wanted: str) -> str:
    """Return the path of the first file whose name begins with one of `wanted`, in that order."""
    paths = sorted(path for path in source.paths() if path.endswith(".json"))
    for beginning in wanted:
        for path in paths:
            if path.rpartition("/")[2].startswith(beginning):
                return path
    raise FormatError(f"This is no COCO data set: it has no file {wanted[0]}….json.")


def recognised(source: Source, *wanted: str) -> str | None:
    """Say by which file a source is known to be a COCO data set."""
    try:
        path = find_json(source, *wanted)
        with source.open(path) as file:
            beginning = file.read(_BEGINNING)
    except (FormatError, ArchiveError):
        return None
    if not any(key in beginning for key in (b'"categories"', b'"annotations"', b'"images"')):
        return None
    return f"{path} begins like a COCO file"


def image_path(source: Source, root: str, file_name: str) -> str | None:
    """Return where an image lies: in `images`, beside the annotations' folder, or as it says."""
    for folder in (f"{root}images/", root):
        if source.has(folder + file_name):
            return folder + file_name
    return None


class SampleNames:
    """Names for the images of a COCO file, by their file names."""

    def __init__(self) -> None:
        self._names = Names()

    def take(self, file_name: str) -> tuple[str, str]:
        """Return name and suffix."""
        stem, dot, suffix = file_name.rpartition(".")
        return self._names.take(file_name), f".{suffix.lower()}" if dot and stem else ""
