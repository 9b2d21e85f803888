"""Reads a store's SQLite file directly, as after a crash, and says what is not whole in it."""

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from maskwright.domain.codec import decode_tile, inflate_tile
from maskwright.domain.tiles import LAYERS, name_of
from maskwright.services import manifests


@dataclass
class StoreCheck:
    """Remembers what it has seen, so that the check after each crash takes only the new rows."""

    path: Path
    last_revision: int = 0
    decoded: set[bytes] = field(default_factory=set)

    def damage(self) -> list[str]:
        """Return what is wrong, in words; nothing is what it should return."""
        connection = sqlite3.connect(self.path)
        try:
            return [
                *self._integrity(connection),
                *self._half_revisions(connection),
                *self._dangling_refs(connection),
            ]
        finally:
            connection.close()

    def _integrity(self, connection: sqlite3.Connection) -> list[str]:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        violations = connection.execute("PRAGMA foreign_key_check").fetchall()
        return [line for line in found if line != "ok"] + [str(row) for row in violations]

    def _half_revisions(self, connection: sqlite3.Connection) -> list[str]:
        damage: list[str] = []
        query = "SELECT id, manifest FROM revisions WHERE id > ? ORDER BY id"
        for revision, manifest in connection.execute(query, [self.last_revision]).fetchall():
            self.last_revision = revision
            for layer, names in manifests.unpack(manifest).items():
                for name in set(names) - self.decoded:
                    self.decoded.add(name)
                    row = connection.execute("SELECT data FROM tiles WHERE name = ?", [name])
                    fault = _fault(name, row.fetchone(), layer)
                    if fault:
                        damage.append(f"revision {revision}, {layer}: {fault}")
        return damage

    def _dangling_refs(self, connection: sqlite3.Connection) -> list[str]:
        query = (
            "SELECT refs.image_id, refs.name FROM refs LEFT JOIN revisions"
            " ON revisions.id = refs.revision_id AND revisions.image_id = refs.image_id"
            " WHERE revisions.id IS NULL"
        )
        return [
            f"ref {name} of image {image} leads nowhere"
            for image, name in connection.execute(query)
        ]


def _fault(name: bytes, row: tuple[bytes] | None, layer: str) -> str | None:
    """Say what is wrong with a tile that has not been looked at before."""
    if row is None:
        return f"tile {name.hex()[:12]} is missing"
    payload = inflate_tile(row[0])
    pixels, end = decode_tile(payload, 0, LAYERS[layer])  # type: ignore[index]  # a LayerName
    if end != len(payload) or name_of(pixels, LAYERS[layer]) != name:  # type: ignore[index]
        return f"tile {name.hex()[:12]} is not what its name says"
    return None
