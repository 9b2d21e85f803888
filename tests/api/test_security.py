"""Pages of other sites can't use a server on this machine."""

import pytest

PROJECT = {"name": "p"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
def test_write_from_another_site_is_refused(client, headers):
    answer = client.post("/api/v1/projects", json=PROJECT, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")


def test_write_from_our_own_page_is_taken(client):
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/v1/projects", json=PROJECT, headers=headers).status_code == 201


def test_foreign_host_name_is_refused(client):
    answer = client.get("/api/v1/projects", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "host_not_allowed")


def test_every_answer_forbids_foreign_script(client):
    for path in ("/", "/api/v1/projects", "/nowhere"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe-inline" not in policy


def test_too_large_a_body_is_refused(client):
    body = b'{"name": "' + b"x" * (5 << 20) + b'"}'
    headers = {"Content-Type": "application/json"}
    answer = client.post("/api/v1/projects", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_unknown_path_is_a_problem(client):
    answer = client.get("/api/v1/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"


def test_json_under_another_name_is_told_how_to_come(client):
    answer = client.post("/api/v1/projects", content=b"{}", headers={"Content-Type": "text/plain"})
    assert "Content-Type: application/json" in answer.json()["detail"]


def test_method_that_a_path_has_not_is_told_where_to_look(client):
    answer = client.put("/api/v1/projects")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "openapi.json" in answer.json()["detail"]
