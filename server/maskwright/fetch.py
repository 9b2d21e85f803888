"""Fetches one large file: resumed where it broke off, checked, and there whole or not at all."""

import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx

from maskwright import __version__
from maskwright.errors import AppError

Progress = Callable[[int, int], None]
"""Told of (bytes there, bytes in all); the latter 0 where the server does not say."""

_TIMEOUT = httpx.Timeout(30, connect=15)
_CHUNK = 1 << 16
# Breaks in a row without a byte in between, after which we give up.
_BREAKS = 4
_PAUSE_SECONDS = 0.5


class Unfetched(AppError):
    """The file is not there. What did arrive is kept for the next try."""

    code = "failed"


class Unreachable(Unfetched):
    """Nobody answers there, so other files can't be fetched either."""


class WrongContent(AppError):
    """The file is not the one that was asked for."""

    code = "failed"


@dataclass(frozen=True)
class Wanted:
    """A file to fetch: where from, where to, how its sha256 starts, how large it can be at most."""

    url: str
    target: Path
    sha256_start: str
    max_bytes: int

    @property
    def part(self) -> Path:
        """What has arrived so far."""
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def validator(self) -> Path:
        """What the server called the version that the part is of."""
        return self.target.with_name(f"{self.target.name}.part.version")


def fetch(wanted: Wanted, progress: Progress) -> str:
    """Fetch the file to its place; return its sha256.

    Raises `Unfetched` with one sentence of why, or `WrongContent`.
    """
    with _part(wanted) as part:
        with _client() as client:
            _transfer(client, wanted, part, progress)
        return _install(wanted, part)


def bring(wanted: Wanted, source: Path, progress: Progress) -> str:
    """Copy a file that was fetched elsewhere to its place, checked alike; return its sha256."""
    total = source.stat().st_size
    if total > wanted.max_bytes:
        raise WrongContent(_too_large(wanted, total))
    with _part(wanted) as part, source.open("rb") as file:
        _start_over(wanted, part)
        _need_room(wanted, total)
        while chunk := file.read(_CHUNK):
            part.write(chunk)
            progress(part.tell(), total)
        return _install(wanted, part, source)


def sha256_of(path: Path) -> str:
    """The file's sha256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _part(wanted: Wanted) -> Iterator[BinaryIO]:
    """The part, open at its end, ours alone; an empty one does not stay behind."""
    wanted.target.parent.mkdir(parents=True, exist_ok=True)
    with wanted.part.open("ab") as part:
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who had it till now may have put it in its place: what we opened is no part then.
            if not os.path.samestat(os.fstat(part.fileno()), wanted.part.stat()):
                raise FileNotFoundError(wanted.part)
        except OSError as error:
            raise Unfetched(
                f"{wanted.target.name} is being fetched by another process; wait for it."
            ) from error
        try:
            yield part
        finally:
            if wanted.part.exists() and wanted.part.stat().st_size == 0:
                wanted.part.unlink()


def _client() -> httpx.Client:
    headers = {"Accept-Encoding": "identity", "User-Agent": f"maskwright/{__version__}"}
    try:
        return httpx.Client(timeout=_TIMEOUT, follow_redirects=True, headers=headers)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        reason = str(error).rstrip(".")
        raise Unfetched(
            f"the proxy of the environment (HTTPS_PROXY, ALL_PROXY) can't be used: {reason}."
        ) from error


def _transfer(client: httpx.Client, wanted: Wanted, part: BinaryIO, progress: Progress) -> None:
    """Ask, and ask again for the rest whenever the connection breaks."""
    breaks = 0
    while True:
        had = part.tell()
        try:
            if _ask(client, wanted, part, progress):
                return
            reason = "the server sends less than it announces"
        except httpx.InvalidURL as error:
            raise Unfetched(
                f"{wanted.url} is no address ({error}); check MASKWRIGHT_MODELS_URL."
            ) from error
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            if part.tell() == 0 and isinstance(error, _UNREACHED):
                raise Unreachable(f"{_host(wanted)} can't be reached ({reason}).") from error
        breaks = 1 if part.tell() > had else breaks + 1
        if breaks >= _BREAKS:
            raise Unfetched(
                f"the connection to {_host(wanted)} broke ({reason}) with {_mb(part.tell())} of "
                f"{wanted.target.name} here; the same command goes on from there."
            )
        time.sleep(_PAUSE_SECONDS * breaks)


_UNREACHED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


def _ask(client: httpx.Client, wanted: Wanted, part: BinaryIO, progress: Progress) -> bool:
    """Append what the server sends; whether the file is complete now."""
    with client.stream("GET", wanted.url, headers=_range(wanted, part.tell())) as response:
        if response.status_code == 416:  # the part has all there is, or more
            if _total(response) == part.tell():
                return True
            _start_over(wanted, part)
            return False
        if response.status_code not in (200, 206):
            raise Unfetched(
                f"{_host(wanted)} answered {response.status_code} {response.reason_phrase} for "
                f"{wanted.target.name}."
            )
        if _first_byte(response) != part.tell():
            _start_over(wanted, part)
            if response.status_code == 206:
                return False
        total = _total(response)
        if total > wanted.max_bytes:
            raise WrongContent(_too_large(wanted, total))
        _need_room(wanted, total - part.tell())
        _note_version(wanted, response)
        for chunk in response.iter_raw(_CHUNK):
            part.write(chunk)
            if part.tell() > wanted.max_bytes:
                _start_over(wanted, part)
                raise WrongContent(_too_large(wanted, wanted.max_bytes))
            progress(part.tell(), total)
        return part.tell() == total or not total


def _range(wanted: Wanted, have: int) -> dict[str, str]:
    if not have:
        return {}
    headers = {"Range": f"bytes={have}-"}
    if wanted.validator.exists():
        # Then a file that has changed since is sent whole.
        headers["If-Range"] = wanted.validator.read_text("ascii")
    return headers


def _note_version(wanted: Wanted, response: httpx.Response) -> None:
    tag = response.headers.get("ETag", "")
    # A weak tag may be the same for different bytes, so it is no use here.
    strong = tag and not tag.startswith("W/")
    version = tag if strong else response.headers.get("Last-Modified", "")
    if version and version.isascii():
        wanted.validator.write_text(version, "ascii")
    else:
        wanted.validator.unlink(missing_ok=True)


def _first_byte(response: httpx.Response) -> int:
    """Where what is sent belongs."""
    if response.status_code != 206:
        return 0
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _total(response: httpx.Response) -> int:
    """Bytes of the whole file; 0 if the server does not say."""
    found = re.search(r"/(\d+)$", response.headers.get("Content-Range", ""))
    if found:
        return int(found[1])
    length = response.headers.get("Content-Length", "")
    return int(length) if response.status_code == 200 and length.isdecimal() else 0


def _start_over(wanted: Wanted, part: BinaryIO) -> None:
    part.truncate(0)
    part.seek(0)
    wanted.validator.unlink(missing_ok=True)


def _install(wanted: Wanted, part: BinaryIO, source: Path | None = None) -> str:
    """Put the complete part in its place if it is what was asked for."""
    part.flush()
    os.fsync(part.fileno())
    found = sha256_of(wanted.part)
    if not found.startswith(wanted.sha256_start):
        raise WrongContent(_refuse(wanted, found, source))
    os.replace(wanted.part, wanted.target)
    wanted.validator.unlink(missing_ok=True)
    _sync(wanted.target.parent)
    return found


def _refuse(wanted: Wanted, found: str, source: Path | None) -> str:
    told = f"Its sha256 starts with {found[:8]}, not with {wanted.sha256_start}."
    wanted.validator.unlink(missing_ok=True)
    if source is not None:
        wanted.part.unlink()
        return f"{source} is not {wanted.target.name}, or damaged, and was not taken. {told}"
    refused = wanted.target.with_name(f"{wanted.target.name}.refused")
    os.replace(wanted.part, refused)
    return (
        f"What {_host(wanted)} sent is not {wanted.target.name}, or damaged, and was not "
        f"installed. {told} It lies at {refused}: look at it or remove it, then try again."
    )


def _need_room(wanted: Wanted, size: int) -> None:
    free = shutil.disk_usage(wanted.target.parent).free
    if size > free:
        raise Unfetched(
            f"{wanted.target.parent} has no room for {_mb(size)} more, only for {_mb(free)}; make "
            "room, or choose another folder by MASKWRIGHT_MODELS_DIR."
        )


def _sync(folder: Path) -> None:
    """Make a rename durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _too_large(wanted: Wanted, found: int) -> str:
    return (
        f"{wanted.target.name} can have {_mb(wanted.max_bytes)} at most, and this has at least "
        f"{_mb(found)}: it is another file. Nothing was installed."
    )


def _host(wanted: Wanted) -> str:
    return httpx.URL(wanted.url).host or wanted.url


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
