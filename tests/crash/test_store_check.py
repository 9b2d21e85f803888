"""The check after a crash is worth nothing unless it sees damage."""

import sqlite3
from pathlib import Path

import pytest

from crash.annotators import photo
from crash.store_check import StoreCheck
from factories import create_project


@pytest.fixture
def store(client, settings) -> Path:
    """A store with one saved mask."""
    project = create_project(client)
    files = [("files", ("a.jpg", photo(1), "image/jpeg"))]
    image = client.post(f"/api/v1/projects/{project['id']}/images", files=files).json()[0]["id"]
    saved = client.get(f"/api/v1/images/{image}/mask", params={"format": "tiles"})
    headers = {"If-Match": '"0"', "Content-Type": saved.headers["content-type"]}
    answer = client.patch(f"/api/v1/images/{image}/mask", content=saved.content, headers=headers)
    assert answer.status_code == 200, answer.text
    return settings.data_dir / "maskwright.db"


def alter(store: Path, statement: str) -> None:
    connection = sqlite3.connect(store)
    with connection:
        connection.execute(statement)
    connection.close()


def test_a_whole_store_has_no_damage(store):
    assert StoreCheck(store).damage() == []


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("DELETE FROM tiles", "is missing"),
        ("UPDATE tiles SET name = randomblob(32)", "is missing"),
        ("UPDATE refs SET revision_id = 99", "leads nowhere"),
    ],
)
def test_damage_is_seen(store, statement, complaint):
    alter(store, statement)
    assert any(complaint in line for line in StoreCheck(store).damage())
