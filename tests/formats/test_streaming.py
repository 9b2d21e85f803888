"""What holds for every format: equal bytes, order, and memory that does not grow."""

import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from formats.samples import LABELS, read_back, sample, write_zip
from maskwright.domain.mask import Mask
from maskwright.formats import FORMATS
from maskwright.formats.archive import ZipSource
from maskwright.formats.base import ExportOptions, Sample
from maskwright.formats.pipeline import in_order

each_format = pytest.mark.parametrize("name", list(FORMATS))


def many(count: int) -> Iterator[Sample]:
    """Samples of 64 kB a picture and as much a mask, made when their turn comes."""
    for i in range(count):
        classes = np.full((256, 256), i % 2, np.uint8)
        classes[10 + i % 50 : 90, 20:200] = 7
        yield sample(f"sample-{i:05}", Mask(classes), lambda: bytes(1 << 16))


def peak(path: Path, name: str, count: int) -> int:
    tracemalloc.start()
    try:
        write_zip(path, name, many(count))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@each_format
def test_memory_does_not_grow_with_the_number_of_samples(name, tmp_path):
    few, more = (peak(tmp_path / "a.zip", name, count) for count in (40, 400))
    assert more < few + (1 << 20), f"{few} bytes for 40 samples, {more} for 400"


@each_format
def test_reading_does_not_keep_samples_in_memory(name, tmp_path):
    def peak_of_reading(count: int) -> int:
        write_zip(tmp_path / "a.zip", name, many(count))
        tracemalloc.start()
        try:
            with ZipSource(tmp_path / "a.zip") as source:
                assert sum(1 for _ in FORMATS[name].read(source).samples) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, more = peak_of_reading(40), peak_of_reading(400)
    # The directory of the zip is kept, a kilobyte for a file, and what a format notes of a sample.
    files = len(zipfile.ZipFile(tmp_path / "a.zip").namelist())
    assert more < few + max(360 * 4096, files * 1024)


@each_format
def test_equal_data_gives_equal_bytes(name, tmp_path):
    for copy, workers in (("a", 1), ("b", 3)):
        options = ExportOptions(workers=workers)
        write_zip(tmp_path / f"{copy}.zip", name, many(20), options=options)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@each_format
def test_samples_are_read_in_the_order_they_were_written(name, tmp_path):
    write_zip(tmp_path / "a.zip", name, many(30), LABELS)
    assert [one.name for one in read_back(tmp_path / "a.zip", name)] == [
        one.name for one in many(30)
    ]


def test_an_error_in_a_sample_ends_the_export(tmp_path):
    def broken() -> Iterator[Sample]:
        yield from many(3)
        raise OSError("the store is gone")

    with pytest.raises(OSError, match="the store is gone"):
        write_zip(tmp_path / "a.zip", "voc", broken())


def test_work_is_handed_on_in_order_and_not_far_ahead():
    taken: list[int] = []

    def items() -> Iterator[int]:
        for i in range(100):
            taken.append(i)
            yield i

    results = in_order(lambda i: i * i, items(), workers=2)
    assert [next(results) for _ in range(3)] == [0, 1, 4]
    assert len(taken) <= 7
