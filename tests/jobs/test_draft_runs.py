"""Runs of drafts in real workers, on real databases: shared, paused, killed, taken back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from jobs.drafting import (
    drafts_per_image,
    ended,
    errors,
    items,
    project_of,
    refs,
    start_run,
    statuses,
    wait,
)
from jobs.drafting_worker import BREAKS_AT, DIES_AT
from maskwright.domain.actor import LOCAL
from maskwright.domain.proposer import DraftOptions
from maskwright.errors import Conflict
from maskwright.jobs.dbos_queue import DbosQueue, system_database_url
from maskwright.services import draft_progress, draft_runs, draft_withdrawal, images, proposals
from maskwright.services.proposals import Selection
from maskwright.settings import Settings
from maskwright.tables import BlobRow, ImageRow, JobRow, RevisionRow
from maskwright.worker import environment
from postgres import postgres_database

WORKER = Path(__file__).with_name("drafting_worker.py")
Start = Callable[..., subprocess.Popen]


both = pytest.mark.parametrize("settings", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def settings(request, tmp_path) -> Iterator[Settings]:
    """Settings of an empty store, on SQLite where a test does not ask for both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield Settings(data_dir=tmp_path, worker_nice=0)
        return
    with postgres_database() as url:
        yield Settings(data_dir=tmp_path, worker_nice=0, database_url=url)


@pytest.fixture
def queue(settings) -> Iterator[DbosQueue]:
    queue = DbosQueue(system_database_url(settings))
    yield queue
    queue.close()


@pytest.fixture
def start(settings, db) -> Iterator[Start]:
    """Start a worker process whose drafts take so long; those left are killed after the test."""
    started: list[subprocess.Popen] = []

    def start(seconds: float = 0.0) -> subprocess.Popen:
        paths = os.pathsep.join(map(str, [WORKER.parents[1], *filter(None, sys.path)]))
        extra = {"TEST_DRAFT_SECONDS": str(seconds), "PYTHONPATH": paths}
        command = [sys.executable, str(WORKER), str(os.getpid())]
        started.append(subprocess.Popen(command, env=os.environ | environment(settings) | extra))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def kill(worker: subprocess.Popen) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.wait()


def test_a_run_drafts_every_new_image_once(db, queue, start):
    run = start_run(db, queue, project_of(db, [60] * 40))
    start()
    row = wait(db, run, ended)
    assert row.status == "succeeded"
    assert row.result | {"seconds": 0, "mean_uncertainty": 0} == {
        "drafted": 40,
        "failed": 0,
        "skipped": 0,
        "left": 0,
        "withdrawn": False,
        "mean_uncertainty": 0,
        "seconds": 0,
    }
    assert set(drafts_per_image(db).values()) == {1}
    assert set(statuses(db).values()) == {"proposed"}


def test_a_draft_tells_how_it_was_made(db, queue, start):
    project = project_of(db, [60])
    run = start_run(db, queue, project, options=DraftOptions(flips=True))
    start()
    wait(db, run, ended)
    with db.read() as session:
        revision = session.scalars(select(RevisionRow)).one()
        image = session.scalars(select(ImageRow)).one()
    assert revision.job_id == run
    assert revision.draft["options"]["flips"] is True
    assert revision.draft["map"] == {"ground": 0, "sky": 7}
    assert revision.draft["uncertainty"] == pytest.approx(image.uncertainty, abs=1e-4)


@both
def test_two_workers_share_a_run(db, queue, start):
    run = start_run(db, queue, project_of(db, [60] * 24), chunk=2)
    workers = [start(0.2), start(0.2)]
    seen: set[str] = set()

    def look(row: JobRow) -> bool:
        with db.read() as session:
            chunks = session.scalars(select(JobRow).where(JobRow.parent_id == run))
            seen.update(chunk.worker for chunk in chunks if chunk.worker and chunk.done)
        return ended(row)

    assert wait(db, run, look).status == "succeeded"
    assert all(worker.poll() is None for worker in workers)
    assert set(drafts_per_image(db).values()) == {1}
    names = executors(queue, run)
    assert len(names) == 2
    assert min(names.values()) >= 2


def executors(queue: DbosQueue, run: str) -> dict[str, int]:
    """Return worker → chunks that it did."""
    found: dict[str, int] = {}
    for workflow in queue._client().list_workflows(status="SUCCESS"):
        found[workflow.executor_id] = found.get(workflow.executor_id, 0) + 1
    return found


@both
def test_a_killed_worker_s_chunk_goes_on_after_its_last_image(db, queue, start):
    run = start_run(db, queue, project_of(db, [60] * 20), chunk=20)
    first = start(0.1)
    wait(db, run, 5)
    kill(first)
    done = set(drafts_per_image(db))
    start()
    assert wait(db, run, ended).status == "succeeded"
    assert len(done) >= 5
    assert set(drafts_per_image(db).values()) == {1}


@both
def test_a_paused_run_stays_so_over_a_restart_and_goes_on_when_resumed(db, queue, start):
    run = start_run(db, queue, project_of(db, [60] * 20), chunk=4)
    first = start(0.1)
    wait(db, run, 3)
    draft_runs.pause(db, queue, run)
    wait(db, run, lambda _row: not children(db, run))
    kill(first)
    before = items(db, run)
    start(0.0)
    time.sleep(3)
    with db.read() as session:
        row = session.get_one(JobRow, run)
    assert (row.status, row.paused, items(db, run)) == ("queued", True, before)
    assert before["waiting"] > 0
    draft_runs.resume(db, queue, run)
    assert wait(db, run, ended).result["drafted"] == 20


def children(db, run: str) -> list[JobRow]:
    with db.read() as session:
        return list(session.scalars(select(JobRow).where(JobRow.parent_id == run)))


def test_a_cancelled_run_keeps_its_drafts_and_a_retry_does_the_rest(db, queue, start):
    run = start_run(db, queue, project_of(db, [60] * 20), chunk=4)
    start(0.1)
    wait(db, run, 3)
    draft_runs.cancel(db, queue, run)
    row = wait(db, run, ended, 10)
    assert row.status == "cancelled"
    assert row.result["left"] == items(db, run)["waiting"] > 0
    assert row.result["drafted"] == len(drafts_per_image(db))
    draft_runs.retry(db, queue, run)
    assert wait(db, run, ended).status == "succeeded"
    assert set(drafts_per_image(db).values()) == {1}


def test_a_run_that_is_being_cancelled_is_not_retried_before_it_has_ended(db, queue, start):
    run = start_run(db, queue, project_of(db, [60] * 8), chunk=4)
    start(0.5)
    wait(db, run, 1)
    assert draft_runs.cancel(db, queue, run).status == "running"
    with pytest.raises(Conflict, match="being stopped"):
        draft_runs.retry(db, queue, run)
    assert wait(db, run, ended, 10).status == "cancelled"


def test_a_run_that_no_worker_has_begun_is_cancelled_at_once(db, queue):
    run = start_run(db, queue, project_of(db, [60] * 3))
    assert draft_runs.cancel(db, queue, run).status == "cancelled"
    assert children(db, run) == []


def test_an_image_that_can_t_be_drafted_is_recorded_and_the_others_go_on(db, queue, start):
    project = project_of(db, [60, BREAKS_AT, 60, 60, 60])
    damage(db, 3, lambda _data: b"rubbish")
    damage(db, 4, lambda data: data[: len(data) // 2])
    run = start_run(db, queue, project)
    start()
    row = wait(db, run, ended)
    assert errors(db, run) == {2: "internal", 3: "not_an_image", 4: "broken_image"}
    assert (row.status, row.result["failed"], row.result["drafted"]) == ("succeeded", 3, 2)


def damage(db, image_id: int, change: Callable[[bytes], bytes]) -> bytes:
    """Change the stored file of an image and return what it was."""
    with db.write() as session:
        blob = session.get_one(BlobRow, session.get_one(ImageRow, image_id).file_blob)
        before, blob.data = blob.data, change(blob.data)
        return before


def test_failed_images_are_drafted_by_a_retry(db, queue, start):
    project = project_of(db, [60, 60])
    kept = damage(db, 2, lambda _data: b"rubbish")
    run = start_run(db, queue, project)
    start()
    assert wait(db, run, ended).result["failed"] == 1
    damage(db, 2, lambda _data: kept)
    draft_runs.retry(db, queue, run)
    assert wait(db, run, ended).result["drafted"] == 2
    with pytest.raises(Conflict, match="No image of this run failed"):
        draft_runs.retry(db, queue, run)


def test_an_image_that_ends_its_worker_every_time_is_given_up_and_the_others_go_on(
    db, queue, start
):
    run = start_run(db, queue, project_of(db, [60, DIES_AT, 60]))
    for _ in range(8):
        worker = start()
        while worker.poll() is None and not ended(wait(db, run, lambda _row: True)):
            time.sleep(0.05)
        if ended(wait(db, run, lambda _row: True)):
            break
    assert errors(db, run) == {2: "worker_died"}
    assert items(db, run) == {"drafted": 2, "failed": 1}


def test_a_model_that_can_t_be_used_fails_the_run_and_no_image(db, queue, start):
    run = start_run(db, queue, project_of(db, [60] * 3), model="missing")
    start()
    row = wait(db, run, ended)
    assert (row.status, row.error["code"]) == ("failed", "model_unavailable")
    assert items(db, run) == {"waiting": 3}


def test_images_that_people_took_up_meanwhile_are_left_alone(db, queue, start):
    project = project_of(db, [60] * 4)
    run = start_run(db, queue, project)
    with db.write() as session:
        session.execute(update(ImageRow).where(ImageRow.id == 2).values(status="in_progress"))
    images.trash(db, 3)
    with db.write() as session:
        session.execute(delete(ImageRow).where(ImageRow.id == 4))
    start()
    row = wait(db, run, ended)
    assert errors(db, run) == {2: "status_changed", 3: "trashed"}
    assert (row.result["drafted"], row.result["skipped"], row.result["left"]) == (1, 3, 0)


def test_progress_tells_the_speed_and_the_time_left(db, queue, start):
    run = start_run(db, queue, project_of(db, [60] * 40))
    start(0.1)
    wait(db, run, 15)
    with db.read() as session:
        figures = draft_progress.figures(session, [session.get_one(JobRow, run)])[run]
    assert figures.done >= 15
    assert 2 < figures.rate < 12
    assert figures.seconds_left == pytest.approx((40 - figures.done) / figures.rate)


@both
def test_a_withdrawn_run_leaves_images_as_they_were(db, queue, start):
    project = project_of(db, [60] * 5)
    start()
    first = start_run(db, queue, project, image_ids=[1, 2])
    wait(db, first, ended)
    before = refs(db, "proposal")
    second = start_run(db, queue, project, statuses=["new", "proposed"])
    wait(db, second, ended)
    proposals.accept(db, 3, Selection(), "void", LOCAL)
    proposals.reject(db, 4, Selection(labels=[7]), LOCAL)
    head = refs(db, "head")
    row = draft_withdrawal.withdraw(db, queue, second, LOCAL)
    assert (row.status, row.result["withdrawn"]) == ("succeeded", True)
    assert refs(db, "proposal") == before
    assert refs(db, "head") == head
    assert statuses(db) == {1: "proposed", 2: "proposed", 3: "in_progress", 4: "new", 5: "new"}
    assert items(db, second) == {"withdrawn": 5}


def test_a_withdrawn_run_takes_back_no_later_draft_and_nothing_of_it_returns(db, queue, start):
    project = project_of(db, [60] * 2)
    start()
    first = start_run(db, queue, project)
    wait(db, first, ended)
    second = start_run(db, queue, project, image_ids=[1])
    wait(db, second, ended)
    later = refs(db, "proposal")[1]
    draft_withdrawal.withdraw(db, queue, first, LOCAL)
    assert refs(db, "proposal") == {1: later}
    draft_withdrawal.withdraw(db, queue, second, LOCAL)
    assert refs(db, "proposal") == {}
    assert statuses(db) == {1: "new", 2: "new"}


@both
def test_a_run_that_goes_on_is_cancelled_and_withdrawn(db, queue, start):
    run = start_run(db, queue, project_of(db, [60] * 20))
    start(0.1)
    wait(db, run, 3)
    assert draft_withdrawal.withdraw(db, queue, run, LOCAL).status == "cancelled"
    assert refs(db, "proposal") == {}
    assert set(statuses(db).values()) == {"new"}
    with pytest.raises(Conflict, match="withdrawn"):
        draft_runs.retry(db, queue, run)
