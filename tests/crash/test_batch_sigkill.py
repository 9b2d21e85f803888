"""Every image of a run is drafted exactly once, however often the workers are killed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from factories import jpeg, photograph
from jobs.drafting import drafts_per_image, items, refs
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.domain.mask import Mask
from maskwright.domain.presets import PRESETS
from maskwright.jobs.dbos_queue import DbosQueue, system_database_url
from maskwright.schema import upgrade
from maskwright.services import draft_runs, images, jobs, masks, projects
from maskwright.services.decode import Limits
from maskwright.settings import Settings
from maskwright.tables import JobRow, RevisionRow
from maskwright.worker import environment
from postgres import postgres_database

IMAGES = int(os.environ.get("MASKWRIGHT_TEST_BATCH", "300"))
"""On SQLite; a third of them on PostgreSQL, to save time."""
KILLS = int(os.environ.get("MASKWRIGHT_TEST_BATCH_KILLS", "5"))
MODEL = os.environ.get("MASKWRIGHT_TEST_BATCH_MODEL", "quick")
"""`default` drafts with the bundled model; `quick` with one that needs a hundredth of a second."""
SECONDS = "0.01"
QUICK_WORKER = Path(__file__).parents[1] / "jobs" / "drafting_worker.py"


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, tmp_path) -> Iterator[Settings]:
    if request.param == "sqlite":
        yield Settings(data_dir=tmp_path, worker_nice=0)
        return
    with postgres_database() as url:
        yield Settings(data_dir=tmp_path, worker_nice=0, database_url=url)


@pytest.mark.timeout(900)
def test_kills_in_the_course_of_a_run_repeat_and_lose_nothing(settings: Settings) -> None:
    seed = int(os.environ.get("MASKWRIGHT_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}: MASKWRIGHT_TEST_SEED={seed} draws the same moments again")
    moments = random.Random(seed)
    db = Database(settings.database)
    upgrade(db)
    queue = DbosQueue(system_database_url(settings))
    count = IMAGES if db.is_sqlite else IMAGES // 3
    project = make_project(db, count)
    truth = refs(db, "head")
    run = draft_runs.start(db, queue, LOCAL, project, draft_runs.RunRequest()).id
    marks = sorted(moments.sample(range(count * 9 // 10), KILLS))
    done_at_kill: list[int] = []
    with workers(settings) as pair:
        for number, mark in enumerate(marks):
            wait_for(db, run, mark)
            time.sleep(moments.uniform(0, 0.1))
            pair.kill(number % 2)
            done_at_kill.append(sum(drafts_per_image(db).values()))
            pair.start(number % 2)
        row = wait_for(db, run, None)
    print(f"{KILLS} kills, after {done_at_kill} images; {row.result}")
    assert row.status == "succeeded"
    assert items(db, run) == {"drafted": count}
    assert len(drafts_per_image(db)) == count
    assert set(drafts_per_image(db).values()) == {1}
    assert len(refs(db, "proposal")) == count
    assert refs(db, "head") == truth
    assert human_revisions(db) == len(truth)
    queue.close()
    db.close()


def make_project(db: Database, count: int) -> int:
    """A project of new images, and some with ground truth, which the run is to leave alone."""
    limits = Limits(max_bytes=1_000_000, max_pixels=1_000_000)
    with db.write() as session:
        labels = PRESETS["voc"].labels
        project = projects.create(session, "Crash", "", labels, MODEL, LOCAL).id
    for number in range(count + 10):
        data = jpeg(photograph(96, 64, seed=number))
        made = images.upload(db, project, f"{number}.jpg", data, LOCAL, limits).image
        if number >= count:
            masks.save_mask(db, made.id, Mask(np.zeros((64, 96), np.uint8)), 0, LOCAL)
    return project


def wait_for(db: Database, run: str, images_done: int | None) -> JobRow:
    """Wait until so many images are drafted, or until the run has ended."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        with db.read() as session:
            row = jobs.get(session, run)
        if row.status in jobs.TERMINAL:
            assert images_done is None, f"the run ended before kill: {row.error} {row.result}"
            return row
        if images_done is not None and items(db, run).get("drafted", 0) >= images_done:
            return row
        time.sleep(0.01)
    raise AssertionError(f"{row.status} {items(db, run)}")


def human_revisions(db: Database) -> int:
    with db.read() as session:
        query = select(func.count()).where(RevisionRow.kind != "model")
        return session.scalar(query.select_from(RevisionRow)) or 0


class Pair:
    """Two workers that can be killed and started again."""

    def __init__(self, settings: Settings) -> None:
        self._environment = os.environ | environment(settings) | {"TEST_DRAFT_SECONDS": SECONDS}
        paths = [str(QUICK_WORKER.parents[1]), *filter(None, sys.path)]
        self._environment["PYTHONPATH"] = os.pathsep.join(paths)
        real = ["-m", "maskwright.worker"]
        self._command = [sys.executable, *([str(QUICK_WORKER)] if MODEL == "quick" else real)]
        self._processes: dict[int, subprocess.Popen] = {}

    def start(self, number: int) -> None:
        command = [*self._command, str(os.getpid())]
        self._processes[number] = subprocess.Popen(command, env=self._environment)

    def kill(self, number: int) -> None:
        """SIGKILL: it gets no chance to finish or release anything."""
        process = self._processes[number]
        process.send_signal(signal.SIGKILL)
        process.wait()


@contextmanager
def workers(settings: Settings) -> Iterator[Pair]:
    pair = Pair(settings)
    for number in range(2):
        pair.start(number)
    try:
        yield pair
    finally:
        for number in range(2):
            pair.kill(number)
