"""JSON files larger than memory, read one element of their arrays at a time.

Only the form that data sets have is read: an object whose values are arrays of records, or small.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

_CHUNK = 1 << 20
_SPACE = " \t\r\n"
_FOLLOWING = frozenset(_SPACE + ",:]}")
_MAX_VALUE = 256 << 20
_DECODER = json.JSONDecoder()


class JsonError(ValueError):
    """Text that is no JSON of the expected form."""


@dataclass(frozen=True)
class Element:
    """An element of the array `key`, or the value of `key` if that is no array.

    `start`, `end`: its bytes in the file. `value` has text outside ASCII undecoded; `load` of
    these bytes has it right.
    """

    key: str
    start: int
    end: int
    value: Any


def load(file: IO[bytes], start: int, end: int) -> Any:
    """Return the value whose bytes lie at `start` to `end`."""
    file.seek(start)
    return json.loads(file.read(end - start))


def elements(file: IO[bytes]) -> Iterator[Element]:
    """Yield the elements of every array in the object that the file holds, in order."""
    reader = _Reader(file)
    reader.expect("{")
    if reader.peek() == "}":
        return
    while True:
        key = reader.value().value
        reader.expect(":")
        if reader.peek() == "[":
            yield from _array(reader, str(key))
        else:
            found = reader.value()
            yield Element(str(key), found.start, found.end, found.value)
        if reader.take() == "}":
            return


def _array(reader: "_Reader", key: str) -> Iterator[Element]:
    reader.expect("[")
    if reader.peek() == "]":
        reader.take()
        return
    while True:
        found = reader.value()
        yield Element(key, found.start, found.end, found.value)
        if reader.take() == "]":
            return


class _Reader:
    """A window on the file. Bytes are read as Latin-1, so that a character is a byte."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._before = 0  # bytes of the file before the window
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        else:
            self._before = 3

    def peek(self) -> str:
        """Return the next character that is no space, and stay before it."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                raise JsonError("The JSON file ends too early.")

    def take(self) -> str:
        """Return the next character that is no space, and go past it."""
        character = self.peek()
        self._at += 1
        return character

    def expect(self, character: str) -> None:
        found = self.take()
        if found != character:
            where = self._before + self._at - 1
            raise JsonError(f"The JSON file has {found!r} at byte {where}, not {character!r}.")

    def value(self) -> Element:
        """Return the next value, reading on until it is whole in the window."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (json.JSONDecodeError, RecursionError) as error:
                if not self._more():
                    raise JsonError(f"The JSON file is damaged: {error}.") from error
                continue
            # "1" of "1.5" is a value too, so only what can follow a value says that it is whole.
            if self._text[end : end + 1] in _FOLLOWING or not self._more():
                start, self._at = self._before + self._at, end
                return Element("", start, self._before + end, value)

    def _more(self) -> bool:
        """Read on, twice as much as is waiting so that long values cost no more than their size."""
        waiting = len(self._text) - self._at
        if waiting > _MAX_VALUE:
            raise JsonError("The JSON file has a single value of more than 256 MiB.")
        chunk = self._file.read(max(_CHUNK, waiting))
        self._before += self._at
        self._text = self._text[self._at :] + chunk.decode("latin-1")
        self._at = 0
        return bool(chunk)
