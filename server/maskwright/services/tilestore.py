"""Tiles in the store: put under the hash of their pixels, got back by it."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from maskwright.domain import codec
from maskwright.domain.tiles import Layer, Pixels, name_of
from maskwright.tables import TileRow

_AT_ONCE = 500


def put(session: Session, tiles: Iterable[Pixels], layer: Layer) -> list[bytes]:
    """Store the (256, 256) tiles that are not there yet and return the names of all."""
    by_name: dict[bytes, Pixels] = {}
    names: list[bytes] = []
    for tile in tiles:
        name = name_of(tile, layer)
        names.append(name)
        by_name[name] = tile
    for name in _known(session, list(by_name)):
        del by_name[name]
    if by_name:
        rows = [
            {"name": name, "data": codec.deflate_tile(codec.encode_tile(tile, layer))}
            for name, tile in by_name.items()
        ]
        insert = (
            postgresql.insert
            if session.get_bind().dialect.name == "postgresql"
            else (sqlite.insert)
        )
        session.execute(insert(TileRow).on_conflict_do_nothing(), rows)
    return names


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


def pixels(session: Session, names: Iterable[bytes], layer: Layer) -> Mapping[bytes, Pixels]:
    """Return the (256, 256) pixels of each named tile."""
    return {
        name: codec.decode_tile(payload, 0, layer)[0]
        for name, payload in payloads(session, names).items()
    }
