"""Small data sets to write and read."""

import io
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from maskwright.domain.labels import VOID, Label
from maskwright.domain.mask import Mask
from maskwright.formats import FORMATS
from maskwright.formats.archive import ZipSource
from maskwright.formats.base import ExportOptions, Sample, Written
from maskwright.formats.zip_sink import ZipSink

SKY = Label(0, "sky", "#4682b4")
CAR = Label(1, "car", "#0000ff", is_thing=True)
CAT = Label(7, "cat & dog", "#ff0000", is_thing=True)
LAST = Label(254, "last", "#00ff00")
LABELS = (SKY, CAR, CAT, LAST)


def picture(width: int = 8, height: int = 6, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), 90).save(out, kind)
    return out.getvalue()


def mask(rows: Sequence[Sequence[int]], instances: Sequence[Sequence[int]] | None = None) -> Mask:
    numbered = None if instances is None else np.array(instances, np.uint16)
    return Mask(np.array(rows, np.uint8), numbered)


def sample(name: str, pixels: Mask, image: Callable[[], bytes] | None = None, **more) -> Sample:
    made = partial(picture, pixels.width, pixels.height)
    return Sample(name, pixels, image or made, **more)


def write_zip(
    path: Path,
    format_name: str,
    samples: Iterable[Sample],
    labels: Sequence[Label] = LABELS,
    options: ExportOptions | None = None,
) -> Written:
    with path.open("wb") as file, ZipSink(file) as sink:
        return FORMATS[format_name].write(labels, samples, sink, options or ExportOptions())


def read_back(path: Path, format_name: str) -> list[Sample]:
    with ZipSource(path) as source:
        return list(FORMATS[format_name].read(source).samples)


def masks(labels: Sequence[Label] = LABELS) -> st.SearchStrategy[Mask]:
    """Masks of up to 12×12 pixels with or without an instance layer."""
    indices = st.sampled_from([VOID, *(label.index for label in labels)])
    sizes = npst.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)

    def of_size(size: tuple[int, ...]) -> st.SearchStrategy[Mask]:
        classes = npst.arrays(np.uint8, size, elements=indices)
        instances = npst.arrays(np.uint16, size, elements=st.sampled_from([0, 1, 2, 300, 65535]))
        return st.builds(Mask, classes, st.none() | instances)

    return sizes.flatmap(of_size)
