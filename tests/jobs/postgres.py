"""A PostgreSQL database made for one test and dropped after it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

HOST = "127.0.0.1:5432"


@contextmanager
def postgres_database() -> Iterator[str]:
    """Give the URL of an empty database and of a user who owns that and nothing else.

    Without a server the test says that it was not run.
    """
    name = f"maskwright_test_{uuid.uuid4().hex[:12]}"
    try:
        admin = psycopg.connect(
            f"postgresql://postgres@{HOST}/postgres", autocommit=True, connect_timeout=3
        )
    except psycopg.OperationalError as error:
        pytest.skip(f"NOT RUN on PostgreSQL: nothing answers at {HOST} ({error})")
    with admin:
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'maskwright'")
        admin.execute(f"CREATE DATABASE {name} OWNER {name}")
        try:
            yield f"postgresql://{name}:maskwright@{HOST}/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
            admin.execute(f"DROP ROLE {name}")
