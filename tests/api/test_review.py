"""Statuses and who changed them."""

import numpy as np
import pytest

from factories import png


def to(client, image, status, **more):
    url = f"/api/v1/images/{image['id']}/status"
    return client.post(url, json={"status": status} | more)


@pytest.fixture
def labelled(client, image) -> dict:
    mask = np.zeros((image["height"], image["width"]), np.uint8)
    url = f"/api/v1/images/{image['id']}/mask"
    client.put(url, content=png(mask), headers={"If-Match": '"0"'})
    return image


def test_the_way_to_approval(client, labelled):
    for status in ("submitted", "rejected", "in_progress", "submitted", "approved"):
        assert to(client, labelled, status).json()["status"] == status


def test_a_way_that_does_not_exist_is_refused_and_told(client, image):
    answer = to(client, image, "approved")
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert answer.json()["allowed"] == ["in_progress"]


def test_asking_for_the_status_it_has_changes_nothing(client, labelled):
    to(client, labelled, "submitted")
    assert to(client, labelled, "submitted").status_code == 200
    url = f"/api/v1/images/{labelled['id']}/status-changes"
    assert len(client.get(url).json()["items"]) == 2


def test_a_change_keeps_author_comment_and_revision(client, labelled):
    to(client, labelled, "submitted")
    to(client, labelled, "rejected", comment="the left ear")
    head = client.get(f"/api/v1/images/{labelled['id']}").json()["head"]
    newest = client.get(f"/api/v1/images/{labelled['id']}/status-changes").json()["items"][0]
    assert (newest["author"]["name"], newest["comment"], newest["revision"]) == (
        "local",
        "the left ear",
        head,
    )


def test_a_save_after_approval_opens_the_image_again(client, labelled):
    to(client, labelled, "submitted")
    to(client, labelled, "approved")
    mask = np.full((labelled["height"], labelled["width"]), 7, np.uint8)
    url = f"/api/v1/images/{labelled['id']}/mask"
    client.put(url, content=png(mask), headers={"If-Match": "*"})
    assert client.get(f"/api/v1/images/{labelled['id']}").json()["status"] == "in_progress"


def test_an_unknown_status_is_refused(client, image):
    assert to(client, image, "done").status_code == 422
