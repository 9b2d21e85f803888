"""Empties the trash, and drops what nothing in the store refers to any more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.services import manifests
from maskwright.tables import BlobRow, ImageRow, ProjectRow, RevisionRow, TileRow, now

_AT_ONCE = 500
Value = TypeVar("Value")


@dataclass(frozen=True)
class Collected:
    """How many rows of each kind are gone for good."""

    projects: int
    images: int
    tiles: int
    blobs: int

    @property
    def summary(self) -> str:
        return (
            f"Removed {self.projects} projects, {self.images} images, {self.tiles} tiles and "
            f"{self.blobs} files."
        )


def collect(db: Database, days: int) -> Collected:
    """Empty the trash, then drop every tile and file that nothing refers to any more."""
    projects, images = empty(db, days)
    # In a transaction of its own: what is only unreferenced can wait, what is trashed is gone.
    with db.write(alone=True) as session:
        return Collected(projects, images, _sweep_tiles(session), _sweep_blobs(session))


def empty(db: Database, days: int) -> tuple[int, int]:
    """Remove what has been in the trash for over `days` days; return (projects, images) removed.

    Their tiles and files stay until `collect`.
    """
    before = now() - timedelta(days=days)
    with db.write() as session:
        projects = list(
            session.scalars(select(ProjectRow.id).where(ProjectRow.trashed_at < before))
        )
        old = or_(ImageRow.trashed_at < before, ImageRow.project_id.in_(projects))
        images = list(session.scalars(select(ImageRow.id).where(old)))
        for part in _parts(images):
            session.execute(delete(ImageRow).where(ImageRow.id.in_(part)))
        for part in _parts(projects):
            session.execute(delete(ProjectRow).where(ProjectRow.id.in_(part)))
    return len(projects), len(images)


def _sweep_tiles(session: Session) -> int:
    used: set[bytes] = set()
    for packed in session.scalars(select(RevisionRow.manifest)).yield_per(_AT_ONCE):
        for names in manifests.unpack(packed).values():
            used.update(names)
    unused = [name for name in session.scalars(select(TileRow.name)) if name not in used]
    for part in _parts(unused):
        session.execute(delete(TileRow).where(TileRow.name.in_(part)))
    return len(unused)


def _sweep_blobs(session: Session) -> int:
    used: set[str] = set()
    columns = (ImageRow.file_blob, ImageRow.display_blob, ImageRow.thumb_blob, ImageRow.sha256)
    for row in session.execute(select(*columns)):
        used.update(row)
    unused = [name for name in session.scalars(select(BlobRow.sha256)) if name not in used]
    for part in _parts(unused):
        session.execute(delete(BlobRow).where(BlobRow.sha256.in_(part)))
    return len(unused)


def _parts(values: list[Value]) -> Iterator[list[Value]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
