"""Label maps in both databases: saved at once, beside changes of the labels."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from maskwright import schema
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.domain.labels import Label
from maskwright.errors import UnknownLabel
from maskwright.services import label_maps, projects

AT_ONCE = 6
MODEL = ("background", "person", "sofa")
LABELS = [Label(0, "person", "#e6284b"), Label(1, "couch", "#8d13f4"), Label(2, "lamp", "#00ba56")]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, db: Database) -> Iterator[Database]:
    if request.param == "sqlite":
        yield db
        return
    database = Database(request.getfixturevalue("postgres_url")())
    schema.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def project_id(store: Database) -> int:
    with store.write() as session:
        return projects.create(session, "Rooms", "", LABELS, "default", LOCAL).id


def record(store: Database, project_id: int) -> dict[str, int | None]:
    with store.read() as session:
        return label_maps.of(session, project_id, "m", MODEL).record


def test_of_saves_at_once_one_stays(store, project_id):
    def save(number: int) -> None:
        label_maps.save(store, project_id, "m", MODEL, {"background": number % 3}, LOCAL)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(save, range(AT_ONCE)))
    found = record(store, project_id)
    assert found["background"] in (0, 1, 2)
    assert (found["person"], found["sofa"]) == (0, 1)


def test_no_map_leads_to_a_label_that_goes_at_that_moment(store, project_id):
    def save(_: int) -> None:
        with suppress(UnknownLabel):
            label_maps.save(store, project_id, "m", MODEL, {"background": 2}, LOCAL)

    def remove(_: int) -> None:
        projects.change(store, project_id, None, None, LABELS[:2], None)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda run: run(0), [save, remove] * AT_ONCE))
    assert record(store, project_id)["background"] is None


def test_a_map_goes_with_its_project(store, project_id):
    label_maps.save(store, project_id, "m", MODEL, {"sofa": 2}, LOCAL)
    with store.write() as session:
        session.delete(projects.get(session, project_id))
    with store.read() as session:
        assert label_maps.of(session, project_id, "m", MODEL).edited is False
