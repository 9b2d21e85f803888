"""Pascal VOC 2012, as VOCdevkit lays it out, with CVAT's labelmap.txt beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from xml.sax.saxutils import escape

import numpy as np

from maskwright.domain.labels import VOID, Label
from maskwright.domain.mask import Classes, Instances, Mask
from maskwright.formats.archive import Sink, Source, Spool
from maskwright.formats.base import DataSet, ExportOptions, FormatError, Sample, Written
from maskwright.formats.colors import indices_of
from maskwright.formats.objects import MAX_INSTANCES, Ids, Segments, all_or_none, find_objects
from maskwright.formats.pictures import JPEG_SUFFIXES, to_jpeg
from maskwright.formats.pipeline import in_order
from maskwright.formats.png import encode_gray16, encode_palette
from maskwright.formats.png_decode import decode_colors, decode_indices
from maskwright.formats.voc_labels import (
    COLORS,
    LABELMAP,
    LABELS,
    PALETTE,
    color_code,
    labelmap_txt,
    labels_txt,
    read_labels,
)

IMAGES, CLASSES, OBJECTS = "JPEGImages", "SegmentationClass", "SegmentationObject"
SETS, ANNOTATIONS = "ImageSets/Segmentation", "Annotations"
_VOID16 = 0xFFFF


@dataclass(frozen=True)
class _Encoded:
    name: str
    files: tuple[tuple[str, bytes], ...]
    split: str
    recoded: bool
    objects: int


class Voc:
    """Writes and reads Pascal VOC."""

    name = "voc"
    title = "Pascal VOC"

    def lossless(self, options: ExportOptions) -> bool:
        return True

    def kept(self, labels: Sequence[Label], objects: Segments) -> Ids | None:
        return all_or_none(objects)

    def recognise(self, source: Source) -> str | None:
        try:
            return f"it has the folder {_find_root(source)}{CLASSES}"
        except FormatError:
            return None

    def write(
        self,
        labels: Sequence[Label],
        samples: Iterable[Sample],
        sink: Sink,
        options: ExportOptions,
    ) -> Written:
        sink.add(LABELS, labels_txt(labels).encode())
        sink.add(LABELMAP, labelmap_txt(labels).encode())
        count = recoded = 0
        crowded: list[str] = []
        with ExitStack() as stack:
            sets = {name: stack.enter_context(Spool()) for name in ("train", "val", "trainval")}
            work = partial(_encode, labels, options)
            for encoded in in_order(work, samples, options.workers):
                for path, data in encoded.files:
                    sink.add(path, data)
                line = f"{encoded.name}\n".encode()
                sets[encoded.split].write(line)
                if encoded.split != "trainval":
                    sets["trainval"].write(line)
                count += 1
                recoded += encoded.recoded
                if encoded.objects >= VOID:
                    crowded.append(encoded.name)
            for name, spool in sets.items():
                sink.add_stream(f"{SETS}/{name}.txt", spool.chunks())
        return Written(count, tuple(_notes(recoded, options, crowded)))

    def read(self, source: Source) -> DataSet:
        root = _find_root(source)
        labels, colors = read_labels(source, root)
        count = sum(1 for _ in _names(source, root))
        return DataSet(labels, _read_samples(source, root, colors), count)


def _encode(labels: Sequence[Label], options: ExportOptions, sample: Sample) -> _Encoded:
    """Make the files of one sample."""
    objects = find_objects(sample.mask, labels)
    recoded = sample.image is not None and sample.suffix.lower() not in JPEG_SUFFIXES
    files: list[tuple[str, bytes]] = []
    if sample.image is not None:
        picture = _jpeg(sample, options) if recoded else sample.image()
        files.append((f"{IMAGES}/{sample.name}.jpg", picture))
    classes = sample.mask.classes
    files.append((f"{CLASSES}/{sample.name}.png", encode_palette(classes, PALETTE)))
    if len(objects.items) <= MAX_INSTANCES:
        files.append((f"{OBJECTS}/{sample.name}.png", _objects_png(objects, classes)))
    files.append((f"{ANNOTATIONS}/{sample.name}.xml", _annotation(sample, objects).encode()))
    split = sample.split if sample.split in ("train", "val", "trainval") else "train"
    return _Encoded(sample.name, tuple(files), split, recoded, len(objects.items))


def _jpeg(sample: Sample, options: ExportOptions) -> bytes:
    picture = sample.display or sample.image
    assert picture is not None
    return to_jpeg(picture(), options.jpeg_quality)


def _objects_png(objects: Segments, classes: Classes) -> bytes:
    """Return ids 1… with void as 255; with 16 bits and void as 65535 if 254 are too few."""
    wide = len(objects.items) >= VOID
    ids = objects.ids.astype(np.uint16 if wide else np.uint8)
    np.copyto(ids, _VOID16 if wide else VOID, where=classes == VOID)
    return encode_gray16(ids) if wide else encode_palette(ids, PALETTE)  # pyright: ignore


def _annotation(sample: Sample, objects: Segments) -> str:
    things = "".join(
        f"<object><name>{escape(item.label.name)}</name><pose>Unspecified</pose>"
        "<truncated>0</truncated><difficult>0</difficult><bndbox>"
        # VOC counts pixels from 1 and includes the last.
        f"<xmin>{item.box[0] + 1}</xmin><ymin>{item.box[1] + 1}</ymin>"
        f"<xmax>{item.box[0] + item.box[2]}</xmax><ymax>{item.box[1] + item.box[3]}</ymax>"
        "</bndbox></object>\n"
        for item in objects.items
    )
    return (
        f"<annotation>\n<folder>VOC</folder><filename>{sample.name}.jpg</filename>\n"
        f"<size><width>{sample.width}</width><height>{sample.height}</height>"
        f"<depth>3</depth></size>\n<segmented>1</segmented>\n{things}</annotation>\n"
    )


def _notes(recoded: int, options: ExportOptions, crowded: Sequence[str]) -> Iterator[str]:
    if recoded:
        yield (
            f"{recoded} image{'s are' if recoded > 1 else ' is'} not JPEG and recoded once, at "
            f"quality {options.jpeg_quality}, because readers of VOC open .jpg only."
        )
    if crowded:
        more = f" and {len(crowded) - 3} more" if len(crowded) > 3 else ""
        yield (
            f"More objects than the 254 that a palette holds: {', '.join(crowded[:3])}{more}. "
            "Their SegmentationObject is a 16-bit gray PNG with void as 65535, and left out "
            "beyond 65,534 objects."
        )


def _find_root(source: Source) -> str:
    """Return the path, with a slash at its end, of the folder that holds SegmentationClass."""
    for path in source.paths():
        before, found, _ = f"/{path}".partition(f"/{CLASSES}/")
        if found:
            return f"{before[1:]}/" if before else ""
    raise FormatError("This is no VOC data set: it has no folder SegmentationClass.")


def _read_samples(source: Source, root: str, colors: Mapping[int, int]) -> Iterator[Sample]:
    for name, split in _names(source, root):
        classes = _read_classes(source, root, name, colors)
        objects = f"{root}{OBJECTS}/{name}.png"
        instances = None
        if source.has(objects):
            instances = _read_instances(source.read(objects), source.max_pixels)
        image = f"{root}{IMAGES}/{name}.jpg"
        yield Sample(
            name,
            Mask(classes, instances),
            partial(source.read, image) if source.has(image) else None,
            ".jpg",
            split,
        )


def _names(source: Source, root: str) -> Iterator[tuple[str, str | None]]:
    """Yield (name, split) by the ImageSets, or of every mask if there are none."""
    listed = False
    for split in ("train", "val", "trainval"):
        path = f"{root}{SETS}/{split}.txt"
        if not source.has(path) or (split == "trainval" and listed):
            continue
        for line in source.read(path).decode("utf-8-sig").splitlines():
            if line.strip():
                listed = True
                yield line.strip(), None if split == "trainval" else split
    if not listed:
        for path in source.paths():
            if path.startswith(f"{root}{CLASSES}/") and path.endswith(".png"):
                yield PurePosixPath(path).stem, None


def _read_classes(source: Source, root: str, name: str, colors: Mapping[int, int]) -> Classes:
    """Read label indices: as they are from palette and gray, by label color from RGB."""
    png = source.read(f"{root}{CLASSES}/{name}.png")
    indices = decode_indices(png, source.max_pixels)
    if indices is not None and indices.dtype == np.uint8:
        return indices  # pyright: ignore[reportReturnType]
    if indices is not None:
        raise FormatError(f"{CLASSES}/{name}.png has 16 bits; label indices have 8.")
    coded = decode_colors(png, source.max_pixels)
    return indices_of(coded, colors, f"{CLASSES}/{name}.png", LABELMAP)


def _read_instances(png: bytes, max_pixels: int) -> Instances | None:
    """Read object ids 1…, 0 where there is none or void. Colored objects are told by color."""
    ids = decode_indices(png, max_pixels)
    if ids is None:
        colors = decode_colors(png, max_pixels)
        objects, numbers = np.unique(colors, return_inverse=True)
        ids = np.arange(1, len(objects) + 1, dtype=np.uint16)
        ids[np.isin(objects, (0, color_code(COLORS[VOID])))] = 0
        return ids[numbers].reshape(colors.shape)
    instances = ids.astype(np.uint16)
    instances[ids == np.iinfo(ids.dtype).max] = 0
    return instances
