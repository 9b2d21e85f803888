import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from maskwright.formats import zip_sink
from maskwright.formats.archive import (
    ArchiveError,
    FolderSink,
    FolderSource,
    ZipSource,
)
from maskwright.formats.zip_sink import ZipSink


def write(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipSink(out) as sink:
        for path, data in files.items():
            sink.add(path, data)
    return out.getvalue()


def test_zipfile_reads_what_was_added():
    files = {"a.json": b'{"a": 1}' * 100, "ä/b.jpg": os.urandom(1000), "empty.txt": b""}
    with zipfile.ZipFile(io.BytesIO(write(files))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_streamed_files_are_packed_and_read():
    out = io.BytesIO()
    with ZipSink(out) as sink:
        sink.add_stream("big.json", (b"x" * 1000 for _ in range(1000)))
    with zipfile.ZipFile(out) as archive:
        assert archive.read("big.json") == b"x" * 1_000_000
    assert len(out.getvalue()) < 20_000


def test_pictures_are_stored_and_text_is_deflated():
    with zipfile.ZipFile(io.BytesIO(write({"a.PNG": b"0" * 99, "a.xml": b"0" * 99}))) as archive:
        kinds = [info.compress_type for info in archive.infolist()]
    assert kinds == [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]


def test_equal_content_gives_equal_bytes():
    files = {"a.txt": b"text", "b.jpg": b"picture"}
    assert write(files) == write(files)


def test_the_sums_are_those_of_the_file():
    out = io.BytesIO()
    with ZipSink(out) as sink:
        sink.add("a.txt", b"text")
    assert sink.bytes == len(out.getvalue())
    assert sink.sha256 == hashlib.sha256(out.getvalue()).hexdigest()


def test_more_than_65535_files_are_read():
    files = {f"{i}.txt": b"" for i in range(65_540)}
    with zipfile.ZipFile(io.BytesIO(write(files))) as archive:
        assert len(archive.namelist()) == 65_540


def test_beyond_four_gigabytes_zip64_takes_over(monkeypatch: pytest.MonkeyPatch):
    # With the limit at 1,000 bytes the same code writes what it writes at 4 GiB.
    monkeypatch.setattr(zip_sink, "_32_LIMIT", 1000)
    files = {"a.jpg": os.urandom(2000), "b.jpg": os.urandom(10), "c.txt": b"c" * 5000}
    with zipfile.ZipFile(io.BytesIO(write(files))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_pythons_own_tool_finds_no_fault(tmp_path: Path):
    path = tmp_path / "a.zip"
    path.write_bytes(write({"a/b.txt": b"text" * 100, "c.jpg": b"picture"}))
    command = [sys.executable, "-m", "zipfile", "-t", str(path)]
    assert "Done testing" in subprocess.run(command, capture_output=True, text=True).stdout


def test_files_can_be_read_by_anyone_once_unpacked():
    with zipfile.ZipFile(io.BytesIO(write({"a.txt": b""}))) as archive:
        assert archive.infolist()[0].external_attr >> 16 == 0o100644


def test_a_damaged_zip_is_refused(tmp_path: Path):
    path = tmp_path / "a.zip"
    path.write_bytes(write({"a.txt": b"text"})[:-5])
    with pytest.raises(ArchiveError, match=r"a\.zip cannot be read"):
        ZipSource(path)


def test_a_damaged_file_in_a_zip_is_refused(tmp_path: Path):
    path = tmp_path / "a.zip"
    path.write_bytes(write({"a.jpg": b"picture"}).replace(b"picture", b"pictore", 1))
    with ZipSource(path) as source, pytest.raises(ArchiveError, match="damaged"):
        source.read("a.jpg")


def test_a_folder_gives_back_what_was_written_to_it(tmp_path: Path):
    sink = FolderSink(tmp_path)
    sink.add("a/b.txt", b"text")
    sink.add_stream("c.json", iter([b"{", b"}"]))
    source = FolderSource(tmp_path)
    assert {path: source.read(path) for path in source.paths()} == {
        "a/b.txt": b"text",
        "c.json": b"{}",
    }


def test_a_path_out_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "set").mkdir()
    with pytest.raises(ArchiveError, match="outside"):
        FolderSource(tmp_path / "set").read("../secret.txt")
