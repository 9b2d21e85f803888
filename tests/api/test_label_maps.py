"""How a project reads a model's labels: automatic, chosen, followed by drafts."""

import numpy as np
import pytest
from fastapi.testclient import TestClient

from factories import LABELS, BrightnessProposer, create_project, jpeg, photograph, read_png
from maskwright.app import create_app

GROUND, TREE, SKY, VOID = 0, 1, 7, 255
LISTED = {
    "name": BrightnessProposer.name,
    "labels": list(BrightnessProposer.labels),
    "default": True,
    "architecture": "threshold",
    "licence": "Apache-2.0",
    "source": "tests",
    "sha256": "ab" * 32,
    "measured": {},
}
OTHER = LISTED | {"name": "other", "default": False, "labels": ["sky", "cloud"]}


@pytest.fixture
def client(settings, db):
    app = create_app(settings, lambda _name: BrightnessProposer())
    app.state.list_models = lambda: [LISTED, OTHER]
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def url(project) -> str:
    return f"/api/v1/projects/{project['id']}/label-map"


def entry(answer, name: str) -> dict:
    assert answer.status_code == 200, answer.text
    return next(e for e in answer.json()["entries"] if e["name"] == name)


def draft(client, image) -> np.ndarray:
    made = client.post(f"/api/v1/images/{image['id']}/proposal")
    assert made.status_code == 201, made.text
    return read_png(client.get(f"/api/v1/images/{image['id']}/mask?ref=proposal").content)


def test_a_map_is_automatic_until_somebody_edits_it(client, url):
    answer = client.get(url).json()
    assert (answer["model"], answer["edited"]) == ("brightness", False)
    assert [(e["name"], e["target"], e["automatic"]) for e in answer["entries"]] == [
        ("ground", GROUND, GROUND),
        ("sky", SKY, SKY),
    ]


def test_a_choice_is_kept(client, url):
    client.put(url, json={"map": {"sky": TREE}})
    sky = entry(client.get(url), "sky")
    assert (sky["target"], sky["automatic"], sky["chosen"]) == (TREE, SKY, True)


def test_void_is_a_choice_of_its_own(client, url):
    sky = entry(client.put(url, json={"map": {"sky": None}}), "sky")
    assert (sky["target"], sky["automatic"], sky["chosen"]) == (None, SKY, True)


def test_drafts_follow_the_map(client, url, image):
    client.put(url, json={"map": {"sky": TREE, "ground": None}})
    assert set(np.unique(draft(client, image))) == {TREE, VOID}


def test_many_labels_may_lead_to_one(client, url, image):
    client.put(url, json={"map": {"sky": TREE, "ground": TREE}})
    assert set(np.unique(draft(client, image))) == {TREE}


def test_what_is_saved_takes_the_place_of_what_was(client, url):
    client.put(url, json={"map": {"sky": TREE}})
    answer = client.put(url, json={"map": {"ground": TREE}})
    assert entry(answer, "sky")["target"] == SKY


@pytest.mark.parametrize("way", ["delete", "empty"])
def test_a_map_goes_back_to_automatic(client, url, way):
    client.put(url, json={"map": {"sky": TREE}})
    answer = client.delete(url) if way == "delete" else client.put(url, json={"map": {}})
    assert (answer.json()["edited"], entry(answer, "sky")["target"]) == (False, SKY)


def test_each_model_keeps_its_own_map(client, project, url):
    client.put(url, params={"model": "other"}, json={"map": {"sky": TREE}})
    client.patch(f"/api/v1/projects/{project['id']}", json={"model": "other"})
    assert entry(client.get(url), "sky")["target"] == TREE
    client.patch(f"/api/v1/projects/{project['id']}", json={"model": "default"})
    assert entry(client.get(url), "sky")["target"] == SKY


def test_a_renamed_label_keeps_what_leads_to_it(client, project, url):
    client.put(url, json={"map": {"sky": TREE}})
    labels = [LABELS[0], {**LABELS[1], "name": "larch"}, LABELS[2]]
    client.patch(f"/api/v1/projects/{project['id']}", json={"labels": labels})
    assert entry(client.get(url), "sky")["target"] == TREE


def test_a_removed_label_leaves_void_and_its_index(client, project, url, image):
    client.put(url, json={"map": {"sky": TREE}})
    client.patch(f"/api/v1/projects/{project['id']}", json={"labels": [LABELS[0], LABELS[2]]})
    sky = entry(client.get(url), "sky")
    assert (sky["target"], sky["chosen"], sky["gone"]) == (None, True, TREE)
    assert set(np.unique(draft(client, image))) == {GROUND, VOID}


def test_a_new_label_does_not_inherit_choices_for_its_index(client, project, url):
    client.put(url, json={"map": {"sky": TREE}})
    client.patch(f"/api/v1/projects/{project['id']}", json={"labels": [LABELS[0], LABELS[2]]})
    reused = [*LABELS[::2], {"index": TREE, "name": "car", "color": "#000000"}]
    client.patch(f"/api/v1/projects/{project['id']}", json={"labels": reused})
    sky = entry(client.get(url), "sky")
    assert (sky["target"], sky["chosen"], sky["gone"]) == (None, True, None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"map": {"sky": 2}}, "unknown_label"),
        ({"map": {"sea": TREE}}, "invalid"),
        ({"map": {"sky": 255}}, "invalid"),
        ({"map": {"sky": "tree"}}, "invalid"),
        ({"map": {"x" * 201: TREE}}, "invalid"),
        ({"map": {str(i): None for i in range(1001)}}, "invalid"),
        ({"map": {}, "model": "brightness"}, "invalid"),
        ({}, "invalid"),
    ],
)
def test_what_is_no_map_is_refused(client, url, body, code):
    answer = client.put(url, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_an_unknown_model_is_refused(client, url):
    answer = client.get(url, params={"model": "nothing"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")


def test_outdated_drafts_are_counted(client, url, image):
    draft(client, image)
    assert client.get(url).json()["outdated"] == 0
    assert client.put(url, json={"map": {"sky": TREE}}).json()["outdated"] == 1
    draft(client, image)
    assert client.get(url).json()["outdated"] == 0


def test_a_preview_has_the_model_s_indices(client, url, image):
    client.put(url, json={"map": {"sky": TREE}})
    answer = client.get(f"/api/v1/images/{image['id']}/draft-preview")
    assert answer.headers["content-type"] == "image/png"
    found = read_png(answer.content)
    assert found.shape == (200, 300)
    assert (found[0, 0], found[-1, 0]) == (1, 0)


def test_a_preview_is_small(client, project):
    files = [("files", ("wide.jpg", jpeg(photograph(1500, 600))))]
    image = client.post(f"/api/v1/projects/{project['id']}/images", files=files).json()[0]
    found = read_png(client.get(f"/api/v1/images/{image['id']}/draft-preview").content)
    assert found.shape == (205, 512)


def test_a_preview_keeps_nothing(client, image):
    client.get(f"/api/v1/images/{image['id']}/draft-preview")
    found = client.get(f"/api/v1/images/{image['id']}").json()
    assert (found["status"], found["proposal"]) == ("new", None)


def test_a_preview_is_not_computed_twice_for_one_client(client, image):
    preview = f"/api/v1/images/{image['id']}/draft-preview"
    etag = client.get(preview).headers["etag"]
    assert client.get(preview, headers={"If-None-Match": etag}).status_code == 304


OPTIONS = {"refine": True, "flips": True, "scales": [0.75, 1.0, 1.25], "detail": "whole"}
PLAIN = {"refine": None, "flips": False, "scales": [1.0], "detail": "auto"}


def test_a_project_drafts_plainly_at_first(client, project):
    assert project["draft_options"] == PLAIN


def test_draft_options_are_kept(client, project):
    url = f"/api/v1/projects/{project['id']}"
    client.patch(url, json={"draft_options": OPTIONS})
    client.patch(url, json={"name": "Another"})
    assert client.get(url).json()["draft_options"] == OPTIONS


def test_draft_options_go_back_to_plain(client, project):
    url = f"/api/v1/projects/{project['id']}"
    client.patch(url, json={"draft_options": OPTIONS})
    assert client.patch(url, json={"draft_options": None}).json()["draft_options"] == PLAIN


@pytest.mark.parametrize(
    "wrong",
    [
        {"flips": 1},
        {"scales": []},
        {"scales": [0.1]},
        {"scales": [1.0] * 6},
        {"detail": "fine"},
        {"maps": True},
        [],
    ],
)
def test_what_are_no_draft_options_is_refused(client, project, wrong):
    answer = client.patch(f"/api/v1/projects/{project['id']}", json={"draft_options": wrong})
    assert answer.status_code == 422


def test_models_are_listed_with_what_is_known_of_them(settings):
    with TestClient(create_app(settings)) as client:
        default = next(m for m in client.get("/api/v1/models").json() if m["default"])
    assert default["architecture"].startswith("deeplabv3")
    assert len(default["sha256"]) == 64
    assert 0 < default["measured"]["miou"] < 1
    assert default["measured"]["iou"]["person"] > 0


def test_a_map_is_one_project_s(client, url):
    other = create_project(client, name="Another")
    client.put(url, json={"map": {"sky": TREE}})
    answer = client.get(f"/api/v1/projects/{other['id']}/label-map")
    assert entry(answer, "sky")["target"] == SKY
