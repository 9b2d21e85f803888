"""Runs of drafts over HTTP; the worker's part is played by the test."""

import pytest
from sqlalchemy import select

from factories import BrightnessProposer, create_project, jpeg, photograph
from maskwright.domain.actor import LOCAL
from maskwright.jobs import draft_task
from maskwright.jobs.port import run_unrecorded
from maskwright.jobs.tasks import TASKS
from maskwright.services import label_maps
from maskwright.services.job_runs import JobRunner
from maskwright.tables import JobRow, LabelRow


@pytest.fixture
def image_ids(client, project) -> list[int]:
    return upload(client, project, 3)


def upload(client, project, count: int) -> list[int]:
    files = [("files", (f"{n}.jpg", jpeg(photograph(60, 40, seed=n)))) for n in range(count)]
    answer = client.post(f"/api/v1/projects/{project['id']}/images", files=files)
    return [image["id"] for image in answer.json()]


def begin(client, project, headers=None, **body):
    url = f"/api/v1/projects/{project['id']}/proposals"
    return client.post(url, json=body, headers=headers)


def work(client) -> None:
    """Do all chunks that wait, and those that follow, as a worker would."""
    state = client.app.state
    runner = JobRunner(state.db, state.settings, state.queue, state.drafter)
    while True:
        with state.db.read() as session:
            waiting = select(JobRow.id).where(JobRow.parent_id.is_not(None))
            chunks = session.scalars(waiting).all()
        if not chunks:
            return
        for chunk in chunks:
            runner.execute(chunk, run_unrecorded)


def job(client, job_id: str) -> dict:
    return client.get(f"/api/v1/jobs/{job_id}").json()


def act(client, job_id: str, what: str):
    return client.post(f"/api/v1/jobs/{job_id}/{what}")


def items(client, job_id: str, **query) -> list[dict]:
    return client.get(f"/api/v1/jobs/{job_id}/items", params=query).json()["items"]


def test_the_task_is_registered():
    assert TASKS["draft_chunk"] is draft_task.draft_chunk


def test_a_run_is_a_job_that_waits(client, project, image_ids):
    answer = begin(client, project)
    assert answer.status_code == 202
    shown = client.get(answer.headers["location"]).json()
    assert (shown["kind"], shown["status"], shown["paused"]) == ("proposals", "queued", False)
    assert shown["progress"] == {
        "done": 0,
        "total": 3,
        "unit": "images",
        "failed": 0,
        "rate": None,
        "seconds_left": None,
    }


def test_a_run_drafts_the_new_images_and_tells_what_became_of_them(client, project, image_ids):
    run = begin(client, project).json()["id"]
    work(client)
    done = job(client, run)
    assert (done["status"], done["progress"]["done"]) == ("succeeded", 3)
    assert (done["result"]["drafted"], done["result"]["left"]) == (3, 0)
    first = items(client, run)[0]
    shown = client.get(f"/api/v1/images/{image_ids[0]}").json()
    assert (first["name"], first["status"]) == ("0.jpg", "drafted")
    assert (first["revision"], first["uncertainty"]) == (shown["proposal"], shown["uncertainty"])


def test_chunks_are_in_no_list(client, project, image_ids):
    run = begin(client, project, chunk=1).json()["id"]
    assert [row["id"] for row in client.get("/api/v1/jobs").json()["items"]] == [run]


def test_only_named_images_are_drafted_and_not_those_that_people_began(client, project, image_ids):
    client.post(f"/api/v1/images/{image_ids[0]}/status", json={"status": "in_progress"})
    run = begin(client, project, image_ids=image_ids[:2]).json()["id"]
    work(client)
    found = {row["image_id"]: row["status"] for row in items(client, run)}
    assert found == {image_ids[0]: "skipped", image_ids[1]: "drafted"}
    assert items(client, run, status="skipped")[0]["error"]["code"] == "status_changed"


def test_images_that_people_began_are_drafted_when_asked_for(client, project, image_ids):
    client.post(f"/api/v1/images/{image_ids[0]}/status", json={"status": "in_progress"})
    begin(client, project, statuses=["in_progress"])
    work(client)
    shown = client.get(f"/api/v1/images/{image_ids[0]}").json()
    assert (shown["status"], shown["head"]) == ("in_progress", 0)
    assert shown["proposal"]


def test_a_project_without_new_images_has_nothing_to_draft(client, project):
    answer = begin(client, project)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_draft")
    assert client.get("/api/v1/jobs").json()["items"] == []


def test_images_of_another_project_are_refused(client, project, image_ids):
    other = create_project(client, name="Other")
    answer = begin(client, other, image_ids=image_ids)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_images")


@pytest.mark.parametrize(
    "body",
    [
        {"image_ids": []},
        {"statuses": ["lost"]},
        {"chunk": 0},
        {"options": {"scales": [9]}},
        {"colour": "red"},
    ],
)
def test_a_run_that_makes_no_sense_is_refused(client, project, image_ids, body):
    assert begin(client, project, **body).status_code == 422


def test_a_model_that_is_not_listed_is_refused(client, project, image_ids):
    answer = begin(client, project, model="/etc/passwd")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")


def test_the_same_idempotency_key_gives_the_same_run(client, project, image_ids):
    headers = {"Idempotency-Key": "k"}
    first = begin(client, project, headers).json()["id"]
    work(client)
    assert begin(client, project, headers).json()["id"] == first
    other = begin(client, project, headers, image_ids=image_ids)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_a_paused_run_waits_and_goes_on(client, project, image_ids):
    run = begin(client, project).json()["id"]
    paused = act(client, run, "pause").json()
    assert (paused["status"], paused["paused"]) == ("queued", True)
    work(client)
    assert job(client, run)["progress"]["done"] == 0
    assert act(client, run, "resume").json()["paused"] is False
    work(client)
    assert job(client, run)["status"] == "succeeded"


def test_a_cancelled_run_is_retried(client, project, image_ids):
    run = begin(client, project).json()["id"]
    assert client.delete(f"/api/v1/jobs/{run}").json()["status"] == "cancelled"
    assert job(client, run)["result"]["left"] == 3
    assert act(client, run, "retry").json()["status"] == "queued"
    work(client)
    assert job(client, run)["result"]["drafted"] == 3


def test_a_withdrawn_run_leaves_no_proposal(client, project, image_ids):
    run = begin(client, project).json()["id"]
    work(client)
    assert act(client, run, "withdraw").json()["result"]["withdrawn"] is True
    shown = client.get(f"/api/v1/images/{image_ids[0]}").json()
    assert (shown["status"], shown["proposal"], shown["uncertainty"]) == ("new", None, None)
    assert act(client, run, "withdraw").status_code == 200
    assert act(client, run, "retry").json()["code"] == "run_withdrawn"


def test_what_was_accepted_from_a_withdrawn_run_stays(client, project, image_ids):
    run = begin(client, project).json()["id"]
    work(client)
    head = client.post(f"/api/v1/images/{image_ids[0]}/proposal/accept", json={}).json()["id"]
    act(client, run, "withdraw")
    shown = client.get(f"/api/v1/images/{image_ids[0]}").json()
    assert (shown["head"], shown["status"], shown["proposal"]) == (head, "in_progress", None)


def test_a_proposal_whose_label_is_gone_does_not_come_back(client, project, image_ids):
    first = begin(client, project).json()["id"]
    work(client)
    db, void = client.app.state.db, {"ground": None, "sky": None}
    label_maps.save(db, project["id"], "brightness", BrightnessProposer.labels, void, LOCAL)
    second = begin(client, project, statuses=["proposed"]).json()["id"]
    work(client)
    with db.write() as session:
        session.delete(session.scalars(select(LabelRow).where(LabelRow.index == 7)).one())
    act(client, second, "withdraw")
    shown = client.get(f"/api/v1/images/{image_ids[0]}").json()
    assert (shown["proposal"], shown["status"]) == (None, "new")
    assert job(client, first)["status"] == "succeeded"


@pytest.mark.parametrize("what", ["pause", "resume"])
def test_a_run_that_has_ended_is_not_paused(client, project, image_ids, what):
    run = begin(client, project).json()["id"]
    work(client)
    answer = act(client, run, what)
    assert (answer.status_code, answer.json()["code"]) == (409, "job_ended")


@pytest.mark.parametrize("what", ["pause", "resume", "retry", "withdraw"])
def test_an_export_is_no_run(client, project, what):
    url = f"/api/v1/projects/{project['id']}/exports"
    export = client.post(url, json={"format": "voc"}).json()["id"]
    answer = act(client, export, what)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_run")
    assert items(client, export) == []


def test_nothing_is_retried_where_nothing_failed(client, project, image_ids):
    run = begin(client, project).json()["id"]
    work(client)
    answer = act(client, run, "retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_retry")


def test_items_come_page_by_page(client, project, image_ids):
    run = begin(client, project).json()["id"]
    url, seen, cursor = f"/api/v1/jobs/{run}/items", [], None
    while True:
        page = client.get(url, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [row["image_id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(image_ids)
