"""Drafts: made beside the ground truth, and part of it only by a person's act."""

import threading

import numpy as np
import pytest
from fastapi.testclient import TestClient

from factories import BrightnessProposer, create_project, jpeg, read_png
from maskwright.app import create_app
from maskwright.domain.proposer import DraftOptions

GROUND, TREE, SKY, VOID = 0, 1, 7, 255


def two_suns() -> np.ndarray:
    """Dark, with two bright squares of 40×40 that do not touch."""
    picture = np.full((200, 300, 3), 20, np.uint8)
    picture[20:60, 20:60] = 240
    picture[100:140, 200:240] = 180
    return picture


@pytest.fixture
def suns(client, project) -> dict:
    data = jpeg(two_suns(), quality=100)
    url = f"/api/v1/projects/{project['id']}/images"
    return client.post(url, files=[("files", ("suns.jpg", data))]).json()[0]


@pytest.fixture
def drafted(client, suns) -> dict:
    answer = client.post(f"/api/v1/images/{suns['id']}/proposal")
    assert answer.status_code == 201, answer.text
    return suns


def mask(client, image, ref="head", layer="classes") -> np.ndarray:
    url = f"/api/v1/images/{image['id']}/mask"
    return read_png(client.get(url, params={"ref": ref, "layer": layer}).content)


def accept(client, image, **what):
    return client.post(f"/api/v1/images/{image['id']}/proposal/accept", json=what)


def test_draft_is_no_ground_truth(client, drafted):
    assert (mask(client, drafted) == VOID).all()
    assert (mask(client, drafted, "proposal") == SKY).sum() == pytest.approx(3200, abs=30)


def test_draft_has_the_project_s_indices(client, drafted):
    assert set(np.unique(mask(client, drafted, "proposal"))) == {GROUND, SKY}


def test_draft_has_a_confidence(client, drafted):
    confidence = mask(client, drafted, "proposal", "confidence")
    assert confidence[40, 40] > confidence[120, 220] > 0


def test_draft_revision_names_its_model(client, suns):
    made = client.post(f"/api/v1/images/{suns['id']}/proposal").json()
    assert (made["kind"], made["model"]) == ("model", "brightness")


def test_draft_moves_a_new_image_to_proposed(client, drafted):
    assert client.get(f"/api/v1/images/{drafted['id']}").json()["status"] == "proposed"


def test_accept_all_copies_the_draft(client, drafted):
    accept(client, drafted)
    assert np.array_equal(mask(client, drafted), mask(client, drafted, "proposal"))


def test_accept_by_label_takes_that_label_only(client, drafted):
    accept(client, drafted, labels=[SKY])
    proposal = mask(client, drafted, "proposal")
    assert np.array_equal(mask(client, drafted), np.where(proposal == SKY, SKY, VOID))


def test_accept_by_component_takes_that_region_only(client, drafted):
    accept(client, drafted, components=[[40, 40]])
    found = mask(client, drafted)
    assert found[40, 40] == SKY
    assert (found[:, 100:] == VOID).all()


def test_accept_above_a_confidence_leaves_the_doubtful(client, drafted):
    accept(client, drafted, labels=[SKY], min_confidence=150)
    found = mask(client, drafted)
    assert (found[40, 40], found[120, 220]) == (SKY, VOID)


@pytest.mark.parametrize(("over", "expected"), [("void", GROUND), ("all", SKY)])
def test_accept_over_void_or_over_all(client, drafted, over, expected):
    accept(client, drafted, labels=[GROUND])
    client.post(f"/api/v1/images/{drafted['id']}/restore", json={"revision": 0})
    base = client.get(f"/api/v1/images/{drafted['id']}").json()["head"]
    everything = np.full((200, 300), GROUND, np.uint8)
    from factories import png

    client.put(
        f"/api/v1/images/{drafted['id']}/mask",
        content=png(everything),
        headers={"If-Match": f'"{base}"'},
    )
    accept(client, drafted, over=over)
    assert mask(client, drafted)[40, 40] == expected


def test_accept_is_a_person_s_revision(client, drafted):
    assert accept(client, drafted).json()["kind"] == "human"


def test_accept_without_a_draft_says_what_to_do(client, suns):
    answer = accept(client, suns)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_proposal")


def test_accept_with_a_stale_head_is_refused(client, drafted):
    accept(client, drafted, labels=[SKY])
    answer = client.post(
        f"/api/v1/images/{drafted['id']}/proposal/accept", json={}, headers={"If-Match": '"0"'}
    )
    assert answer.status_code == 409


def test_component_outside_the_image_is_refused(client, drafted):
    assert accept(client, drafted, components=[[300, 0]]).status_code == 422


def test_rejected_label_is_not_proposed_again(client, drafted):
    url = f"/api/v1/images/{drafted['id']}/proposal/reject"
    client.post(url, json={"labels": [SKY]})
    assert set(np.unique(mask(client, drafted, "proposal"))) == {GROUND, VOID}


def test_rejected_component_leaves_the_other(client, drafted):
    url = f"/api/v1/images/{drafted['id']}/proposal/reject"
    client.post(url, json={"components": [[40, 40]]})
    proposal = mask(client, drafted, "proposal")
    assert (proposal[40, 40], proposal[120, 220]) == (VOID, SKY)


def test_reject_leaves_ground_truth_alone(client, drafted):
    accept(client, drafted)
    before = mask(client, drafted)
    client.post(f"/api/v1/images/{drafted['id']}/proposal/reject", json={})
    assert np.array_equal(mask(client, drafted), before)


def test_second_draft_leaves_ground_truth_alone(client, drafted):
    accept(client, drafted, labels=[SKY])
    before = client.get(f"/api/v1/images/{drafted['id']}").json()["head"]
    client.post(f"/api/v1/images/{drafted['id']}/proposal")
    assert client.get(f"/api/v1/images/{drafted['id']}").json()["head"] == before


def test_proposal_can_be_edited_by_tiles(client, drafted):
    from maskwright.domain.codec import MEDIA_TYPE, TileBundle

    proposal = client.get(f"/api/v1/images/{drafted['id']}").json()["proposal"]
    body = TileBundle(300, 200, {"classes": {0: np.full((256, 256), VOID, np.uint8)}}).to_bytes()
    client.patch(
        f"/api/v1/images/{drafted['id']}/mask?ref=proposal",
        content=body,
        headers={"If-Match": f'"{proposal}"', "Content-Type": MEDIA_TYPE},
    )
    assert (mask(client, drafted, "proposal")[:, :256] == VOID).all()
    assert client.get(f"/api/v1/images/{drafted['id']}").json()["status"] == "proposed"


def test_labels_without_a_match_stay_void(client):
    labels = [{"index": 3, "name": "heaven", "color": "#102030"}]
    project = create_project(client, labels)
    data = jpeg(two_suns())
    url = f"/api/v1/projects/{project['id']}/images"
    image = client.post(url, files=[("files", ("a.jpg", data))]).json()[0]
    client.post(f"/api/v1/images/{image['id']}/proposal")
    assert (mask(client, image, "proposal") == VOID).all()


class SlowProposer(BrightnessProposer):
    """Waits until the test lets it go on."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def propose(self, image, options=DraftOptions()):
        self.begun.set()
        assert self.go_on.wait(30)
        return super().propose(image, options)


def test_full_queue_answers_503_with_retry_after(settings):
    settings.proposal_concurrency, settings.proposal_queue = 1, 0
    slow = SlowProposer()
    with TestClient(create_app(settings, lambda _name: slow)) as client:
        project = create_project(client)
        url = f"/api/v1/projects/{project['id']}/images"
        image = client.post(url, files=[("files", ("a.jpg", jpeg(two_suns())))]).json()[0]
        draft = f"/api/v1/images/{image['id']}/proposal"
        first = threading.Thread(target=client.post, args=(draft,))
        first.start()
        assert slow.begun.wait(30)
        busy = client.post(draft)
        slow.go_on.set()
        first.join()
    assert (busy.status_code, busy.json()["code"]) == (503, "busy")
    assert int(busy.headers["retry-after"]) > 0


def test_model_cannot_be_asked_for_by_path(client, image, tmp_path):
    entry = tmp_path / "entry.json"
    entry.write_text("{}")
    answer = client.post(f"/api/v1/images/{image['id']}/proposal", json={"model": str(entry)})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")
