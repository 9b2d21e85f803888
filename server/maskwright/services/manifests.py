"""The manifest of a revision: which tiles make each of its layers."""

import struct
import zlib
from collections.abc import Mapping

from maskwright.domain.tiles import LAYERS, LayerName

NAME_BYTES = 32
Manifest = Mapping[LayerName, tuple[bytes, ...]]
_BY_ID: Mapping[int, LayerName] = {layer.id: name for name, layer in LAYERS.items()}


def pack(manifest: Manifest) -> bytes:
    """Return the manifest deflated: per layer its id, the number of tiles, their names."""
    parts: list[bytes] = []
    for name, tiles in sorted(manifest.items()):
        parts.append(struct.pack("<BI", LAYERS[name].id, len(tiles)))
        parts.extend(tiles)
    return zlib.compress(b"".join(parts), 6)


def unpack(data: bytes) -> dict[LayerName, tuple[bytes, ...]]:
    """Return the manifest that `pack` wrote."""
    body, offset = zlib.decompress(data), 0
    manifest: dict[LayerName, tuple[bytes, ...]] = {}
    while offset < len(body):
        layer, count = struct.unpack_from("<BI", body, offset)
        offset += 5
        end = offset + count * NAME_BYTES
        manifest[_BY_ID[layer]] = tuple(
            body[at : at + NAME_BYTES] for at in range(offset, end, NAME_BYTES)
        )
        offset = end
    return manifest
