"""The worker: a process of its own that runs jobs, alone or beside the server that started it.

Joins the parts, like `app.py` does for the web. Imports no torch; a task that needs a model
imports it when it runs.
"""

import ctypes
import fcntl
import importlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from maskwright import logs, schema
from maskwright.db import Database
from maskwright.domain.proposer import Proposer
from maskwright.jobs.dbos_queue import (
    DRAFTS_AT_ONCE,
    DbosQueue,
    DbosWorker,
    system_database_url,
)
from maskwright.services import draft_runs, trash
from maskwright.services.drafting import Drafter, Loader
from maskwright.services.job_runs import JobRunner, remove_expired, sweep
from maskwright.settings import Settings

log = logging.getLogger("maskwright.worker")  # also when it is `__main__`

TASK_MODULES = ("maskwright.jobs.export_task", "maskwright.jobs.draft_task")
BEAT_SECONDS = 5.0
TICK_SECONDS = 0.5
EXPIRY_SECONDS = 3600.0
GRACE_SECONDS = 3.0
"""How long a task may take to notice that the worker ends; it is begun again either way."""
PR_SET_PDEATHSIG = 1


def run_worker(
    settings: Settings,
    parent: int | None = None,
    task_modules: Sequence[str] = TASK_MODULES,
    load_model: Loader | None = None,
) -> None:
    """Run jobs until SIGTERM or SIGINT, or until the process `parent` has gone.

    `load_model` replaces the real models, for tests.
    """
    # First, because threads take it from the one that starts them.
    os.setpriority(os.PRIO_PROCESS, 0, max(settings.worker_nice, os.nice(0)))
    stop = _Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop.ask)
    if parent is not None:
        _die_with(parent)
    for module in task_modules:
        importlib.import_module(module)

    name, lock = claim_name(settings.data_dir)
    db = Database(settings.database)
    if not _wait_for_store(db, stop):
        return
    url = system_database_url(settings)
    queue = DbosQueue(url)
    runner = JobRunner(db, settings, queue, _drafter(settings, load_model))
    worker = DbosWorker(url, name, settings.job_concurrency, runner.execute)
    worker.start()
    log.info("worker %s is ready", name)
    try:
        _keep_house(db, settings, queue, runner, stop, parent)
    finally:
        runner.interrupt(GRACE_SECONDS)
        worker.stop()
        lock.close()
    log.info("worker %s has stopped", name)
    # A task deep in a computation would keep the interpreter waiting for its thread. Its job is
    # released, and whatever it does is safe to cut short, so it is cut short.
    logging.shutdown()
    os._exit(0)


def _drafter(settings: Settings, load_model: Loader | None) -> Drafter:
    """The models of this process, loaded when the first chunk asks and kept for the next."""

    def load(name: str) -> Proposer:
        from maskwright import models

        return models.loader(settings, settings.worker_threads)(name)

    return Drafter(load_model or load, 1, DRAFTS_AT_ONCE)


class _Stop:
    """Whether a signal has asked the worker to end.

    Not a `threading.Event`: setting one takes a lock, and a second signal that comes while the
    handler of the first holds it would wait for ever. Two are usual: one from the server that
    stops its worker, one from the kernel when the server goes.
    """

    def __init__(self) -> None:
        self._asked = False

    def ask(self, *_: object) -> None:
        self._asked = True

    def wait(self, seconds: float) -> bool:
        """Sleep so long, or until asked; return whether it was."""
        deadline = time.monotonic() + seconds
        while not self._asked and time.monotonic() < deadline:
            time.sleep(0.1)
        return self._asked


def _wait_for_store(db: Database, stop: _Stop) -> bool:
    """Wait for the web process to bring the store up to date; False if told to stop before."""
    told = False
    while not schema.is_current(db):
        if not told:
            log.warning("the store is not up to date yet; waiting for `maskwright serve` to start")
            told = True
        if stop.wait(TICK_SECONDS):
            return False
    return True


def _keep_house(
    db: Database,
    settings: Settings,
    queue: DbosQueue,
    runner: JobRunner,
    stop: _Stop,
    parent: int | None,
) -> None:
    """Send heartbeats, rescue other workers' jobs and remove old results, until told to stop."""
    beat, expiry = time.monotonic() + BEAT_SECONDS, 0.0
    while not stop.wait(TICK_SECONDS):
        if parent is not None and os.getppid() != parent:
            return
        try:
            if time.monotonic() >= beat:
                beat = time.monotonic() + BEAT_SECONDS
                runner.beat()
                sweep(db, queue)
                draft_runs.tend_all(db, queue)
            if time.monotonic() >= expiry:
                expiry = time.monotonic() + EXPIRY_SECONDS
                remove_expired(settings)
                trash.empty(db, settings.trash_days)
        except Exception:  # a database that is away for a while must not end the worker
            log.exception("the worker could not look after its jobs; it tries again")


def claim_name(data_dir: Path) -> tuple[str, IO[str]]:
    """Return a name that no living worker of this host has, and the lock that proves it.

    The lowest free number is taken, so that a worker started after a crash has the name of the
    one that died, and goes on at once with what it had begun.
    """
    folder = data_dir / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        name = f"{socket.gethostname()}-{number}"
        lock = (folder / f"{name}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            number += 1
            continue
        return name, lock


def any_alive(data_dir: Path) -> bool:
    """Tell whether a worker of this host runs on this folder."""
    for path in (data_dir / "workers").glob("*.lock"):
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False


def _die_with(parent: int) -> None:
    """End when the parent does, even if it was killed and could not say so."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it went before we asked
        raise SystemExit(0)


class WorkerProcess:
    """The worker that `maskwright serve` keeps beside it: started, restarted, stopped with it."""

    def __init__(self, settings: Settings) -> None:
        self._environment = os.environ | environment(settings)
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)

    def start(self) -> None:
        self._keeper.start()

    @property
    def pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def stop(self, seconds: float = 10.0) -> None:
        """Ask the worker to end, and make it after so long."""
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join(seconds)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _keep(self) -> None:
        pause = 1.0
        while not self._stopping.is_set():
            began = time.monotonic()
            # This thread starts the process and lives until it ends: on Linux the worker's
            # death signal comes when the thread that started it goes, not only the process.
            command = [sys.executable, "-m", "maskwright.worker", str(os.getpid())]
            # In a group of its own a Ctrl-C of the terminal is for us alone; we end the worker.
            self._process = subprocess.Popen(
                command, env=self._environment, stdin=subprocess.DEVNULL, process_group=0
            )
            while self._process.poll() is None:
                if self._stopping.wait(0.2):
                    _end(self._process)
                    return
            log.error("the worker ended with status %s; starting it again", self._process.poll())
            pause = 1.0 if time.monotonic() - began > 60 else min(pause * 2, 60.0)
            self._stopping.wait(pause)


def _end(process: "subprocess.Popen[bytes]", seconds: float = GRACE_SECONDS + 5) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables that give another process the same settings."""
    prefix = settings.model_config.get("env_prefix", "")
    values = settings.model_dump(mode="json", exclude_none=True)
    return {
        f"{prefix}{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }


if __name__ == "__main__":
    from_environment = Settings()
    logs.configure(from_environment)
    run_worker(from_environment, parent=int(sys.argv[1]) if len(sys.argv) > 1 else None)
