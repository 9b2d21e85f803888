"""`maskwright models …`, with files as the published ones are, but for their weights."""

import hashlib
import io
import json
import os
import pickle
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from factories import jpeg, photograph
from maskwright import cli
from segnets import DEFAULT, Predictor, catalogue, list_models
from segnets.architectures import build
from segnets.labels import VOC21
from web_files import FileServer

LRASPP = catalogue.PUBLISHED[-1]


class Result(NamedTuple):
    status: int
    out: str
    err: str


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


def as_pth(document: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(document, buffer)
    return buffer.getvalue()


@pytest.fixture
def published(weights: bytes, monkeypatch: pytest.MonkeyPatch) -> catalogue.PublishedModel:
    """LR-ASPP as published, if these were its weights."""
    start = hashlib.sha256(weights).hexdigest()[:8]
    model = replace(LRASPP, file=f"lraspp_mobilenet_v3_large-{start}.pth")
    monkeypatch.setattr(catalogue, "PUBLISHED", (*catalogue.PUBLISHED[:-1], model))
    return model


@pytest.fixture
def server(
    published: catalogue.PublishedModel, weights: bytes, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FileServer]:
    with FileServer({published.file: weights}) as server:
        monkeypatch.setenv("MASKWRIGHT_MODELS_URL", server.url)
        yield server


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


def test_a_pulled_model_drafts_under_its_name(
    run, server: FileServer, models: Path, tmp_path: Path
) -> None:
    pulled = run("models", "pull", "lraspp_mobilenet_v3_large")
    assert (pulled.status, pulled.err) == (0, "")
    assert "lraspp-mobilenet-v3-large-coco is ready" in pulled.out
    (tmp_path / "a.jpg").write_bytes(jpeg(photograph(300, 200)))
    name = ("--model", LRASPP.name)
    assert run("propose", tmp_path / "a.jpg", "--out", tmp_path / "out", *name).status == 0
    with Image.open(tmp_path / "out" / "a.png") as mask:
        assert mask.size == (300, 200)
        assert np.asarray(mask).max() < 21


def test_the_entry_keeps_the_whole_hash_and_claims_no_figures(
    run, server: FileServer, models: Path, weights: bytes
) -> None:
    run("models", "pull", LRASPP.name)
    entry = {entry.name: entry for entry in list_models([models])}[LRASPP.name]
    assert entry.sha256 == hashlib.sha256(weights).hexdigest()
    assert (entry.licence, entry.labels, entry.measured) == ("BSD-3-Clause", VOC21, None)
    assert entry.source.startswith("https://download.pytorch.org/models/")


def test_a_model_that_is_here_is_not_fetched_again(run, server: FileServer) -> None:
    run("models", "pull", LRASPP.name)
    again = run("models", "pull", LRASPP.name)
    assert "is here already" in again.out
    assert len(server.requests) == 1


def test_a_damaged_model_is_fetched_again(run, server: FileServer, models: Path) -> None:
    run("models", "pull", LRASPP.name)
    file = next(models.glob("*.pth"))
    file.write_bytes(file.read_bytes()[:-1])
    assert run("models", "pull", LRASPP.name).status == 0
    assert len(server.requests) == 2


def test_the_list_tells_what_can_be_pulled_and_then_has_it(run, server: FileServer) -> None:
    before = run("models", "list").out
    assert f"{DEFAULT} (default)" in before
    assert f"{LRASPP.name}: to be pulled, 13 MB" in before
    run("models", "pull", LRASPP.name)
    after = run("models", "list").out
    assert f"{LRASPP.name}: 21 labels, not measured" in after
    assert after.count("to be pulled") == 5


def test_all_tells_which_failed(run, server: FileServer) -> None:
    """The server has one of the six: asking it for the first one already says 404."""
    pulled = run("models", "pull", "--all")
    assert pulled.status == 1
    assert "answered 404 Not Found" in pulled.err
    assert "--from deeplabv3_resnet50_coco-cd0a2569.pth" in pulled.err


def test_another_file_under_the_name_is_refused(run, server: FileServer, models: Path) -> None:
    server.files = dict.fromkeys(server.files, b"<html>please log in</html>")
    pulled = run("models", "pull", LRASPP.name)
    assert pulled.status == 1
    assert "is not lraspp_mobilenet_v3_large-" in pulled.err
    assert [path.suffix for path in models.iterdir()] == [".refused"]


def test_the_right_digits_before_the_wrong_network_are_not_enough(
    run, models: Path, weights: bytes, published, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = replace(published, architecture="fcn-resnet50", name="fcn-wrong")
    monkeypatch.setattr(catalogue, "PUBLISHED", (wrong,))
    with FileServer({wrong.file: weights}) as server:
        monkeypatch.setenv("MASKWRIGHT_MODELS_URL", server.url)
        pulled = run("models", "pull", "fcn-wrong")
    assert pulled.status == 1
    assert "do not fit fcn-resnet50" in pulled.err
    assert not list(models.glob("*.json"))


def test_a_file_from_elsewhere_becomes_the_model(
    run, published, weights: bytes, tmp_path: Path
) -> None:
    brought = tmp_path / "from-usb.pth"
    brought.write_bytes(weights)
    pulled = run("models", "pull", LRASPP.name, "--from", brought)
    assert (pulled.status, pulled.err) == (0, "")
    assert f"{LRASPP.name}: 21 labels" in run("models", "list").out


def test_a_wrong_file_from_elsewhere_is_not_taken(run, published, tmp_path: Path) -> None:
    brought = tmp_path / "from-usb.pth"
    brought.write_bytes(b"something else")
    pulled = run("models", "pull", LRASPP.name, "--from", brought)
    assert pulled.status == 1
    assert "was not taken" in pulled.err
    assert brought.exists()


@pytest.mark.parametrize(
    "arguments", [("pull",), ("pull", "a", "--all"), ("pull", "--all", "--from", "x")]
)
def test_what_can_only_be_a_slip_is_bad_usage(run, arguments: tuple[str, ...]) -> None:
    assert run("models", *arguments).status == 2


def test_an_unknown_name_is_told_the_known_ones(run) -> None:
    pulled = run("models", "pull", "deeplabv4")
    assert pulled.status == 1
    for model in catalogue.PUBLISHED:
        assert model.name in pulled.err


def as_users_do(*arguments: str, **environment: str) -> list[str]:
    """What a process of its own says on stderr, its status first."""
    done = subprocess.run(
        [sys.executable, "-m", "maskwright", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | environment,
    )
    return [str(done.returncode), *done.stderr.splitlines()]


def test_offline_is_one_line_that_says_how_to_go_on(tmp_path: Path) -> None:
    status, *lines = as_users_do(
        "models",
        "pull",
        "fcn-resnet50-coco",
        MASKWRIGHT_DATA_DIR=str(tmp_path),
        MASKWRIGHT_MODELS_URL="http://127.0.0.1:9",
    )
    assert (status, len(lines)) == ("1", 1)
    assert "127.0.0.1 can't be reached" in lines[0]
    assert "https://download.pytorch.org/models/fcn_resnet50_coco-1167a1af.pth" in lines[0]
    assert "models pull fcn-resnet50-coco --from fcn_resnet50_coco-1167a1af.pth" in lines[0]


def test_a_terminal_shows_bytes_and_rate(tmp_path: Path) -> None:
    here, there = pty.openpty()
    with FileServer({LRASPP.file: bytes(3_000_000)}) as server:
        process = subprocess.Popen(
            [sys.executable, "-m", "maskwright", "models", "pull", LRASPP.name],
            stderr=there,
            env=os.environ
            | {"MASKWRIGHT_DATA_DIR": str(tmp_path), "MASKWRIGHT_MODELS_URL": server.url},
        )
        os.close(there)
        shown = b"".join(iter(lambda: read(here), b"")).decode()
        process.wait(timeout=60)
    assert "3.0 of 3.0 MB" in shown
    assert "MB/s" in shown


def read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux: the other end is closed
        return b""


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


@pytest.fixture
def own(state: dict[str, torch.Tensor], tmp_path: Path) -> Path:
    """Return weights of one's own, for 21 labels, as safetensors."""
    safetensors.torch.save_file(state, tmp_path / "own.safetensors")
    return tmp_path / "own.safetensors"


def label_file(tmp_path: Path, count: int) -> Path:
    path = tmp_path / "labels.txt"
    path.write_text("".join(f"label {index}\n" for index in range(count)))
    return path


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


def test_one_broken_entry_does_not_hide_the_others(run, models: Path) -> None:
    models.mkdir(parents=True)
    (models / "torn.json").write_text(json.dumps({"name": "torn"}))
    listed = run("models", "list")
    assert listed.status == 0
    assert DEFAULT in listed.out
    assert "torn.json is not a model's entry" in listed.err
