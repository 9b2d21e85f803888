"""Writes zip files.

The writer is our own because what is wanted of it is narrow: nothing is sought back to, the
directory of files waits on disk and not in memory, and equal content gives equal bytes.
"""

import hashlib
import struct
from collections.abc import Iterable
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

from maskwright.formats.deflate import crc32, pack_raw, raw_packer

# Compressed already, so that deflating them again would cost time for nothing.
_STORED = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".zip"}
_CHUNK = 1 << 20

_STORE, _DEFLATE = 0, 8
_UTF8 = 0x800
_VERSION = 45  # of the zip format: 4.5 brought zip64
_UNIX = 3
_MODE = 0o100644 << 16
_DATE = 1 << 5 | 1  # 1980-01-01, the first that zip knows; the time is midnight
_32 = 0xFFFFFFFF  # stands where the real number is in the zip64 field
_32_LIMIT = _32


class ZipSink:
    """Writes a zip front to back, in constant memory. Use as a context manager."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._directory = TemporaryFile()  # noqa: SIM115 (closed on exit)
        self.bytes = 0
        self.files = 0

    @property
    def sha256(self) -> str:
        """Of all that was written so far, in hexadecimal."""
        return self._hash.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._directory:
            if kind is None:
                self._finish()

    def add(self, path: str, data: bytes) -> None:
        """Add a file that is in memory."""
        crc = crc32(data)
        if PurePosixPath(path).suffix.lower() in _STORED:
            self._header(path, _STORE, crc, len(data), len(data))
            self._write(data)
        else:
            packed = pack_raw(data)
            self._header(path, _DEFLATE, crc, len(packed), len(data))
            self._write(packed)

    def add_stream(self, path: str, chunks: Iterable[bytes]) -> None:
        """Add a file that may be larger than memory: it is packed on disk first."""
        packer = raw_packer()
        crc = size = 0
        with TemporaryFile() as packed:
            for chunk in chunks:
                crc = crc32(chunk, crc)
                size += len(chunk)
                packed.write(packer.compress(chunk))
            packed.write(packer.flush())
            packed_size = packed.tell()
            packed.seek(0)
            self._header(path, _DEFLATE, crc, packed_size, size)
            self._copy(packed)

    def _header(self, path: str, method: int, crc: int, packed: int, size: int) -> None:
        name = path.encode()
        common = struct.pack("<5HI", _VERSION, _UTF8, method, 0, _DATE, crc)
        large = packed >= _32_LIMIT or size >= _32_LIMIT
        extra = struct.pack("<HHQQ", 1, 16, size, packed) if large else b""
        sizes = struct.pack("<2I", _32, _32) if large else struct.pack("<2I", packed, size)
        lengths = struct.pack("<2H", len(name), len(extra))
        entry_extra = b""
        offset = self.bytes
        if large or offset >= _32_LIMIT:
            entry_extra = struct.pack("<HHQQQ", 1, 24, size, packed, offset)
            sizes_entry, offset = struct.pack("<2I", _32, _32), _32
        else:
            sizes_entry = sizes
        self._directory.write(
            struct.pack("<4sBB", b"PK\1\2", _VERSION, _UNIX)
            + common
            + sizes_entry
            + struct.pack("<5H2I", len(name), len(entry_extra), 0, 0, 0, _MODE, offset)
            + name
            + entry_extra
        )
        self._write(b"PK\3\4" + common + sizes + lengths + name + extra)
        self.files += 1

    def _finish(self) -> None:
        start, size = self.bytes, self._directory.tell()
        self._directory.seek(0)
        self._copy(self._directory)
        if start >= _32_LIMIT or size >= _32_LIMIT or self.files >= 0xFFFF:
            self._write(
                struct.pack(
                    "<4sQ2H2I4Q", b"PK\6\6", 44, _VERSION, _VERSION, 0, 0,
                    self.files, self.files, size, start,
                )
                + struct.pack("<4sIQI", b"PK\6\7", 0, start + size, 1)
            )  # fmt: skip
        files = min(self.files, 0xFFFF)
        self._write(
            struct.pack(
                "<4s4H2IH", b"PK\5\6", 0, 0, files, files, min(size, _32), min(start, _32), 0
            )
        )

    def _copy(self, file: IO[bytes]) -> None:
        while chunk := file.read(_CHUNK):
            self._write(chunk)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.bytes += len(data)
