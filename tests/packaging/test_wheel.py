"""A wheel in an empty environment is the whole product: pages, migrations, weights, demo."""

import io
import json
import os
import signal
import socket
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

from maskwright.domain.labels import VOID

STARTED_WITHIN = 120
DRAFTED_WITHIN = 120
"""Seconds, on two cores that do other things too."""


@pytest.mark.parametrize(
    "member",
    [
        "maskwright/_frontend/templates/base.html",
        "maskwright/_frontend/css/tokens.css",
        "maskwright/_migrations/env.py",
        "maskwright/py.typed",
        "segnets/py.typed",
    ],
)
def test_the_wheel_carries_what_is_no_python(wheel: Path, member: str) -> None:
    assert member in zipfile.ZipFile(wheel).namelist()


def test_the_wheel_carries_weights_and_their_model_card(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    weights = [name for name in names if name.startswith("segnets/weights/")]
    assert any(name.endswith(".safetensors") for name in weights)
    assert any(name.endswith(".md") for name in weights)


def test_the_wheel_carries_its_licences(wheel: Path) -> None:
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist() if "licenses/" in name}
    assert {"LICENSE", "NOTICE"} <= names


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    roots = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {root for root in roots if not root.endswith(".dist-info")} == {"maskwright", "segnets"}


@pytest.mark.timeout(600)  # the first to ask for it waits for the installation
def test_the_installed_command_explains_itself(installed: Path) -> None:
    done = subprocess.run([installed / "maskwright", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "serve" in done.stdout


@pytest.mark.timeout(600)
def test_the_installed_demo_shows_a_project_with_drafted_masks(demo: str) -> None:
    project = wait_for(lambda: next(iter(get(demo, "/api/v1/projects")["items"]), None))
    images = wait_for(lambda: drafted_images(demo, project["id"]), DRAFTED_WITHIN)
    mask = fetch(demo, f"/api/v1/images/{images[0]['id']}/mask?ref=proposal&format=png")
    assert (np.asarray(Image.open(io.BytesIO(mask))) != VOID).any()


@pytest.mark.timeout(600)
def test_the_installed_demo_serves_its_pages(demo: str) -> None:
    assert b"<title>" in fetch(demo, "/")


@pytest.fixture(scope="module")
def demo(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run `maskwright demo` of the installed wheel away from the checkout; yield its address."""
    home = tmp_path_factory.mktemp("home")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [installed / "maskwright", "demo", "--no-browser", "--port", str(port)],
        cwd=home,
        env={"PATH": os.defpath, "HOME": str(home), "MASKWRIGHT_DATA_DIR": str(home / "data")},
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"

    def answer() -> Any:
        assert process.poll() is None, "the demo ended; its output above says why"
        return get(address, "/api/v1/health")

    try:
        wait_for(answer, STARTED_WITHIN)
        yield address
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def drafted_images(address: str, project: int) -> list[dict[str, Any]] | None:
    """Return the project's images once each of them has a proposal."""
    images = get(address, f"/api/v1/projects/{project}/images?limit=100")["items"]
    return images if images and all(image["proposal"] for image in images) else None


def wait_for(ask: Callable[[], Any], seconds: float = 30) -> Any:
    """Return the first answer that is one; raise after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := ask():
                return answer
        except (URLError, ConnectionError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"nothing came within {seconds} s")


def get(address: str, path: str) -> Any:
    return json.loads(fetch(address, path))


def fetch(address: str, path: str) -> bytes:
    with urlopen(address + path, timeout=30) as response:
        return response.read()
