"""The trash keeps what it holds for its days, then lets go of all of it and of nothing else."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import func, select

from factories import create_project, jpeg, photograph, png
from maskwright.services import trash
from maskwright.tables import BlobRow, ImageRow, ProjectRow, TileRow, now


@pytest.fixture
def two(client) -> list[dict]:
    """Two labelled images of one project; of the three tiles of their masks they share two."""
    project = create_project(client)
    made = []
    for seed in range(2):
        files = [("files", (f"{seed}.jpg", jpeg(photograph(600, 200, seed))))]
        image = client.post(f"/api/v1/projects/{project['id']}/images", files=files).json()[0]
        mask = np.full((200, 600), 255, np.uint8)
        mask[:, :256], mask[:, 256:512] = 7, seed
        url = f"/api/v1/images/{image['id']}/mask"
        client.put(url, content=png(mask), headers={"If-Match": '"0"'})
        made.append(image)
    return made


def count(db, table) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def age(db, table, key: int, days: int) -> None:
    with db.write() as session:
        session.get_one(table, key).trashed_at = now() - timedelta(days=days)


def test_what_is_in_the_trash_for_less_stays(client, db, two):
    client.delete(f"/api/v1/images/{two[0]['id']}")
    age(db, ImageRow, two[0]["id"], 29)
    assert trash.collect(db, 30).images == 0


def test_an_image_leaves_with_its_own_tiles_and_files_only(client, db, two):
    client.delete(f"/api/v1/images/{two[0]['id']}")
    age(db, ImageRow, two[0]["id"], 31)
    done = trash.collect(db, 30)
    assert (done.images, done.tiles) == (1, 1)
    assert client.get(f"/api/v1/images/{two[0]['id']}").status_code == 404
    assert client.get(f"/api/v1/images/{two[1]['id']}/mask").status_code == 200
    assert client.get(f"/api/v1/images/{two[1]['id']}/file").status_code == 200


def test_a_project_leaves_with_everything(client, db, two):
    project = client.get(f"/api/v1/images/{two[0]['id']}").json()["project_id"]
    client.delete(f"/api/v1/projects/{project}")
    age(db, ProjectRow, project, 31)
    trash.collect(db, 30)
    assert [count(db, table) for table in (ProjectRow, ImageRow, TileRow, BlobRow)] == [0] * 4


def test_collecting_leaves_what_is_in_use(client, db, two):
    before = count(db, TileRow)
    assert trash.collect(db, 0).tiles == 0
    assert count(db, TileRow) == before
