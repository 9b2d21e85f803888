"""Fixtures: a store, an application, a client, and a live server with its worker."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from factories import BrightnessProposer, create_project, jpeg, photograph
from maskwright import logs, schema
from maskwright.app import create_app
from maskwright.db import Database
from maskwright.settings import Settings
from postgres import postgres_database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = Settings(
        data_dir=tmp_path / "data", warm=False, worker=False, allowed_hosts=["testserver"]
    )
    logs.configure(chosen)
    return chosen


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    schema.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def app(settings: Settings, db: Database) -> FastAPI:
    """The application with a small proposer; tests/models and tests/e2e use the real one."""
    return create_app(settings, lambda _name: BrightnessProposer())


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def project(client: TestClient) -> dict:
    """A project with three labels: 0 ground, 1 tree (thing), 7 sky."""
    return create_project(client)


@pytest.fixture
def image(client: TestClient, project: dict) -> dict:
    """An uploaded photograph of 300×200 pixels: four tiles... of which the right ones are cut."""
    data = jpeg(photograph(300, 200))
    answer = client.post(
        f"/api/v1/projects/{project['id']}/images", files=[("files", ("a.jpg", data))]
    )
    assert answer.status_code == 201, answer.text
    return client.get(f"/api/v1/images/{answer.json()[0]['id']}").json()


@dataclass
class Server:
    """A running `maskwright serve` with its worker; `db` is its store, opened beside it."""

    url: str
    data_dir: Path
    db: Database
    process: subprocess.Popen


def start_server(
    data_dir: Path, *arguments: str, command: str = "serve", **environment: str
) -> Server:
    """Start `maskwright serve` (or demo) on a free port and wait until it answers."""
    log = data_dir.parent / f"{data_dir.name}-server.log"
    options = ("--port", "0", "--data", str(data_dir), *arguments)
    with log.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "maskwright", command, *options],
            stdout=subprocess.PIPE,
            stderr=sink,
            text=True,
            env=os.environ | {"MASKWRIGHT_WARM": "0"} | environment,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if "http://" not in line:
        process.kill()
        raise RuntimeError(f"the server did not start: {line}{log.read_text()}")
    url = "/".join(line[line.index("http://") :].split()[0].split("/")[:3])
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/api/v1/health", timeout=5).read()
            break
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"the server did not answer: {log.read_text()}") from None
            time.sleep(0.05)
    return Server(url, data_dir, Database(f"sqlite:///{data_dir / 'maskwright.db'}"), process)


def stop_server(server: Server) -> None:
    server.db.close()
    server.process.terminate()
    try:
        server.process.wait(15)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real server with the real model for all tests in a browser; make your own project."""
    running = start_server(tmp_path_factory.mktemp("server") / "data")
    yield running
    stop_server(running)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[Callable[[], str]]:
    """A maker of empty PostgreSQL databases, dropped at the end; see `postgres_database`."""
    with ExitStack() as made:

        def make() -> str:
            url = made.enter_context(postgres_database())
            return url.replace("postgresql://", "postgresql+psycopg://")

        yield make
