"""Stores for jobs, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from maskwright.db import Database
from maskwright.schema import upgrade
from maskwright.settings import Settings
from postgres import postgres_database


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
