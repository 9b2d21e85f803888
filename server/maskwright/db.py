"""The store's engine and its two kinds of session, on SQLite and on PostgreSQL."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

BUSY_TIMEOUT_MS = 15_000
_WRITERS_LOCK = 7236552
"""Any number, as long as nobody else on the PostgreSQL server uses it for a lock of theirs."""


class Database:
    """One store. Share it between threads; sessions are for one thread each."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._turn = _Turns()

    @cached_property
    def engine(self) -> Engine:
        url = make_url(self.url)
        if url.get_backend_name() != "sqlite":
            return create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=True)
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url, pool_size=10, max_overflow=60, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that sees one state of the store and changes nothing."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self, *, alone: bool = False) -> Iterator[Session]:
        """Open a session that has committed, durably, when the block ends without an error.

        SQLite lets one writer in at a time; it waits here for its turn rather than fail halfway.
        PostgreSQL lets in many, or one that must be `alone`: who sweeps out what nothing refers
        to must not meet someone about to refer to it.
        """
        engine = self.engine.execution_options(maskwright_write=True)
        # SQLite's own way to wait is to sleep and try again, ever longer, which starves whoever
        # is unlucky when many save at once. Threads of one process queue up instead.
        turn = self._turn if self.is_sqlite else nullcontext()
        with turn, Session(engine, expire_on_commit=False) as session, session.begin():
            if not self.is_sqlite:
                kind = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
                session.execute(text(f"SELECT {kind}({_WRITERS_LOCK})"))
            yield session

    def close(self) -> None:
        self.engine.dispose()


class _Turns:
    """A lock that is handed on in the order of asking; `threading.Lock` promises no order."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._holder: int | None = None
        self._waiting: deque[tuple[int, threading.Event]] = deque()

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("a write session inside a write session would wait for itself")
            if self._holder is None:
                self._holder = me
                return
            mine = threading.Event()
            self._waiting.append((me, mine))
        mine.wait()

    def __exit__(self, *_error: object) -> None:
        with self._guard:
            self._holder, event = self._waiting.popleft() if self._waiting else (None, None)
            if event is not None:
                event.set()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # We say BEGIN ourselves: the driver's own would start a write as a read, which then can't be
    # upgraded once another writer has been in between.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -32768",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("maskwright_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
