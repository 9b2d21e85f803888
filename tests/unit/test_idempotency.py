"""Creates under one Idempotency-Key happen once, even when asked for at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from maskwright import schema
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.errors import Conflict
from maskwright.services import idempotency, projects

AT_ONCE = 4


def create(session: Session) -> int:
    return projects.create(session, "p", "", [], "default", LOCAL).id


def test_equal_creates_at_once_on_postgresql_make_one(postgres_url) -> None:
    db = Database(postgres_url())
    schema.upgrade(db)
    all_looked = Barrier(AT_ONCE)

    def create_after_all_have_looked(session: Session) -> int:
        all_looked.wait(10)
        return create(session)

    def once(_: int) -> int:
        return idempotency.once(db, LOCAL, "project", "k", {}, create_after_all_have_looked)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = list(pool.map(once, range(AT_ONCE)))
    db.close()
    assert len(set(made)) == 1


def test_key_of_another_request_is_refused(db: Database) -> None:
    idempotency.once(db, LOCAL, "project", "k", {"name": "a"}, create)
    with pytest.raises(Conflict, match="another request"):
        idempotency.once(db, LOCAL, "project", "k", {"name": "b"}, create)
