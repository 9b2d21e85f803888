"""Brings the store's tables to the state that this version of the code wants."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from maskwright.db import Database
from maskwright.paths import resource_dir


def _config(db: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    config.attributes["engine"] = db.engine
    return config


def migrations_dir() -> Path:
    return resource_dir("migrations")


def upgrade(db: Database, revision: str = "head") -> None:
    """Migrate up to `revision`. Quick when there is nothing to do."""
    config = _config(db)
    if revision == "head" and current(db) == ScriptDirectory.from_config(config).get_current_head():
        return
    command.upgrade(config, revision)


def downgrade(db: Database, revision: str) -> None:
    """Migrate down to `revision`; "base" leaves no table."""
    command.downgrade(_config(db), revision)


def current(db: Database) -> str | None:
    """Return the migration that the store is at, None for an empty one."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(db: Database) -> bool:
    """Tell whether the store is at the state that this version of the code wants."""
    return current(db) == ScriptDirectory.from_config(_config(db)).get_current_head()
