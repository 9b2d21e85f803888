"""`maskwright models check`: what a file is, and that none of it runs."""

import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from segnets import list_models
from weight_files import Result, as_pth


def check(run, path: Path, content: bytes) -> Result:
    path.write_bytes(content)
    return run("models", "check", path)


def test_check_tells_architecture_labels_and_hash(run, weights: bytes, tmp_path: Path) -> None:
    checked = check(run, tmp_path / "a.pth", weights)
    assert (checked.status, checked.err) == (0, "")
    for told in (
        "lraspp-mobilenet-v3-large",
        "labels        21",
        "3,221,538 in 319 tensors, float32",
        hashlib.sha256(weights).hexdigest(),
        "models add",
    ):
        assert told in checked.out


def test_check_knows_the_bundled_default(run) -> None:
    entry = list_models()[0]
    checked = run("models", "check", entry.path)
    assert checked.status == 0
    assert "architecture  deeplabv3-efficientnet-lite0\n" in checked.out


def test_check_names_what_is_missing_unexpected_and_misshapen(
    run, state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    broken = dict(state)
    del broken["backbone.0.0.weight"]
    broken["extra.weight"] = torch.zeros(1)
    broken["classifier.cbr.0.weight"] = torch.zeros(64, 960, 1, 1)
    broken["classifier.cbr.1.bias"] = torch.full((128,), torch.nan)
    checked = check(run, tmp_path / "a.pth", as_pth(broken))
    assert checked.status == 1
    assert "lraspp-mobilenet-v3-large (the nearest)" in checked.out
    for told in (
        "missing       1: backbone.0.0.weight",
        "unexpected    1: extra.weight",
        "misshapen     1: classifier.cbr.0.weight: [64, 960, 1, 1], not [128, 960, 1, 1]",
        "not finite    1: classifier.cbr.1.bias",
    ):
        assert told in checked.out
    assert "1 missing, 1 unexpected, 1 misshapen, 1 not finite" in checked.err


def test_check_takes_wrappings_off_and_says_so(
    run, state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    wrapped = {"epoch": 3, "model": {f"module.{name}": value for name, value in state.items()}}
    checked = check(run, tmp_path / "a.pth", as_pth(wrapped))
    assert checked.status == 0
    assert 'the key "model" around the weights' in checked.out
    assert 'the prefix "module." of every name' in checked.out


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_a_program_is_told_from_damage(run, tmp_path: Path) -> None:
    layer = torch.nn.Conv2d(3, 3, 1)
    torch.jit.trace(layer, torch.zeros(1, 3, 4, 4)).save(str(tmp_path / "a.pt"))
    assert "TorchScript program" in run("models", "check", tmp_path / "a.pt").err


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("bomb-went-off",)


@pytest.mark.parametrize("save", [as_pth, lambda bomb: pickle.dumps(bomb)], ids=["zip", "pickle"])
def test_check_never_runs_what_a_file_brings(
    run, tmp_path: Path, save: Callable[[object], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    checked = check(run, tmp_path / "a.pth", save({"state_dict": Bomb()}))
    assert checked.status == 1
    assert "would run code" in checked.err
    assert not (tmp_path / "bomb-went-off").exists()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pth", b"", "can't be read"),
        ("a.pth", b"no checkpoint at all", "no checkpoint at all"),
        ("a.safetensors", b"no checkpoint at all", "can't be read"),
        ("a.pth", as_pth({"epoch": 3}), "holds no weights by name"),
        ("a.pth", as_pth([1, 2]), "holds no weights by name"),
        ("a.pth", as_pth({"layer.weight": torch.zeros(2)}), "none of the architectures here"),
    ],
    ids=["empty", "text", "no safetensors", "no weights", "a list", "another network"],
)
def test_check_refuses_what_holds_no_network(
    run, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    checked = check(run, tmp_path / name, content)
    assert checked.status == 1
    assert told in checked.err
    assert checked.err.count("\n") == 1


def test_check_of_no_file_says_so(run, tmp_path: Path) -> None:
    checked = run("models", "check", tmp_path / "nothing.pth")
    assert checked.status == 1
    assert "No such file" in checked.err


@pytest.mark.parametrize(
    "value",
    [
        torch.zeros(8, 2).to_sparse(),
        torch.zeros(8, 2, device="meta"),
        torch.zeros(1).expand(10**7, 10**5),  # 4 bytes in the file, terabytes out of it
    ],
    ids=["sparse", "meta", "repeated"],
)
def test_an_array_that_is_not_there_number_by_number_is_refused(
    run, tmp_path: Path, value: torch.Tensor
) -> None:
    content = as_pth({"classifier.low_classifier.weight": value})
    checked = check(run, tmp_path / "a.pth", content)
    assert checked.status == 1
    assert "as plain numbers" in checked.err


def test_a_file_that_holds_itself_ends(run, tmp_path: Path) -> None:
    loop: dict[str, object] = {}
    loop["state_dict"] = loop
    torch.save(loop, tmp_path / "a.pth")
    checked = run("models", "check", tmp_path / "a.pth")
    assert checked.status == 1
    assert "holds no weights by name" in checked.err


def test_names_that_are_numbers_are_passed_over(
    run, state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    torch.save({**state, 1: torch.zeros(1)}, tmp_path / "a.pth")
    assert run("models", "check", tmp_path / "a.pth").status == 0
