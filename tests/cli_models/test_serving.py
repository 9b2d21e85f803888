"""A running server uses models that come while it runs."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from factories import create_project, jpeg, photograph
from maskwright.app import create_app
from weight_files import label_file


@pytest.fixture
def client(settings):
    with TestClient(create_app(settings)) as client:
        yield client


def test_a_model_that_comes_later_is_listed_and_drafts(
    run, client: TestClient, settings, weights: bytes, tmp_path: Path
) -> None:
    assert "later" not in names(client)
    (tmp_path / "a.pth").write_bytes(weights)
    labels = label_file(tmp_path, 21)
    added = run("models", "add", tmp_path / "a.pth", "--name", "later", "--labels", labels)
    assert (added.status, added.err) == (0, "")
    assert settings.models_dir == tmp_path / "data" / "models"
    assert "later" in names(client)
    project = create_project(client)
    image = client.post(
        f"/api/v1/projects/{project['id']}/images",
        files=[("files", ("a.jpg", jpeg(photograph(120, 80))))],
    ).json()[0]["id"]
    drafted = client.post(f"/api/v1/images/{image}/proposal", json={"model": "later"})
    assert drafted.status_code in (200, 201), drafted.text
    assert drafted.json()["model"] == "later"


def names(client: TestClient) -> list[str]:
    return [model["name"] for model in client.get("/api/v1/models").json()]
