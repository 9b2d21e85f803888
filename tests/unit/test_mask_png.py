"""Masks as PNG files of other programs."""

import struct
import zlib

import pytest

from maskwright.services import mask_png


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_gray_of_few_bits_holds_indices_not_shades(bits):
    picture = struct.pack(">IIBBBBB", 8, 1, bits, 0, 0, 0, 0)
    row = int("".join(f"{1:0{bits}b}" for _ in range(8)), 2).to_bytes(bits, "big")
    chunks = ((b"IHDR", picture), (b"IDAT", zlib.compress(b"\0" + row)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    assert mask_png.from_png(data, 8, 1).classes.tolist() == [[1] * 8]
