"""Stores for jobs: SQLite in a folder of its own, and a PostgreSQL database made and dropped."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from maskwright.db import Database
from maskwright.schema import upgrade
from maskwright.settings import Settings

POSTGRES = "postgresql://postgres@127.0.0.1:5432"


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path) -> Iterator[Settings]:
    """Settings of an empty store on each kind of database."""
    if request.param == "sqlite":
        yield Settings(data_dir=tmp_path)
        return
    with postgres_database() as url:
        yield Settings(data_dir=tmp_path, database_url=url)


@pytest.fixture
def db(settings) -> Iterator[Database]:
    db = Database(settings.database)
    upgrade(db)
    yield db
    db.close()


@contextmanager
def postgres_database() -> Iterator[str]:
    name = f"maskwright_jobs_{uuid.uuid4().hex[:12]}"
    try:
        admin = psycopg.connect(f"{POSTGRES}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"NOT RUN on PostgreSQL: nothing answers at 127.0.0.1:5432 ({error})")
    with admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{POSTGRES}/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
