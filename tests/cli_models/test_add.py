"""`maskwright models add`."""

from pathlib import Path

import pytest
import safetensors.torch
import torch

from factories import jpeg, photograph
from segnets import DEFAULT, Predictor
from weight_files import as_pth, label_file


@pytest.fixture
def own(state: dict[str, torch.Tensor], tmp_path: Path) -> Path:
    """Return weights of one's own, for 21 labels, as safetensors."""
    safetensors.torch.save_file(state, tmp_path / "own.safetensors")
    return tmp_path / "own.safetensors"


def test_added_weights_are_a_model_with_its_own_labels(run, own: Path, tmp_path: Path) -> None:
    added = run("models", "add", own, "--name", "mine", "--labels", label_file(tmp_path, 21))
    assert (added.status, added.err) == (0, "")
    own.unlink()
    (tmp_path / "a.jpg").write_bytes(jpeg(photograph(120, 80)))
    drafted = run("propose", tmp_path / "a.jpg", "--out", tmp_path / "out", "--model", "mine")
    assert (drafted.status, drafted.err) == (0, "")
    assert "mine: 21 labels" in run("models", "list").out


def test_labels_must_be_as_many_as_the_network_predicts(run, own: Path, tmp_path: Path) -> None:
    added = run("models", "add", own, "--name", "mine", "--labels", label_file(tmp_path, 20))
    assert added.status == 1
    assert "predicts 21 labels" in added.err


@pytest.mark.parametrize("name", ["default", DEFAULT, "../up", ""])
def test_a_name_that_is_taken_or_no_name_is_refused(
    run, own: Path, tmp_path: Path, models: Path, name: str
) -> None:
    added = run("models", "add", own, "--name", name, "--labels", label_file(tmp_path, 21))
    assert added.status == 1
    assert not models.exists()


def test_a_file_without_counters_is_usable(
    run, state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    """Norms count the batches they saw; files that were converted often leave that out."""
    least = {name: value for name, value in state.items() if "num_batches" not in name}
    (tmp_path / "a.pth").write_bytes(as_pth(least))
    added = run(
        "models", "add", tmp_path / "a.pth", "--name", "mine", "--labels", label_file(tmp_path, 21)
    )
    assert (added.status, added.err) == (0, "")
    Predictor.load("mine", directories=[tmp_path / "data" / "models"])


def test_more_labels_than_a_mask_can_hold_are_refused(
    run, state: dict[str, torch.Tensor], tmp_path: Path, models: Path
) -> None:
    wide = dict(state)
    for name in ("low", "high"):
        rows = f"classifier.{name}_classifier"
        wide[f"{rows}.weight"] = state[f"{rows}.weight"][:1].repeat(256, 1, 1, 1)
        wide[f"{rows}.bias"] = state[f"{rows}.bias"][:1].repeat(256)
    (tmp_path / "a.pth").write_bytes(as_pth(wide))
    added = run(
        "models", "add", tmp_path / "a.pth", "--name", "wide", "--labels", label_file(tmp_path, 256)
    )
    assert added.status == 1
    assert "masks hold 255 at most" in added.err
    assert not models.exists()
