"""Every engine gives what plain PyTorch gives, for every network and any size."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from segnets import EngineUnavailable, Predictor
from segnets.architectures import ARCHITECTURES, build
from segnets.engines.base import Setting
from segnets.engines.choice import choose, chosen, processor
from segnets.engines.making import make

CPU = torch.device("cpu")
EXTRAS = ("openvino", "onnxruntime")


def network(architecture: str = "deeplabv3-efficientnet-lite0") -> torch.nn.Module:
    torch.manual_seed(0)
    net = build(architecture, {}, 5).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.8, 1.2)
            torch.nn.init.normal_(module.running_mean, std=0.1)
    net.drop_auxiliary()
    return net.requires_grad_(False)


@pytest.mark.parametrize("engine", ["torch:fp32", *EXTRAS])
@pytest.mark.parametrize(
    "architecture",
    ["deeplabv3-efficientnet-lite0", "lraspp-mobilenet-v3-large", "deeplabv3-mobilenet-v3-large"],
)
def test_an_engine_agrees_with_plain_pytorch(
    architecture: str, engine: str, tmp_path: Path
) -> None:
    wanted = f"{engine}:fp32" if engine == "openvino" else engine
    made = make(wanted, Setting(network(architecture), "0" * 64, CPU, threads=1, cache=tmp_path))
    for size in [(65, 97), (241, 129), (33, 305)]:
        x = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(1))
        with torch.inference_mode():
            expected = network(architecture)(x)
        found = made.decode(*made.encode(x))
        assert found.shape == expected.shape
        assert (found - expected).abs().max() <= 2e-4 * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_torch_engine_leaves_no_norm_in_any_network(architecture: str) -> None:
    net = network(architecture)
    make("torch", Setting(net, "", CPU))
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in net.modules())


@pytest.mark.parametrize("engine", ["torch:bf16", "openvino", "onnxruntime"])
def test_drafts_of_all_engines_hardly_differ(
    engine: str, predictor: Predictor, cat: np.ndarray, engines_cache: Path
) -> None:
    other = Predictor.load(engine=engine, cache=engines_cache)
    assert (other.propose(cat).classes == predictor.propose(cat).classes).mean() > 0.98


@pytest.mark.parametrize("engine", EXTRAS)
def test_threads_share_an_engine(engine: str, cat: np.ndarray, engines_cache: Path) -> None:
    shared = Predictor.load(engine=engine, cache=engines_cache)
    images = [cat, cat[:, ::-1], cat[50:], cat[:, 100:]]
    alone = [shared.propose(image).classes for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = [made.classes for made in pool.map(shared.propose, images)]
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


@pytest.mark.parametrize("engine", EXTRAS)
def test_a_network_is_converted_once(
    engine: str, engines_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Predictor.load(engine=engine, cache=engines_cache)

    def refuse(*_: object) -> None:
        raise AssertionError("converted again")

    monkeypatch.setattr(f"segnets.engines.{engine}._convert", refuse)
    Predictor.load(engine=engine, cache=engines_cache)
    assert not [path for path in engines_cache.iterdir() if path.name.startswith(".")]


def test_without_a_folder_to_keep_it_a_conversion_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    Predictor.load(engine="onnxruntime")
    assert list(tmp_path.iterdir()) == []


def test_openvino_reports_to_nobody() -> None:
    code = (
        "import sys, segnets.engines.openvino; import openvino.tools.ovc;"
        "sys.exit(any('openvino_telemetry' in name and module for name, module in "
        "list(sys.modules.items())))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_engine_that_is_not_installed_is_told_how_to_get(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "segnets.engines.openvino", None)
    with pytest.raises(EngineUnavailable, match=r"pip install 'maskwright\[openvino\]'"):
        Predictor.load(engine="openvino")


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("tensorrt", "there are: auto, torch, eager, openvino, onnxruntime"),
        ("torch:int8", "A precision may follow"),
        ("onnxruntime:bf16", "computes in fp32 only"),
    ],
)
def test_an_engine_that_is_none_is_refused(engine: str, message: str, engines_cache: Path) -> None:
    with pytest.raises(EngineUnavailable, match=message):
        Predictor.load(engine=engine, cache=engines_cache)


def test_auto_takes_what_was_chosen_for_these_weights(predictor: Predictor, tmp_path: Path) -> None:
    assert Predictor.load(cache=tmp_path).engine.name == "torch"
    choose(tmp_path, predictor.entry.sha256, "eager")
    assert Predictor.load(cache=tmp_path).engine.name == "eager"


def test_a_choice_made_on_another_processor_does_not_count(tmp_path: Path) -> None:
    document = {"processor": "another", "engines": {"a": "openvino"}}
    (tmp_path / "choice.json").write_text(json.dumps(document))
    assert chosen(tmp_path, "a") is None
    choose(tmp_path, "b", "torch:fp32")
    document = json.loads((tmp_path / "choice.json").read_text())
    assert document == {"processor": processor(), "engines": {"b": "torch:fp32"}}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"engines": 3}'])
def test_a_choice_that_cannot_be_read_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "choice.json").write_text(text)
    assert chosen(tmp_path, "a") is None
