"""Files in the store, each once, named by the SHA-256 of its bytes."""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from maskwright.errors import NotFound
from maskwright.tables import BlobRow


def name_of(data: bytes) -> str:
    """SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


def put(session: Session, data: bytes) -> str:
    """Store `data` unless it is there already; return its name."""
    name = name_of(data)
    if session.scalar(select(BlobRow.sha256).where(BlobRow.sha256 == name)) is None:
        dialect = session.get_bind().dialect.name
        insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        row = {"sha256": name, "size": len(data), "data": data}
        session.execute(insert(BlobRow).on_conflict_do_nothing(), [row])
    return name


def read(session: Session, name: str, start: int = 0, stop: int | None = None) -> bytes:
    """Bytes `start` to `stop` (excluded) of a file; the rest of it does not leave the store."""
    column = BlobRow.data
    if start or stop is not None:
        count = (size(session, name) if stop is None else stop) - start
        column = func.substr(BlobRow.data, start + 1, count)  # SQL counts from 1
    data = session.scalar(select(column).where(BlobRow.sha256 == name))
    if data is None:
        raise NotFound(f"The file {name} is not in the store.", code="blob_not_found")
    return bytes(data)


def size(session: Session, name: str) -> int:
    """Length of a file in bytes."""
    count = session.scalar(select(BlobRow.size).where(BlobRow.sha256 == name))
    if count is None:
        raise NotFound(f"The file {name} is not in the store.", code="blob_not_found")
    return count
