"""Names of exported files: safe on every system, and each its own."""

import re
import unicodedata
from pathlib import PurePosixPath

MAX_LENGTH = 100
_UNSAFE = re.compile(r"[^\w.+@=-]+")
# Windows opens these as devices, whatever the suffix.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Return the last part of a path as a file name without suffix that every system takes.

    Letters and digits of all scripts stay; spaces and signs become "_", since list files of
    data sets are split at spaces. A name that was made safe stays as it is.
    """
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    stem = last.rpartition(".")[0] or last
    safe = _UNSAFE.sub("_", stem).strip("._") or "image"
    if _DEVICES.match(safe):
        safe = f"_{safe}"
    return _cut(safe, MAX_LENGTH)


def is_safe_name(name: str) -> bool:
    """Say whether `name` can be a file name as it is."""
    return bool(name) and not _UNSAFE.search(name) and name.strip(".") == name


class Names:
    """Gives out names, each once. Case does not tell names apart, as on macOS and Windows."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, name: str) -> str:
        """Return a safe name for `name`: "a", then "a-2", "a-3" for the next of equal stem."""
        wanted = safe_name(name)
        free, number = wanted, self._next.get(wanted.casefold(), 2)
        while free.casefold() in self._taken:
            ending = f"-{number}"
            free = _cut(wanted, MAX_LENGTH - len(ending)) + ending
            number += 1
        if number > 2:
            self._next[wanted.casefold()] = number
        self._taken.add(free.casefold())
        return free


def _cut(name: str, length: int) -> str:
    """Cut to `length` bytes of UTF-8, which is what file systems count."""
    return name.encode()[:length].decode(errors="ignore").rstrip("._")
