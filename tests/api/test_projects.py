"""Projects and label sets."""

import numpy as np

from factories import LABELS, create_project, png


def change(client, project, **what):
    return client.patch(f"/api/v1/projects/{project['id']}", json=what)


def use(client, image, index: int) -> None:
    mask = np.full((image["height"], image["width"]), index, np.uint8)
    url = f"/api/v1/images/{image['id']}/mask"
    assert client.put(url, content=png(mask), headers={"If-Match": "*"}).status_code == 200


def test_labels_come_back_in_their_order(client, project):
    found = client.get(f"/api/v1/projects/{project['id']}").json()["labels"]
    assert [label["name"] for label in found] == ["ground", "tree", "sky"]


def test_every_preset_makes_a_project(client):
    for preset in client.get("/api/v1/presets").json():
        answer = client.post("/api/v1/projects", json={"name": "p", "preset": preset["key"]})
        assert answer.status_code == 201, answer.text
        assert answer.json()["labels"] == preset["labels"]


def test_presets_have_the_published_number_of_labels(client):
    counts = {p["key"]: len(p["labels"]) for p in client.get("/api/v1/presets").json()}
    assert counts == {
        "voc": 21,
        "coco-things": 80,
        "cityscapes": 19,
        "bdd100k": 19,
        "camvid": 11,
        "blank": 0,
    }


def test_two_labels_of_one_index_are_refused(client):
    twice = [LABELS[0], {**LABELS[1], "index": 0}]
    answer = client.post("/api/v1/projects", json={"name": "p", "labels": twice})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_labels")


def test_index_255_is_refused(client):
    labels = [{**LABELS[0], "index": 255}]
    assert client.post("/api/v1/projects", json={"name": "p", "labels": labels}).status_code == 422


def test_unknown_member_is_refused(client):
    assert client.post("/api/v1/projects", json={"name": "p", "colour": 1}).status_code == 422


def test_label_in_use_can_be_renamed_and_recolored(client, project, image):
    use(client, image, 7)
    labels = [*LABELS[:2], {**LABELS[2], "name": "air", "color": "#ffffff"}]
    assert change(client, project, labels=labels).json()["labels"][2]["name"] == "air"


def test_label_in_use_can_not_be_taken_away(client, project, image):
    use(client, image, 7)
    answer = change(client, project, labels=LABELS[:2])
    assert (answer.status_code, answer.json()["code"]) == (409, "label_in_use")
    assert answer.json()["labels"] == [{"index": 7, "name": "sky", "images": 1}]


def test_refused_change_changes_nothing(client, project, image):
    use(client, image, 7)
    change(client, project, name="other", labels=LABELS[:2])
    assert client.get(f"/api/v1/projects/{project['id']}").json() == project | {
        "images": 1,
        "by_status": project["by_status"] | {"in_progress": 1},
    }


def test_unused_label_can_be_taken_away(client, project, image):
    use(client, image, 7)
    assert len(change(client, project, labels=LABELS[1:]).json()["labels"]) == 2


def test_same_key_makes_one_project(client):
    headers = {"Idempotency-Key": "once"}
    body = {"name": "p", "labels": LABELS}
    ids = {client.post("/api/v1/projects", json=body, headers=headers).json()["id"] for _ in "ab"}
    assert len(ids) == 1


def test_same_key_for_another_request_is_refused(client):
    headers = {"Idempotency-Key": "once"}
    client.post("/api/v1/projects", json={"name": "p"}, headers=headers)
    answer = client.post("/api/v1/projects", json={"name": "q"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_trashed_project_is_listed_in_the_trash_only(client, project):
    client.delete(f"/api/v1/projects/{project['id']}")
    assert client.get("/api/v1/projects").json()["items"] == []
    assert len(client.get("/api/v1/projects", params={"trash": True}).json()["items"]) == 1


def test_undeleted_project_is_back(client, project):
    client.delete(f"/api/v1/projects/{project['id']}")
    client.post(f"/api/v1/projects/{project['id']}/undelete")
    assert len(client.get("/api/v1/projects").json()["items"]) == 1


def test_list_is_paged_newest_first(client):
    ids = [create_project(client, name=f"p{i}")["id"] for i in range(5)]
    first = client.get("/api/v1/projects", params={"limit": 3}).json()
    params = {"limit": 3, "cursor": first["next_cursor"]}
    rest = client.get("/api/v1/projects", params=params).json()
    assert [p["id"] for p in first["items"] + rest["items"]] == ids[::-1]


def test_search_finds_part_of_a_name_in_either_case(client):
    create_project(client, name="Street 100%")
    create_project(client, name="Field")
    found = client.get("/api/v1/projects", params={"q": "EET 100%"}).json()["items"]
    assert [p["name"] for p in found] == ["Street 100%"]


def test_stats_count_pixels_and_statuses(client, project, image):
    use(client, image, 7)
    stats = client.get(f"/api/v1/projects/{project['id']}/stats").json()
    assert stats["label_pixels"] == {"7": 60000}
    assert stats["label_share"] == {"7": 1.0}
    assert stats["by_status"]["in_progress"] == 1


def test_unknown_project_is_a_problem(client):
    answer = client.get("/api/v1/projects/12345")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_name_and_labels_change_in_one_request(client, project):
    answer = change(client, project, name="Winter", labels=project["labels"])
    assert answer.json()["name"] == "Winter"


def test_search_for_what_no_name_can_hold_is_refused(client):
    assert client.get("/api/v1/projects", params={"q": "\0"}).status_code == 422


def test_model_that_is_not_listed_is_refused(client, project):
    answer = change(client, project, model="no/such/model.json")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")


def test_listed_model_is_taken(client, project):
    name = client.get("/api/v1/models").json()[0]["name"]
    assert change(client, project, model=name).json()["model"] == name
