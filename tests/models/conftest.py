"""One loaded default model for all tests of this folder."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from segnets import Predictor

PHOTOS = Path(__file__).parents[2] / "server" / "maskwright" / "demo" / "photos"


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """On busy cores, threads that spin while they wait for each other take ten times as long."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def predictor() -> Predictor:
    return Predictor.load("default")


@pytest.fixture(scope="session")
def read_photo() -> Callable[[str], np.ndarray]:
    """Reads one of the demo's photographs, (H, W, 3) uint8."""

    def read(name: str) -> np.ndarray:
        with Image.open(PHOTOS / name) as image:
            return np.asarray(image.convert("RGB"))

    return read


@pytest.fixture(scope="session")
def cat(read_photo: Callable[[str], np.ndarray]) -> np.ndarray:
    return read_photo("cat.png")


@pytest.fixture(scope="session")
def engines_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where engines keep what they convert, shared because that takes seconds."""
    return tmp_path_factory.mktemp("engines")
