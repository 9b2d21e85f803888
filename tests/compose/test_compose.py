"""docker-compose.yml without an engine: its commands and its environment, run natively."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import yaml
from PIL import Image

from maskwright.settings import Settings
from postgres import postgres_database

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE_DATABASE = "postgresql://maskwright:maskwright@postgres:5432/maskwright"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[str]:
    """Web and worker as composed, on a database and a folder of their own; gives the web's URL."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres_database())
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        for name in ("web", "worker"):
            log = tmp_path / f"{name}.log"
            stack.enter_context(service(name, database, tmp_path / "data", port, log))
        wait_until_healthy(url, tmp_path / "web.log")
        yield url


@contextmanager
def service(name: str, database: str, data: Path, port: int, log: Path) -> Iterator[None]:
    """Run a service's own command in its own environment; only addresses and folders differ."""
    here = {COMPOSE_DATABASE: database, "/data": str(data), "8080": str(port)}
    command = [here.get(word, word) for word in SERVICES[name]["command"]]
    assert command[0] == "maskwright"
    command[0] = str(Path(sys.executable).with_name("maskwright"))
    environment = {"PATH": os.environ["PATH"], "HOME": str(data.parent)}
    for variable, value in SERVICES[name]["environment"].items():
        environment[variable] = here.get(defaulted(value), defaulted(value))
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)  # as `docker compose down` does
        process.wait(15)


def defaulted(value: str) -> str:
    """Return the value with ${NAME:-default} replaced, as compose does without the variable."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def health_check(url: str) -> list[str]:
    """Return the image's own health check, asked of that address."""
    match = re.search(r'CMD \["python", "-c", "(.*)"\]', DOCKERFILE)
    assert match is not None
    return [sys.executable, "-c", match[1].replace("http://127.0.0.1:8080", url)]


def wait_until_healthy(url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while subprocess.run(health_check(url), capture_output=True).returncode != 0:
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.2)


def test_an_image_comes_in_and_its_mask_goes_out_through_the_worker(installation: str) -> None:
    classes = np.full((90, 120), 255, np.uint8)
    classes[10:50, 20:70] = 8
    with httpx.Client(base_url=f"{installation}/api/v1", timeout=30) as client:
        project = made(client.post("/projects", json={"name": "team", "preset": "voc"}))
        files = [("files", ("cat.jpg", photograph(), "image/jpeg"))]
        image = made(client.post(f"/projects/{project['id']}/images", files=files))[0]["id"]
        headers = {"If-Match": '"0"', "Content-Type": "image/png"}
        made(client.put(f"/images/{image}/mask", content=indexed(classes), headers=headers))
        exports = f"/projects/{project['id']}/exports"
        job = ended(client, made(client.post(exports, json={"format": "voc"})))
        assert job["status"] == "succeeded", job
        result = client.get(f"/jobs/{job['id']}/result")
    with zipfile.ZipFile(io.BytesIO(result.content)) as archive:
        (name,) = [name for name in archive.namelist() if "SegmentationClass/" in name]
        exported = np.array(Image.open(io.BytesIO(archive.read(name))))
    assert np.array_equal(exported, classes)


def made(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def ended(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while job["status"] in ("queued", "running"):
        assert time.monotonic() < deadline, job
        time.sleep(0.2)
        job = made(client.get(f"/jobs/{job['id']}"))
    return job


def photograph() -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (90, 120, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG")
    return out.getvalue()


def indexed(classes: np.ndarray) -> bytes:
    image = Image.fromarray(classes)
    image.putpalette(bytes(range(256)) * 3)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_foreign_host_name_is_refused(installation: str) -> None:
    answer = httpx.get(f"{installation}/api/v1/health", headers={"Host": "evil.example"})
    assert answer.status_code == 403


def test_the_port_is_published_on_loopback_only() -> None:
    published = [port for part in SERVICES.values() for port in part.get("ports", [])]
    assert published == ["127.0.0.1:8080:8080"]


def test_every_variable_is_a_setting() -> None:
    given = {name for part in SERVICES.values() for name in part["environment"]}
    given |= set(re.findall(r"\bMASKWRIGHT_\w+(?==)", DOCKERFILE))
    ours = {name for name in given if name.startswith("MASKWRIGHT_")}
    assert ours <= {f"MASKWRIGHT_{name.upper()}" for name in Settings.model_fields}


def test_web_and_worker_share_folder_and_database() -> None:
    web, worker = SERVICES["web"], SERVICES["worker"]
    for variable in ("MASKWRIGHT_DATA_DIR", "MASKWRIGHT_DATABASE_URL"):
        assert web["environment"][variable] == worker["environment"][variable]
    assert web["volumes"] == worker["volumes"] == ["data:/data"]


def test_everything_the_image_copies_is_in_the_repository() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    sources = [source for line in copied for source in line.split()]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_runs_as_an_ordinary_user() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["maskwright"]
