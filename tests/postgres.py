"""A PostgreSQL database made for one test and dropped after it."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

ADMIN = os.environ.get("MASKWRIGHT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")


@contextmanager
def postgres_database() -> Iterator[str]:
    """Give the URL of an empty database and of a user who owns that and nothing else.

    Without a server the test says that it was not run.
    """
    name = f"maskwright_test_{uuid.uuid4().hex[:12]}"
    try:
        admin = psycopg.connect(f"{ADMIN}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"NOT RUN on PostgreSQL: nothing answers at {ADMIN} ({error})")
    with admin:
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'maskwright'")
        admin.execute(f"CREATE DATABASE {name} OWNER {name}")
        try:
            yield f"postgresql://{name}:maskwright@{ADMIN.rpartition('@')[2]}/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
            admin.execute(f"DROP ROLE {name}")
