"""Uploading: every file for itself, once, under a name of its own."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

import fixtures_images as make
from maskwright.services import images


@pytest.fixture
def url(client: TestClient) -> str:
    """Where the images of a new project are."""
    made = client.post("/api/v1/projects", json={"name": "Uploads", "preset": "voc"})
    return f"/api/v1/projects/{made.json()['id']}/images"


def send(client: TestClient, url: str, *files: tuple[str, bytes]) -> Any:
    return client.post(url, files=[("files", file) for file in files])


def send_one(client: TestClient, url: str, name: str, data: bytes) -> dict[str, Any]:
    answer = send(client, url, (name, data))
    assert answer.status_code == 201, answer.text
    return answer.json()[0]


def names(client: TestClient, url: str) -> list[str]:
    return [image["name"] for image in client.get(url).json()["items"]]


def test_upload_answers_what_was_stored(client: TestClient, url: str) -> None:
    data = make.png()
    stored = send_one(client, url, "a.png", data)
    assert stored == {
        "name": "a.png",
        "id": stored["id"],
        "width": 64,
        "height": 40,
        "sha256": hashlib.sha256(data).hexdigest(),
        "duplicate_of": None,
        "note": None,
        "error": None,
    }


def test_bad_files_are_told_and_the_others_go_through(client: TestClient, url: str) -> None:
    answer = send(
        client,
        url,
        ("good.png", make.png()),
        ("cut.jpg", make.jpeg()[:400]),
        ("anim.webp", make.animated("WEBP")),
        ("lies.png", make.jpeg()),
        ("bomb.png", make.png_bomb()),
        ("empty.png", b""),
        ("also.tif", make.encoded(make.picture(), "TIFF")),
    )
    codes = [file["error"] and file["error"]["code"] for file in answer.json()]
    assert (answer.status_code, codes) == (
        201,
        [
            None,
            "broken_image",
            "animated_image",
            "mislabelled_image",
            "too_many_pixels",
            "empty_file",
            None,
        ],
    )


def test_nothing_is_stored_of_a_bad_file(client: TestClient, url: str) -> None:
    send(client, url, ("good.png", make.png()), ("bad.png", b"no image"))
    assert names(client, url) == ["good.png"]


def test_upload_of_nothing_good_is_one_problem(client: TestClient, url: str) -> None:
    answer = send(client, url, ("a.gif", make.animated("GIF")), ("b.png", b""))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "no_image_taken")
    assert [file["error"]["code"] for file in problem["errors"]] == [
        "animated_image",
        "empty_file",
    ]


def test_same_bytes_are_stored_once_and_said(client: TestClient, url: str) -> None:
    first = send_one(client, url, "a.png", make.png())
    again = send_one(client, url, "b.png", make.png())
    assert (again["id"], again["duplicate_of"]) == (first["id"], first["id"])
    assert again["note"] == "Already in this project as a.png; not stored again."


def test_same_bytes_twice_in_one_request_are_stored_once(client: TestClient, url: str) -> None:
    answer = send(client, url, ("a.png", make.png()), ("b.png", make.png())).json()
    assert answer[1]["duplicate_of"] == answer[0]["id"]


def test_another_project_may_have_the_same_bytes(client: TestClient, url: str) -> None:
    send_one(client, url, "a.png", make.png())
    other = client.post("/api/v1/projects", json={"name": "Other"}).json()["id"]
    stored = send_one(client, f"/api/v1/projects/{other}/images", "a.png", make.png())
    assert stored["duplicate_of"] is None


def test_same_name_for_other_bytes_gets_a_number(client: TestClient, url: str) -> None:
    for height in (10, 11, 12):
        send_one(client, url, "a.png", make.png(height))
    assert names(client, url) == ["a (2).png", "a (3).png", "a.png"]


def test_new_name_is_said(client: TestClient, url: str) -> None:
    send_one(client, url, "a_%.png", make.png(10))
    stored = send_one(client, url, "a_%.png", make.png(11))
    assert stored["note"] == "The name a_%.png was taken: stored as a_% (2).png."


def test_trashed_image_comes_back_when_uploaded_again(client: TestClient, url: str) -> None:
    image = send_one(client, url, "a.png", make.png())["id"]
    client.delete(f"/api/v1/images/{image}")
    again = send_one(client, url, "a.png", make.png())
    assert "brought back" in again["note"]
    assert names(client, url) == ["a.png"]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("folder/sub/a.png", "a.png"),
        ("C:\\photos\\a.png", "a.png"),
        ("../../etc/a.png", "a.png"),
        ("über straße.png", "über straße.png"),
        ("x" * 500 + ".png", "x" * 196 + ".png"),
    ],
)
def test_name_is_the_last_part_of_the_path(
    client: TestClient, url: str, sent: str, stored: str
) -> None:
    assert send_one(client, url, sent, make.png())["name"] == stored


def test_turned_photograph_has_its_upright_size(client: TestClient, url: str) -> None:
    data = make.with_orientation(6, "JPEG")
    stored = send_one(client, url, "a.jpg", data)
    assert (stored["width"], stored["height"]) == (40, 64)
    assert stored["sha256"] == hashlib.sha256(data).hexdigest()


def test_file_over_the_limit_is_told(client: TestClient, url: str) -> None:
    settings = client.app.state.settings
    client.app.state.settings = settings.model_copy(update={"max_upload_bytes": 100})
    problem = send(client, url, ("a.png", make.png())).json()
    assert problem["errors"][0]["error"]["code"] == "file_too_large"


def test_too_many_files_store_nothing(client: TestClient, url: str) -> None:
    settings = client.app.state.settings
    client.app.state.settings = settings.model_copy(update={"max_files_per_upload": 1})
    answer = send(client, url, ("a.png", make.png(10)), ("b.png", make.png(11)))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_files")
    assert names(client, url) == []


def test_one_file_more_than_the_default_is_too_many(client: TestClient, url: str) -> None:
    answer = send(client, url, *[("a.png", b"")] * 1001)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_files")


def test_upload_into_no_project_is_not_found(client: TestClient) -> None:
    answer = send(client, "/api/v1/projects/99/images", ("a.png", make.png()))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_upload_into_a_trashed_project_says_so(client: TestClient, url: str) -> None:
    client.delete(url.removesuffix("/images"))
    answer = send(client, url, ("a.png", make.png()))
    assert (answer.status_code, answer.json()["code"]) == (404, "project_trashed")


def test_upload_without_a_file_is_invalid(client: TestClient, url: str) -> None:
    assert client.post(url).status_code == 422


def test_waiting_uploads_keep_nobody_else_waiting(client: TestClient, url: str) -> None:
    waiting = 60  # more than the threads that all other routes share
    with ThreadPoolExecutor(waiting + 1) as pool:
        with images._DECODING, images._DECODING:
            uploads = [
                pool.submit(send, client, url, ("a.png", make.png(10 + n))) for n in range(waiting)
            ]
            shown = pool.submit(client.get, url).result(timeout=20)
        statuses = {upload.result().status_code for upload in uploads}
    assert (shown.status_code, statuses) == (200, {201})
