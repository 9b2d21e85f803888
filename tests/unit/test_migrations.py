"""The migrations make the tables that the code expects, on both databases, and unmake them."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from maskwright import schema
from maskwright.db import Database
from maskwright.tables import Base


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        url = request.getfixturevalue("postgres_url")()
    db = Database(url)
    yield db
    db.close()


def test_upgrade_makes_the_tables_of_the_code(empty):
    schema.upgrade(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_downgrade_leaves_no_table(empty):
    schema.upgrade(empty)
    schema.downgrade(empty, "base")
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}


def test_upgrade_again_changes_nothing(empty):
    schema.upgrade(empty)
    schema.downgrade(empty, "base")
    schema.upgrade(empty)
    schema.upgrade(empty)
    with empty.read() as session:
        assert session.execute(text("SELECT id, name FROM users")).all() == [(1, "local")]


def test_sqlite_writes_are_durable_and_checked(tmp_path):
    db = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with db.write() as session:
        found = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    db.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 15000,
    }
