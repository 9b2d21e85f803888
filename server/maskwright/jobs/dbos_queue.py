"""DBOS as the job engine: two durable queues with one workflow, `run_job(job_id)`.

DBOS keeps its own state, by default in `jobs.db` beside the database of the application, or in a
schema of its own on PostgreSQL. A web process only adds rows to its queue (`DbosQueue`); a worker
process polls and runs them (`DbosWorker`). Everything stored is JSON, never pickles. Nothing
listens on a port and nothing is sent anywhere.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from maskwright.jobs.port import Result, StepRunner

if TYPE_CHECKING:
    from dbos import DBOSClient

    from maskwright.settings import Settings

APPLICATION = "maskwright"
VERSION = "1"
"""DBOS resumes a workflow only under the version that began it. Ours has one line and one
argument that never change, so an upgrade of Maskwright must not strand what is queued."""
SCHEMA = "maskwright_jobs"
QUEUE = "jobs"
QUEUE_OF = {"draft_chunk": "drafts"}
"""Kinds that do not wait in `jobs`: an export would have to wait for thousands of chunks."""
DRAFTS_AT_ONCE = 2
"""Chunks of drafts in one worker. The model takes one image at a time; while it does, the other
chunk writes what it has, and the next chunk is there when one ends, not a poll later."""
WORKFLOW = "run_job"
POLL_SECONDS = 0.5
MAX_RECOVERIES = 20
"""Only a backstop: `services.jobs` gives up a job that kills its worker long before."""


def system_database_url(settings: Settings) -> str:
    """Where DBOS keeps its state: `jobs_database_url`, else the store's PostgreSQL, else a file.

    The file is not the store's own SQLite file, so that the polling of an idle worker does not
    take turns with the saves of people.
    """
    if settings.jobs_database_url:
        return settings.jobs_database_url
    if settings.database.startswith("postgresql"):
        return settings.database
    return f"sqlite:///{settings.data_dir / 'jobs.db'}"


def prepare(url: str) -> None:
    """Create or migrate DBOS's own tables; quick when there is nothing to do."""
    from dbos import DBOS

    database = make_url(url).database
    if url.startswith("sqlite") and database:
        # DBOS leaves SQLite at its defaults; with a write-ahead log, polling workers and
        # submitting web processes do not lock each other out. The mode stays with the file.
        connection = sqlite3.connect(database, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    DBOS.migrate(url, schema=SCHEMA)


class DbosQueue:
    """The `JobQueue` of web processes and the command line.

    DBOS (half a second to import) and its database are touched at first use, so a server that
    runs no job does not pay for them when it starts.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._opened: DBOSClient | None = None

    def submit(self, job_id: str, kind: str) -> None:
        self._client().enqueue(
            {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE_OF.get(kind, QUEUE),
                "workflow_id": job_id,  # the same id again is the same workflow
                "app_version": VERSION,
            },
            job_id,
        )

    def cancel(self, job_id: str) -> None:
        self._client().cancel_workflow(job_id)

    def rescue(self, job_id: str, kind: str) -> bool:
        client = self._client()
        known = client.list_workflows(workflow_ids=[job_id], load_input=False, load_output=False)
        if not known:
            self.submit(job_id, kind)
            return True
        if known[0].status in {"ENQUEUED", "DELAYED"}:
            return True
        if known[0].status == "PENDING":
            client.resume_workflow(job_id, queue_name=QUEUE_OF.get(kind, QUEUE))
            return True
        return False

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.destroy()
                self._opened = None

    def _client(self) -> DBOSClient:
        with self._lock:
            if self._opened is None:
                from dbos import DBOSClient, DBOSPortableJSONSerializer

                prepare(self._url)
                self._opened = DBOSClient(
                    system_database_url=self._url,
                    dbos_system_schema=SCHEMA,
                    serializer=DBOSPortableJSONSerializer(),
                    application_name=APPLICATION,
                    system_database_pool_size=2,
                    retry_connection_errors=False,
                )
            return self._opened


class DbosWorker:
    """Runs queued jobs in threads of this process, until told to stop.

    `executor_id` names this worker in DBOS's books: when a worker of the same name starts, DBOS
    puts the jobs back into the queue that its predecessor had begun. So no two living workers may
    share one. `execute(job_id, run_step)` does a job and returns; if a `BaseException` that is no
    `Exception` comes out of it, the job counts as begun and not finished.
    """

    def __init__(
        self,
        url: str,
        executor_id: str,
        concurrency: int,
        execute: Callable[[str, StepRunner], None],
    ) -> None:
        self._url, self._executor_id = url, executor_id
        self._concurrency, self._execute = concurrency, execute

    def start(self) -> None:
        from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

        prepare(self._url)
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._url,
            "dbos_system_schema": SCHEMA,
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": VERSION,
            "executor_id": self._executor_id,
            "sys_db_pool_size": 4 + self._concurrency + DRAFTS_AT_ONCE,
            "enable_otlp": False,
            "log_level": "WARNING",
            # The queue is polled, so no listening connection is needed (nor allowed by a pooler).
            "use_listen_notify": False,
        }
        DBOS(config=config)
        execute = self._execute

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)
        def run_job(job_id: str) -> None:
            execute(job_id, _recorded_step)

        queues = {QUEUE: self._concurrency} | dict.fromkeys(QUEUE_OF.values(), DRAFTS_AT_ONCE)
        DBOS.listen_queues(list(queues))
        DBOS.launch()
        for name, at_once in queues.items():
            DBOS.register_queue(
                name,
                worker_concurrency=at_once,
                polling_interval_sec=POLL_SECONDS,
                on_conflict="always_update",
            )

    def stop(self) -> None:
        """Take no more jobs. Those that run are the caller's to end first."""
        from dbos import DBOS

        DBOS.destroy(destroy_registry=True)


def _recorded_step(name: str, func: Callable[[], Result]) -> Result:
    from dbos import DBOS

    options: Any = {"name": name}
    return DBOS.run_step(options, func)
