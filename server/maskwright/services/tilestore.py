"""Tiles in the store: put under the hash of their pixels, got back by it."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from itertools import repeat
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from maskwright.domain import codec
from maskwright.domain.codec import deflate_tile
from maskwright.domain.tiles import TILE, Layer, Pixels, name_of
from maskwright.formats.deflate import pack
from maskwright.tables import TileRow

_AT_ONCE = 500
_MOST_AS_SENT = 4096


def put(
    session: Session,
    tiles: Iterable[Pixels],
    layer: Layer,
    coded: Iterable[bytes | None] = repeat(None),
    ready: Mapping[bytes, bytes] = MappingProxyType({}),
) -> list[bytes]:
    """Store the (256, 256) tiles that are not there yet and return the names of all.

    `coded` are payloads of the tiles that are known to be theirs, to spare coding them again;
    `ready` is what `prepared` made of some.
    """
    fresh: dict[bytes, tuple[Pixels, bytes | None]] = {}
    names: list[bytes] = []
    for tile, payload in zip(tiles, coded, strict=False):
        name = name_of(tile, layer)
        names.append(name)
        fresh[name] = (tile, payload)
        _recent.keep(name, tile)
    for name in _known(session, list(fresh)):
        del fresh[name]
    if fresh:
        rows = [
            {"name": name, "data": ready.get(name) or deflate_tile(_payload(tile, payload, layer))}
            for name, (tile, payload) in fresh.items()
        ]
        on_postgres = session.get_bind().dialect.name == "postgresql"
        insert = postgresql.insert if on_postgres else sqlite.insert
        session.execute(insert(TileRow).on_conflict_do_nothing(), rows)
    return names


def prepared(tiles: Iterable[Pixels], layer: Layer) -> Mapping[bytes, bytes]:
    """Return name → what is stored, for tiles that are coded before anybody has to wait for it."""
    by_name = {name_of(tile, layer): tile for tile in tiles}
    return {name: _deflated(codec.encode_tile(tile, layer)) for name, tile in by_name.items()}


def _deflated(payload: bytes) -> bytes:
    # Raw pixels, as of most confidence tiles: a third larger than zlib's, in a tenth of the time.
    return pack(payload) if len(payload) > TILE * TILE else deflate_tile(payload)


def _payload(tile: Pixels, payload: bytes | None, layer: Layer) -> bytes:
    # A client may code as lazily as it likes; what it then sends is large, and coded again here.
    if payload is not None and len(payload) <= _MOST_AS_SENT:
        return payload
    return codec.encode_tile(tile, layer)


def _known(session: Session, names: list[bytes]) -> Iterable[bytes]:
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        yield from session.scalars(select(TileRow.name).where(TileRow.name.in_(part)))


def payloads(session: Session, names: Iterable[bytes]) -> Mapping[bytes, bytes]:
    """Return the payload of each named tile."""
    wanted = list(set(names))
    found: dict[bytes, bytes] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        for row in session.execute(
            select(TileRow.name, TileRow.data).where(TileRow.name.in_(part))
        ):
            found[row.name] = codec.inflate_tile(row.data)
    return found


def pixels(session: Session, names: Collection[bytes], layer: Layer) -> Mapping[bytes, Pixels]:
    """Return the (256, 256) pixels of each named tile."""
    found = _recent.those(names)
    missing = [name for name in names if name not in found]
    for name, payload in payloads(session, missing).items():
        found[name] = codec.decode_tile(payload, 0, layer)[0]
        _recent.keep(name, found[name])
    return found


class _Recent:
    """The tiles last seen. One's name tells its pixels for good, so nothing here goes stale."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._tiles: OrderedDict[bytes, Pixels] = OrderedDict()

    def keep(self, name: bytes, tile: Pixels) -> None:
        with self._lock:
            self._tiles[name] = tile
            self._tiles.move_to_end(name)
            if len(self._tiles) > self._most:
                self._tiles.popitem(last=False)

    def those(self, names: Iterable[bytes]) -> dict[bytes, Pixels]:
        with self._lock:
            return {name: self._tiles[name] for name in names if name in self._tiles}


_recent = _Recent(256)
"""16 to 32 MiB: what people are painting on just now."""
