"""Bytes that came from outside, read in order and never past their end."""

import numpy as np
import numpy.typing as npt


class InvalidTiles(ValueError):
    """Bytes that are no tile or no tile bundle; the message says what is wrong with them."""


class Reader:
    """A cursor over bytes. Taking more than there is raises InvalidTiles."""

    def __init__(self, data: memoryview, offset: int = 0) -> None:
        self.data, self.offset = data, offset

    @property
    def rest(self) -> memoryview:
        """What has not been taken yet."""
        return self.data[self.offset :]

    def take(self, size: int) -> memoryview:
        part = self.data[self.offset : self.offset + size]
        if len(part) != size:
            raise InvalidTiles("The tiles end too early.")
        self.offset += size
        return part

    def array(self, size: int) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self.take(size), np.uint8)

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """Take four bytes, little-endian."""
        return int.from_bytes(self.take(4), "little")
