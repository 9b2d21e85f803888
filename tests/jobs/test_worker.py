"""Real workers on real databases: killed, stopped, cancelled, and their jobs finished anyway."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from maskwright.domain.actor import LOCAL
from maskwright.jobs.dbos_queue import DbosQueue, system_database_url
from maskwright.services import jobs
from maskwright.services.job_runs import sweep
from maskwright.tables import JobRow, now
from maskwright.worker import environment

WORKER = Path(__file__).with_name("counting_worker.py")


@pytest.fixture
def queue(settings) -> Iterator[DbosQueue]:
    queue = DbosQueue(system_database_url(settings))
    yield queue
    queue.close()


@pytest.fixture
def start(settings, db) -> Iterator[Callable[[], subprocess.Popen]]:
    """Start a worker process; those left are killed after the test."""
    started: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        command = [sys.executable, str(WORKER), str(os.getpid())]
        started.append(subprocess.Popen(command, env=os.environ | environment(settings)))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait(db, job_id: str, until: Callable[[JobRow], bool], seconds: float = 60) -> JobRow:
    deadline = time.monotonic() + seconds
    while True:
        with db.read() as session:
            row = jobs.get(session, job_id)
        if until(row):
            return row
        assert time.monotonic() < deadline, f"{row.status} {row.done}/{row.total} {row.error}"
        time.sleep(0.05)


def ended(row: JobRow) -> bool:
    return row.status in jobs.TERMINAL


def count_job(db, queue, tmp_path, steps: int, seconds: float = 0.1) -> str:
    params = {"steps": steps, "log": str(tmp_path / "made"), "seconds": seconds}
    return jobs.create(db, queue, LOCAL, "count", params).id


def made(tmp_path) -> list[int]:
    return [int(line) for line in (tmp_path / "made").read_text().split()]


def test_a_job_runs_in_the_worker_and_leaves_its_result(db, queue, start, settings, tmp_path):
    start()
    row = wait(db, count_job(db, queue, tmp_path, 3), ended)
    assert (row.status, row.result) == ("succeeded", {"numbers": [0, 1, 4]})
    assert jobs.result_file(settings, row).stat().st_size == 22


def test_a_job_killed_midway_is_finished_without_repeating_what_it_had_done(
    db, queue, start, tmp_path
):
    job_id = count_job(db, queue, tmp_path, 12, seconds=0.2)
    first = start()
    wait(db, job_id, lambda row: row.done >= 4)
    first.send_signal(signal.SIGKILL)
    first.wait()
    start()
    row = wait(db, job_id, ended)
    assert row.result == {"numbers": [n * n for n in range(12)]}
    assert row.attempts == 2
    assert sorted(set(made(tmp_path))) == list(range(12))
    assert len(made(tmp_path)) <= 13  # at most the number it was killed at is made twice


def test_a_stopped_worker_leaves_its_job_to_the_next(db, queue, start, tmp_path):
    job_id = count_job(db, queue, tmp_path, 12, seconds=0.2)
    first = start()
    wait(db, job_id, lambda row: row.done >= 2)
    first.terminate()
    assert first.wait(10) == 0
    with db.read() as session:
        row = jobs.get(session, job_id)
    assert (row.status, row.attempts) == ("queued", 0)
    start()
    assert wait(db, job_id, ended).status == "succeeded"
    assert len(made(tmp_path)) == 12


def test_a_worker_ends_however_many_signals_ask_it_to(settings, start):
    worker = start()
    while not list((settings.data_dir / "workers").glob("*")):
        time.sleep(0.05)
    deadline = time.monotonic() + 20
    while worker.poll() is None and time.monotonic() < deadline:
        worker.terminate()
        time.sleep(0.0002)
    assert worker.poll() == 0


def test_another_worker_takes_over_what_a_dead_one_had(db, queue, start, tmp_path, settings):
    job_id = count_job(db, queue, tmp_path, 40, seconds=0.2)
    first = start()
    wait(db, job_id, lambda row: row.done >= 2)
    start()
    while len(list((settings.data_dir / "workers").iterdir())) < 2:
        time.sleep(0.05)  # it must have another name than the first, which lives
    first.send_signal(signal.SIGKILL)
    first.wait()
    with db.write() as session:  # the dead worker's silence, without waiting for it
        jobs.get(session, job_id).heartbeat_at = now() - 2 * jobs.LOST_AFTER
    assert wait(db, job_id, ended).status == "succeeded"
    assert len(made(tmp_path)) <= 41


def test_a_running_job_is_cancelled_at_its_next_check(db, queue, start, tmp_path):
    job_id = count_job(db, queue, tmp_path, 200)
    start()
    wait(db, job_id, lambda row: row.done >= 1)
    assert jobs.cancel(db, queue, job_id).status == "running"
    assert wait(db, job_id, ended, 10).status == "cancelled"


def test_a_waiting_job_is_cancelled_at_once_and_never_run(db, queue, start, tmp_path):
    cancelled = count_job(db, queue, tmp_path, 3)
    assert jobs.cancel(db, queue, cancelled).status == "cancelled"
    start()
    wait(db, jobs.create(db, queue, LOCAL, "refuse", {}).id, ended)
    assert not (tmp_path / "made").exists()


def test_an_application_error_is_the_jobs_error(db, queue, start):
    start()
    row = wait(db, jobs.create(db, queue, LOCAL, "refuse", {}).id, ended)
    assert row.status == "failed"
    assert row.error == {"code": "nothing_to_count", "detail": "There is nothing to count."}


def test_any_other_error_is_told_by_a_log_id_only(db, queue, start):
    start()
    row = wait(db, jobs.create(db, queue, LOCAL, "break", {}).id, ended)
    assert row.error["code"] == "internal"
    assert "wheel" not in row.error["detail"]
    assert row.error["log_id"] in row.error["detail"]


def test_a_job_whose_submission_was_lost_is_found(db, queue, start, tmp_path):
    class Deaf:
        def submit(self, job_id: str, kind: str) -> None:
            raise OSError("killed before the engine heard of it")

    job_id = count_job(db, Deaf(), tmp_path, 2)
    with db.write() as session:
        jobs.get(session, job_id).created_at = now() - timedelta(minutes=1)
    assert sweep(db, queue) == 1
    start()
    assert wait(db, job_id, ended).status == "succeeded"


def test_a_worker_dies_with_its_parent(db, settings):
    code = (
        "import subprocess, sys, os, time\n"
        f"p = subprocess.Popen([sys.executable, {str(WORKER)!r}, str(os.getpid())])\n"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | environment(settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    time.sleep(1)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 8
    while Path(f"/proc/{worker}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_worker_wrongly_believed_dead_changes_nothing_more(db, queue, start, tmp_path):
    job_id = count_job(db, queue, tmp_path, 12, seconds=0.3)
    start()
    wait(db, job_id, lambda row: row.done >= 2)
    with db.write() as session:
        jobs.get(session, job_id).heartbeat_at = now() - 2 * jobs.LOST_AFTER
    assert sweep(db, queue) == 1
    row = wait(db, job_id, ended)
    assert (row.status, row.attempts) == ("succeeded", 2)
    assert row.result == {"numbers": [n * n for n in range(12)]}
