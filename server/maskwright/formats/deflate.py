"""Deflate and CRC-32 by ISA-L: several times faster than zlib, and read by every zlib.

The one place that knows the library, whose own type hints are partial.
"""

from collections.abc import Callable
from typing import Any, Protocol, cast

from isal import isal_zlib as _untyped

_isal = cast("Any", _untyped)

LEVEL = 2
_RAW = -15  # no header, as zip wants it
_ZLIB = 15


class Packer(Protocol):
    """A stream being deflated."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


crc32 = cast("Callable[..., int]", _isal.crc32)
"""`crc32(data, value=0)`, as zlib's."""


def pack(data: object) -> bytes:
    """Return any buffer deflated, as in a PNG."""
    return cast("bytes", _isal.compress(data, LEVEL, _ZLIB))


def pack_raw(data: bytes) -> bytes:
    """Return data deflated without a header, as in a zip."""
    return cast("bytes", _isal.compress(data, LEVEL, _RAW))


def unpack(data: bytes, size: int) -> bytes | None:
    """Return the `size` bytes that `pack` deflated; None if it is not just these, or damaged."""
    inflater = _isal.decompressobj(_ZLIB)
    try:
        found = cast("bytes", inflater.decompress(data, size))
        more = inflater.decompress(inflater.unconsumed_tail, 1) if not inflater.eof else b""
    except _isal.error:
        return None
    return found if inflater.eof and not more and len(found) == size else None


def raw_packer() -> Packer:
    """Return a packer of the same form for data that comes in pieces."""
    return cast("Packer", _isal.compressobj(LEVEL, _untyped.DEFLATED, _RAW))
