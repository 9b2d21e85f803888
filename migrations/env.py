"""Alembic's entry: runs the migrations on the engine that `maskwright.schema` hands over."""

from alembic import context
from sqlalchemy import Engine

from maskwright.tables import Base


def main() -> None:
    engine: Engine = context.config.attributes["engine"]
    # Two processes may start on one PostgreSQL at once; the second must wait for the first.
    writing = engine.execution_options(maskwright_write=True)
    with writing.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7236551)")
            context.run_migrations()
        connection.commit()


main()
