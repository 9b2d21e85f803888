"""COCO panoptic: a PNG of segment ids for every image, and a JSON file that explains the ids."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from maskwright.domain.labels import VOID, Label
from maskwright.domain.mask import Mask
from maskwright.formats.archive import Sink, Source
from maskwright.formats.base import DataSet, ExportOptions, FormatError, Sample, Written
from maskwright.formats.coco_json import (
    Index,
    Json,
    RecordFile,
    SampleNames,
    categories,
    dump,
    find_json,
    image_path,
    index,
    labels_of,
    recognised,
)
from maskwright.formats.objects import (
    MAX_INSTANCES,
    Ids,
    Segment,
    Segments,
    all_or_none,
    find_segments,
)
from maskwright.formats.pipeline import in_order
from maskwright.formats.png import encode_ids
from maskwright.formats.png_decode import decode_colors

PANOPTIC, MASKS = "annotations/panoptic.json", "annotations/panoptic"


@dataclass(frozen=True)
class _Encoded:
    """`image` and `annotation` are JSON without their opening brace: the ids come before."""

    files: tuple[tuple[str, bytes], ...]
    image: str
    annotation: str


class CocoPanoptic:
    """Writes and reads COCO panoptic."""

    name = "coco-panoptic"
    title = "COCO panoptic"

    def lossless(self, options: ExportOptions) -> bool:
        return True

    def kept(self, labels: Sequence[Label], objects: Segments) -> Ids | None:
        return all_or_none(objects)

    def recognise(self, source: Source) -> str | None:
        return recognised(source, "panoptic")

    def write(
        self,
        labels: Sequence[Label],
        samples: Iterable[Sample],
        sink: Sink,
        options: ExportOptions,
    ) -> Written:
        count = 0
        with ExitStack() as stack:
            records = RecordFile(stack)
            work = partial(_encode, labels)
            for count, encoded in enumerate(in_order(work, samples, options.workers), 1):
                for path, data in encoded.files:
                    sink.add(path, data)
                records.add_image(f'{{"id":{count},{encoded.image}')
                records.add_annotation(f'{{"image_id":{count},{encoded.annotation}')
            sink.add_stream(PANOPTIC, records.chunks(categories(labels)))
        return Written(count)

    def read(self, source: Source) -> DataSet:
        path = find_json(source, "panoptic")
        stack = ExitStack()
        try:
            found = index(source, path, stack)
            labels, by_category = labels_of(found.categories)
        except BaseException:
            stack.close()
            raise
        walked = _read_samples(stack, source, path, found, by_category)
        return DataSet(labels, walked, found.count)


def _encode(labels: Sequence[Label], sample: Sample) -> _Encoded:
    """Make the files and records of one sample."""
    segments = find_segments(sample.mask, labels)
    file_name, mask_name = f"{sample.name}{sample.suffix}", f"{sample.name}.png"
    files = [(f"{MASKS}/{mask_name}", encode_ids(segments.ids))]
    if sample.image is not None:
        files.insert(0, (f"images/{file_name}", sample.image()))
    image = {"file_name": file_name, "width": sample.width, "height": sample.height}
    info = [_segment_info(item) for item in segments.items]
    annotation = {"file_name": mask_name, "segments_info": info}
    return _Encoded(tuple(files), dump(image)[1:], dump(annotation)[1:])


def _segment_info(item: Segment) -> Json:
    return {
        "id": item.id,
        "category_id": item.label.index + 1,
        "area": item.area,
        "bbox": list(item.box),
        "iscrowd": 0,
    }


def _read_samples(
    stack: ExitStack, source: Source, path: str, found: Index, by_category: dict[int, Label]
) -> Iterator[Sample]:
    folder = path.removesuffix(".json")
    root = path.rpartition("/")[0].rpartition("annotations")[0]
    names = SampleNames()
    with stack:
        for image, annotations in found.walk():
            try:
                file_name, annotation = str(image["file_name"]), annotations[0]
                png = source.read(f"{folder}/{annotation['file_name']}")
                ids = decode_colors(png, source.max_pixels)
                mask = _paint(ids, annotation["segments_info"], by_category)
            except (KeyError, IndexError, TypeError) as error:
                raise FormatError(f"Image {image.get('id')} in {path}: {error!r}") from error
            name, suffix = names.take(file_name)
            at = image_path(source, root, file_name)
            yield Sample(name, mask, partial(source.read, at) if at else None, suffix)


def _paint(
    ids: npt.NDArray[np.int32], segments: Sequence[Json], by_category: dict[int, Label]
) -> Mask:
    """Turn segment ids into label indices, and those of things into instances 1…"""
    labels = [by_category[one["category_id"]] for one in segments]
    classes = np.array([VOID, *(label.index for label in labels)], np.uint8)
    is_thing = np.array([False, *(label.is_thing for label in labels)])
    numbers = np.where(is_thing, np.cumsum(is_thing), 0)
    place = _places(ids, [int(one["id"]) for one in segments])
    has_instances = 0 < numbers.max(initial=0) <= MAX_INSTANCES
    instances = numbers.astype(np.uint16).take(place) if has_instances else None
    return Mask(classes.take(place), instances)


def _places(ids: npt.NDArray[np.int32], known: Sequence[int]) -> npt.NDArray[np.int32]:
    """Return the place of each id in `known`, counted from 1; id 0 is 0."""
    if not all(0 < one < 1 << 24 for one in known):
        raise FormatError("A segment's id is not one that the colors of a PNG can hold.")
    table = np.full(max(int(ids.max()), *known, 0) + 1, -1, np.int32)
    table[0] = 0
    table[known] = np.arange(1, len(known) + 1)
    places = table.take(ids)
    if places.min() < 0:
        raise FormatError("A panoptic PNG has an id that its segments_info does not name.")
    return places
