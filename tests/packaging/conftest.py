"""The wheel as users get it, installed with its own dependencies into an empty environment."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from this checkout, without an index."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `bin` folder of an environment that holds the wheel and what it asks for.

    PyTorch comes first and by the way of scripts/_setup.sh, as docs/adr/0004-torch.md describes.
    """
    environment = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(environment, with_pip=True)
    script = """
        source scripts/_setup.sh
        VENV=$1
        install_torch
        pip_install --no-compile --only-binary :all: "$2"
    """
    subprocess.run(
        ["bash", "-c", script, "install", environment, wheel],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        stdin=subprocess.DEVNULL,
        check=True,
    )
    return environment / "bin"
