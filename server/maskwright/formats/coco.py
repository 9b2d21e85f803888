"""COCO instances: complete to the pixel, since labels that are no thing are annotated as well."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import cast

import cv2
import numpy as np

from maskwright.domain.labels import VOID, Label
from maskwright.domain.mask import Classes, Instances, Mask
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
from maskwright.formats.outlines import outlines
from maskwright.formats.pipeline import in_order
from maskwright.formats.png_decode import check_pixels
from maskwright.formats.rle import (
    check_size,
    decode_runs,
    decode_segmentation,
    encode_segments,
)
from maskwright.formats.runs import Raster

INSTANCES, STUFF = "annotations/instances.json", "annotations/stuff.json"


Painter = Callable[[Ids | Classes], Raster]
"""Paints an image: `values[i]` where annotation i, counted from 1, is; `values[0]` elsewhere."""


@dataclass(frozen=True)
class _Encoded:
    """`image` and `annotations` are JSON without their opening brace: the ids come before."""

    path: str
    picture: bytes | None
    image: str
    annotations: tuple[tuple[bool, str], ...]
    holes: int


class Coco:
    """Writes and reads COCO instances."""

    name = "coco"
    title = "COCO instances"

    def lossless(self, options: ExportOptions) -> bool:
        return True

    def kept(self, labels: Sequence[Label], objects: Segments) -> Ids | None:
        return all_or_none(objects)

    def recognise(self, source: Source) -> str | None:
        return recognised(source, "instances", "stuff", "")

    def write(
        self,
        labels: Sequence[Label],
        samples: Iterable[Sample],
        sink: Sink,
        options: ExportOptions,
    ) -> Written:
        count = annotation = holes = 0
        with ExitStack() as stack:
            instances, stuff = RecordFile(stack), RecordFile(stack)
            work = partial(_encode, labels, options)
            for count, encoded in enumerate(in_order(work, samples, options.workers), 1):
                if encoded.picture is not None:
                    sink.add(encoded.path, encoded.picture)
                image = f'{{"id":{count},{encoded.image}'
                instances.add_image(image)
                stuff.add_image(image)
                for is_thing, record in encoded.annotations:
                    annotation += 1
                    line = f'{{"id":{annotation},"image_id":{count},{record}'
                    instances.add_annotation(line)
                    if not is_thing:
                        stuff.add_annotation(line)
                holes += encoded.holes
            found = categories(labels)
            sink.add_stream(INSTANCES, instances.chunks(found))
            stuff_only = [category for category in found if not category["isthing"]]
            sink.add_stream(STUFF, stuff.chunks(stuff_only))
        return Written(count, tuple(_notes(holes)))

    def read(self, source: Source) -> DataSet:
        path = find_json(source, "instances", "stuff", "")
        stack = ExitStack()
        try:
            found = index(source, path, stack)
            labels, by_category = labels_of(found.categories)
        except BaseException:
            stack.close()
            raise
        walked = _read_samples(stack, source, path, found, by_category)
        return DataSet(labels, walked, found.count)


def _encode(labels: Sequence[Label], options: ExportOptions, sample: Sample) -> _Encoded:
    """Make the records of one sample."""
    segments = find_segments(sample.mask, labels)
    file_name = f"{sample.name}{sample.suffix}"
    image = {"file_name": file_name, "width": sample.width, "height": sample.height}
    pixels = _polygons(segments) if options.segmentation == "polygons" else _rle(segments)
    annotations = tuple(
        (item.label.is_thing, dump(_annotation(item, segmentation))[1:])
        for item, segmentation in zip(segments.items, pixels, strict=True)
    )
    with_hole = sum('"counts":' in record for _, record in annotations)
    holes = with_hole if options.segmentation == "polygons" else 0
    picture = sample.image() if sample.image is not None else None
    return _Encoded(f"images/{file_name}", picture, dump(image)[1:], annotations, holes)


def _annotation(item: Segment, segmentation: object) -> Json:
    return {
        "category_id": item.label.index + 1,
        "segmentation": segmentation,
        "area": item.area,
        "bbox": list(item.box),
        "iscrowd": 0,
    }


def _rle(segments: Segments) -> list[object]:
    size = list(segments.ids.shape)
    counts = encode_segments(segments.ids, len(segments.items))
    return [{"size": size, "counts": one} for one in counts]


def _polygons(segments: Segments) -> Iterator[object]:
    """Yield polygons, or RLE for what has a hole."""
    exact = _rle(segments)
    for item, rle in zip(segments.items, exact, strict=True):
        x, y, width, height = item.box
        pixels = segments.ids[y : y + height, x : x + width] == item.id
        yield outlines(pixels, x, y) or rle


def _notes(holes: int) -> Iterator[str]:
    if holes:
        yield (
            f"{holes} annotation{'s have' if holes > 1 else ' has'} a hole, which COCO polygons "
            "cannot say, and so RLE in place of polygons."
        )


def _read_samples(
    stack: ExitStack, source: Source, path: str, found: Index, by_category: dict[int, Label]
) -> Iterator[Sample]:
    root = path.rpartition("/")[0].rpartition("annotations")[0]
    names = SampleNames()
    with stack:
        for image, annotations in found.walk():
            try:
                file_name = str(image["file_name"])
                check_pixels(int(image["width"]), int(image["height"]), source.max_pixels)
                mask = _paint(int(image["height"]), int(image["width"]), annotations, by_category)
            except (KeyError, TypeError, ValueError) as error:
                raise FormatError(f"Image {image.get('id')} in {path}: {error!r}") from error
            name, suffix = names.take(file_name)
            at = image_path(source, root, file_name)
            yield Sample(name, mask, partial(source.read, at) if at else None, suffix)


def _paint(
    height: int, width: int, annotations: Sequence[Json], by_category: dict[int, Label]
) -> Mask:
    """Paint the annotations of an image into a mask; things are instances in their order."""
    labels = [by_category[annotation["category_id"]] for annotation in annotations]
    is_thing = np.array([label.is_thing for label in labels], np.bool_)
    order = np.where(is_thing, np.cumsum(is_thing), 0)
    things = int(order.max(initial=0))
    numbers = order.astype(np.uint16) if things <= MAX_INSTANCES else None
    indices = np.array([label.index for label in labels], np.uint8)
    paint = _runs_painter(height, width, annotations) or _painter(height, width, annotations)
    classes = cast("Classes", paint(np.insert(indices, 0, VOID)))
    if numbers is None or not things:
        return Mask(classes)
    return Mask(classes, cast("Instances", paint(np.insert(numbers, 0, 0))))


def _runs_painter(height: int, width: int, annotations: Sequence[Json]) -> Painter | None:
    """Return a painter of all at once, if all are compressed RLE and none overlaps another."""
    counts: list[str] = []
    for annotation in annotations:
        rle = annotation["segmentation"]
        if not isinstance(rle, dict) or not isinstance(rle["counts"], str):  # pyright: ignore
            return None
        check_size(rle["size"], height, width)  # pyright: ignore[reportUnknownArgumentType]
        counts.append(rle["counts"])
    starts, ends, of = decode_runs(counts, height * width)
    order = np.argsort(starts, kind="stable")
    starts, ends, of = starts[order], ends[order], of[order]
    if (starts[1:] < ends[:-1]).any():
        return None
    lengths = np.diff(np.stack((starts, ends), axis=1).ravel(), prepend=0, append=height * width)
    places = np.zeros(len(lengths), np.int64)
    places[1::2] = of + 1

    def paint(values: Ids | Classes) -> Raster:
        columns = np.repeat(values[places], lengths).reshape(width, height)
        return cast("Raster", cv2.transpose(columns))

    return paint


def _painter(height: int, width: int, annotations: Sequence[Json]) -> Painter:
    """Return a painter of any annotations, the largest first so that what it encloses stays."""
    places = np.zeros((width, height), np.int32).T  # columns first, as pycocotools has it
    areas = [-float(annotation.get("area", 0)) for annotation in annotations]
    for place in np.argsort(areas, kind="stable"):
        annotation = annotations[int(place)]
        pixels = decode_segmentation(annotation["segmentation"], height, width)
        np.copyto(places, place + 1, where=pixels)
    rows = np.ascontiguousarray(places)
    return lambda values: values[rows]
