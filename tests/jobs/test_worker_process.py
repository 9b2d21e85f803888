"""The worker that `maskwright serve` keeps beside it."""

import os
import signal
import time
from pathlib import Path

import pytest

from maskwright.settings import Settings
from maskwright.worker import WorkerProcess, claim_name, environment


def wait_for_pid(worker: WorkerProcess, other_than: int | None = None) -> int:
    deadline = time.monotonic() + 20
    while worker.pid in (None, other_than):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert worker.pid is not None
    return worker.pid


def test_a_worker_that_dies_is_started_again_and_ends_with_its_keeper(tmp_path: Path) -> None:
    with WorkerProcess(Settings(data_dir=tmp_path)) as worker:
        first = wait_for_pid(worker)
        os.kill(first, signal.SIGKILL)
        second = wait_for_pid(worker, other_than=first)
    assert not Path(f"/proc/{second}").exists()


def test_the_environment_carries_every_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Settings(
        data_dir=tmp_path,
        database_url="postgresql://a:b@c/d",
        allowed_hosts=["one", "two"],
        warm=False,
        job_concurrency=2,
    )
    for name, value in environment(ours).items():
        monkeypatch.setenv(name, value)
    assert Settings() == ours


def test_living_workers_of_a_host_have_different_names_and_a_new_one_the_free_one(
    tmp_path: Path,
) -> None:
    first, lock = claim_name(tmp_path)
    second, other = claim_name(tmp_path)
    assert first != second
    lock.close()
    third, again = claim_name(tmp_path)
    assert third == first
    other.close()
    again.close()
