"""Jobs over HTTP, on the real application and queue; the worker's part is played by the test."""

import json
import time
from threading import Timer
from urllib.parse import quote

import pytest

from maskwright.domain.actor import LOCAL
from maskwright.jobs.port import run_unrecorded
from maskwright.jobs.tasks import TASKS, JobContext
from maskwright.services import jobs
from maskwright.services.job_runs import JobRunner
from maskwright.tables import now

NOT_BEGUN = {"done": 0, "total": 0, "unit": "", "failed": 0, "rate": None, "seconds_left": None}


@pytest.fixture
def project_id(project) -> int:
    return project["id"]


@pytest.fixture
def zipping(monkeypatch) -> None:
    """A kind of job that leaves 100 bytes as its result."""

    def task(context: JobContext) -> dict[str, object]:
        context.progress(1, 1, "files")
        context.result_path.write_bytes(bytes(range(100)))
        return {"bytes": 100}

    monkeypatch.setitem(TASKS, "zipping", task)


def create(client, kind="waiting", **more) -> str:
    state = client.app.state
    return jobs.create(state.db, state.queue, LOCAL, kind, {}, **more).id


def run(client, job_id: str) -> None:
    """Do the job here and now, as a worker would."""
    state = client.app.state
    runner = JobRunner(state.db, state.settings, state.queue, state.drafter)
    runner.execute(job_id, run_unrecorded)


def change(client, job_id: str, **values) -> None:
    with client.app.state.db.write() as session:
        row = jobs.get(session, job_id)
        for name, value in values.items():
            setattr(row, name, value)


def events(client, job_id: str) -> list[dict]:
    with client.stream("GET", f"/api/v1/jobs/{job_id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = list(answer.iter_lines())
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data")]


def test_an_export_is_a_job_that_waits(client, project_id):
    answer = client.post(f"/api/v1/projects/{project_id}/exports", json={"format": "voc"})
    assert answer.status_code == 202
    job = client.get(answer.headers["location"]).json()
    assert (job["kind"], job["status"], job["project_id"]) == ("export", "queued", project_id)
    assert job["progress"] == NOT_BEGUN


def test_the_same_idempotency_key_gives_the_same_job(client, project_id):
    url, headers = f"/api/v1/projects/{project_id}/exports", {"Idempotency-Key": "k"}
    first = client.post(url, json={"format": "voc"}, headers=headers).json()
    assert client.post(url, json={"format": "voc"}, headers=headers).json()["id"] == first["id"]
    assert len(client.get("/api/v1/jobs").json()["items"]) == 1


def test_an_idempotency_key_is_not_for_another_request(client, project_id):
    url, headers = f"/api/v1/projects/{project_id}/exports", {"Idempotency-Key": "k"}
    client.post(url, json={"format": "voc"}, headers=headers)
    answer = client.post(url, json={"format": "coco"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize(
    "body",
    [
        {"format": "floppy"},
        {"format": "voc", "statuses": ["lost"]},
        {"format": "voc", "statuses": []},
        {"format": "voc", "polygons": True},
        {"format": "camvid", "colors": True},
        {"format": "voc", "colour": "red"},
        {},
    ],
)
def test_an_export_that_makes_no_sense_is_refused(client, project_id, body):
    answer = client.post(f"/api/v1/projects/{project_id}/exports", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_export_of_no_project_is_not_found(client):
    assert client.post("/api/v1/projects/99/exports", json={"format": "voc"}).status_code == 404


def test_jobs_are_listed_newest_first_page_by_page(client, project_id):
    made = [create(client, project_id=project_id) for _ in range(5)] + [create(client)]
    seen, cursor = [], ""
    while cursor is not None:
        query = {"project_id": project_id, "limit": 2, "cursor": cursor}
        page = client.get("/api/v1/jobs", params=query).json()
        seen += [job["id"] for job in page["items"]]
        cursor = page["next_cursor"]
    assert seen == made[4::-1]


def test_an_unknown_cursor_is_refused(client):
    assert client.get("/api/v1/jobs", params={"cursor": "abc"}).status_code == 422


def test_no_such_job(client):
    answer = client.get("/api/v1/jobs/5f0c6a52-7e0a-4b6c-9d9b-0d3a1c6c2f11/events")
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")


def test_a_waiting_job_is_cancelled_at_once_and_again_without_harm(client):
    job_id = create(client)
    for _ in range(2):
        answer = client.delete(f"/api/v1/jobs/{job_id}")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")


def test_a_running_job_says_that_it_is_stopping(client):
    job_id = create(client)
    change(client, job_id, status="running", heartbeat_at=now(), worker="w")
    job = client.delete(f"/api/v1/jobs/{job_id}").json()
    assert (job["status"], job["note"]) == ("running", "Stopping.")


def test_a_job_whose_worker_died_is_not_called_running(client):
    job_id = create(client)
    silent = now() - 2 * jobs.LOST_AFTER
    change(client, job_id, status="running", heartbeat_at=silent, worker="w")
    job = client.get(f"/api/v1/jobs/{job_id}").json()
    assert job["status"] == "queued"
    assert "worker stopped" in job["note"]


def test_events_tell_the_state_then_each_change_then_end(client, zipping):
    job_id = create(client, "zipping")
    Timer(0.7, run, [client, job_id]).start()
    seen = events(client, job_id)
    assert seen[0]["status"] == "queued"
    assert seen[-1]["status"] == "succeeded"
    assert seen[-1]["progress"] == NOT_BEGUN | {"done": 1, "total": 1, "unit": "files"}


def test_events_of_an_ended_job_are_one_and_end_at_once(client):
    job_id = create(client)
    client.delete(f"/api/v1/jobs/{job_id}")
    began = time.monotonic()
    assert [job["status"] for job in events(client, job_id)] == ["cancelled"]
    assert time.monotonic() - began < 2


def test_a_silent_stream_is_kept_alive_and_holds_no_connection(client, monkeypatch):
    monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.2)
    job_id = create(client)
    Timer(1.6, client.delete, [f"/api/v1/jobs/{job_id}"]).start()
    held = []
    Timer(0.8, lambda: held.append(client.app.state.db.engine.pool.checkedout())).start()
    with client.stream("GET", f"/api/v1/jobs/{job_id}/events") as answer:
        lines = list(answer.iter_lines())
    assert lines.count(": ping") >= 3
    assert held == [0]


def test_a_result_is_a_file_with_a_name_that_tells_what_it_is(client, zipping):
    project = client.post("/api/v1/projects", json={"name": "Straße / 7", "preset": "voc"}).json()
    job_id = create(client, "zipping", project_id=project["id"])
    run(client, job_id)
    answer = client.get(f"/api/v1/jobs/{job_id}/result")
    assert answer.content == bytes(range(100))
    assert answer.headers["content-type"] == "application/zip"
    name = f"Straße-7-{job_id[:8]}.zip"
    assert answer.headers["content-disposition"] == f"attachment; filename*=utf-8''{quote(name)}"


def test_a_download_can_go_on_where_it_broke_off(client, zipping):
    job_id = create(client, "zipping")
    run(client, job_id)
    whole = client.get(f"/api/v1/jobs/{job_id}/result")
    headers = {"Range": "bytes=60-", "If-Range": whole.headers["etag"]}
    rest = client.get(f"/api/v1/jobs/{job_id}/result", headers=headers)
    assert rest.status_code == 206
    assert rest.headers["content-range"] == "bytes 60-99/100"
    assert rest.content == whole.content[60:]


@pytest.mark.parametrize(
    ("asked", "status"),
    [("bytes=x", 200), ("lines=1-2", 200), ("bytes=5-2", 200), ("bytes=99999999-", 416)],
)
def test_a_range_that_makes_no_sense_is_ignored_and_one_outside_is_a_problem(
    client, zipping, asked, status
):
    job_id = create(client, "zipping")
    run(client, job_id)
    answer = client.get(f"/api/v1/jobs/{job_id}/result", headers={"Range": asked})
    kind = {200: "application/zip", 416: "application/problem+json"}[status]
    assert (answer.status_code, answer.headers["content-type"]) == (status, kind)


def test_a_result_is_not_sent_twice(client, zipping):
    job_id = create(client, "zipping")
    run(client, job_id)
    url = f"/api/v1/jobs/{job_id}/result"
    etag = client.get(url).headers["etag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304


def test_a_job_that_has_not_ended_has_no_result_yet(client):
    answer = client.get(f"/api/v1/jobs/{create(client)}/result")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_not_finished")


def test_an_expired_result_is_gone(client, zipping):
    job_id = create(client, "zipping")
    run(client, job_id)
    jobs.result_path(client.app.state.settings, job_id).unlink()
    answer = client.get(f"/api/v1/jobs/{job_id}/result")
    assert (answer.status_code, answer.json()["code"]) == (410, "result_expired")
