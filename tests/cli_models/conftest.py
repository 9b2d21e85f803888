"""Weights of a published network with random values, and the command line in this process."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from maskwright import cli
from segnets.architectures import build
from weight_files import LRASPP, Result, as_pth


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    """On busy cores, threads that spin while they wait for each other take ten times as long."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    """Return LR-ASPP's parameters, with random values."""
    torch.manual_seed(0)
    return build(LRASPP.architecture, {}, 21).state_dict()


@pytest.fixture(scope="module")
def weights(state: dict[str, torch.Tensor]) -> bytes:
    return as_pth(state)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that models are pulled into."""
    monkeypatch.setenv("MASKWRIGHT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / "models"


@pytest.fixture
def run(
    models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Result]:
    """Run the command line in this process, so that `published` counts."""

    def run(*arguments: str | Path) -> Result:
        monkeypatch.setattr(sys, "argv", ["maskwright", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Result(int(ended.value.code or 0), *capsys.readouterr())

    return run
