"""Where data sets are written to and read from: folders, zip files, and what both share."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Protocol, Self

_CHUNK = 1 << 20
_MAX_MEMBER_BYTES = 1 << 29
MAX_PIXELS = 100_000_000
"""Of one mask, where the source is a stranger's: as many as the server takes by default."""


class ArchiveError(ValueError):
    """A zip or folder that cannot be read; the message says why."""


# What zipfile raises on a damaged or foreign file, besides OSError.
_DAMAGE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error)


class Sink(Protocol):
    """Where a format writes its files, one after the other."""

    def add(self, path: str, data: bytes) -> None: ...
    def add_stream(self, path: str, chunks: Iterable[bytes]) -> None: ...


class Source(Protocol):
    """Where a format reads its files, in any order. No mask may have more than `max_pixels`."""

    @property
    def max_pixels(self) -> int: ...
    def paths(self) -> Iterator[str]: ...
    def has(self, path: str) -> bool: ...
    def read(self, path: str) -> bytes: ...
    def open(self, path: str) -> IO[bytes]: ...


class FolderSink:
    """Writes a data set as plain files under a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def add(self, path: str, data: bytes) -> None:
        self._place(path).write_bytes(data)

    def add_stream(self, path: str, chunks: Iterable[bytes]) -> None:
        with self._place(path).open("wb") as file:
            file.writelines(chunks)

    def _place(self, path: str) -> Path:
        place = (self._folder / path).resolve()
        if not place.is_relative_to(self._folder):
            raise ArchiveError(f"{path} lies outside the data set.")
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


class ZipSource:
    """Reads a zip in place: nothing is unpacked to disk, so no path can lead out of it."""

    def __init__(self, path: Path, max_pixels: int = MAX_PIXELS) -> None:
        self.max_pixels = max_pixels
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise ArchiveError(f"{path.name} cannot be read as a zip file: {error}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def paths(self) -> Iterator[str]:
        return (info.filename for info in self._zip.infolist() if not info.is_dir())

    def has(self, path: str) -> bool:
        return path in self._zip.NameToInfo

    def read(self, path: str) -> bytes:
        info = self._info(path)
        if info.file_size > _MAX_MEMBER_BYTES:
            raise _too_large(path)
        try:
            return self._zip.read(info)
        except _DAMAGE as error:
            raise ArchiveError(f"{path} in the zip file is damaged: {error}.") from error

    def open(self, path: str) -> IO[bytes]:
        info = self._info(path)
        try:
            return self._zip.open(info)
        except _DAMAGE as error:
            raise ArchiveError(f"{path} in the zip file is damaged: {error}.") from error

    def _info(self, path: str) -> zipfile.ZipInfo:
        try:
            return self._zip.getinfo(path)
        except KeyError:
            raise ArchiveError(f"The zip file has no {path}.") from None


class FolderSource:
    """Reads a data set that lies under a folder."""

    def __init__(self, folder: Path, max_pixels: int = MAX_PIXELS) -> None:
        self.max_pixels = max_pixels
        self._folder = folder.resolve()
        if not self._folder.is_dir():
            raise ArchiveError(f"{folder} is no folder.")

    def paths(self) -> Iterator[str]:
        for file in sorted(self._folder.rglob("*")):
            if file.is_file():
                yield file.relative_to(self._folder).as_posix()

    def has(self, path: str) -> bool:
        return self._place(path).is_file()

    def read(self, path: str) -> bytes:
        with self.open(path) as file:
            data = file.read(_MAX_MEMBER_BYTES + 1)
        if len(data) > _MAX_MEMBER_BYTES:
            raise _too_large(path)
        return data

    def open(self, path: str) -> IO[bytes]:
        try:
            return self._place(path).open("rb")
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read: {error.strerror}.") from error

    def _place(self, path: str) -> Path:
        place = (self._folder / path).resolve()
        if not place.is_relative_to(self._folder):
            raise ArchiveError(f"{path} lies outside the data set.")
        return place


def _too_large(path: str) -> ArchiveError:
    return ArchiveError(f"{path} is larger than {_MAX_MEMBER_BYTES >> 20} MiB.")


class Spool:
    """Bytes put aside on disk until they are wanted, for a file whose head comes last."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 (closed on exit)
        self.empty = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.empty = False

    def chunks(self) -> Iterator[bytes]:
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            yield chunk
