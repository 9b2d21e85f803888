"""`maskwright models pull` and `list`, with files as published but for their weights."""

import hashlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from factories import jpeg, photograph
from segnets import DEFAULT, catalogue, list_models
from segnets.labels import VOC21
from web_files import FileServer
from weight_files import LRASPP


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


def test_all_pulls_what_it_can_and_tells_what_failed(run, server: FileServer) -> None:
    """The server has one of the six, the last."""
    pulled = run("models", "pull", "--all")
    assert pulled.status == 1
    assert pulled.err.count("answered 404 Not Found") == 5
    assert "--from deeplabv3_resnet50_coco-cd0a2569.pth" in pulled.err
    assert "could not be pulled: 5" in pulled.err
    assert f"{LRASPP.name} is ready" in pulled.out


def test_all_asks_once_where_nobody_answers(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASKWRIGHT_MODELS_URL", "http://127.0.0.1:9")
    assert run("models", "pull", "--all").err.count("can't be reached") == 1


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
    try:
        here, there = pty.openpty()
    except OSError as error:  # a bare chroot has no /dev/pts
        pytest.skip(f"NOT RUN: this system gives out no terminals ({error})")
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


def test_one_broken_entry_does_not_hide_the_others(run, models: Path) -> None:
    models.mkdir(parents=True)
    (models / "torn.json").write_text(json.dumps({"name": "torn"}))
    listed = run("models", "list")
    assert listed.status == 0
    assert DEFAULT in listed.out
    assert "torn.json is not a model's entry" in listed.err
