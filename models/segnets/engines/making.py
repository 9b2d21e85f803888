"""Engines by name."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from segnets.engines.base import Engine, Precision, Setting
from segnets.engines.choice import chosen
from segnets.errors import EngineUnavailable

_PRECISIONS: Mapping[str, Precision | None] = {"": None, "fp32": "fp32", "bf16": "bf16"}


@dataclass(frozen=True)
class _Made:
    module: str
    of: str  # its class
    extra: str = ""  # of maskwright, which installs what it needs
    cpu_only: bool = False


_ENGINES: Mapping[str, _Made] = {
    "torch": _Made("segnets.engines.pytorch", "TorchEngine"),
    "eager": _Made("segnets.engines.eager", "EagerEngine"),
    "openvino": _Made("segnets.engines.openvino", "OpenVinoEngine", "openvino", True),
    "onnxruntime": _Made("segnets.engines.onnxruntime", "OnnxRuntimeEngine", "onnx", True),
}
NAMES = ("auto", *_ENGINES)


def make(wanted: str, setting: Setting) -> Engine:
    """The engine called `wanted`: a name of `NAMES`, or NAME:fp32 and NAME:bf16 for a precision.

    `auto` is the one that was chosen on this machine for these weights and is kept in
    `setting.cache`; if there is none, or it is not installed any more, `torch`. Raises
    `EngineUnavailable`.
    """
    if wanted != "auto":
        return _make(wanted, setting)
    choice = chosen(setting.cache, setting.key) if setting.device.type == "cpu" else None
    try:
        return _make(choice or "torch", setting)
    except EngineUnavailable:
        return _make("torch", setting)


def _make(wanted: str, setting: Setting) -> Engine:
    name, _, precision = wanted.partition(":")
    if name not in _ENGINES or precision not in _PRECISIONS:
        raise EngineUnavailable(
            f"no engine is called {wanted!r}; there are: {', '.join(NAMES)}. "
            "A precision may follow, as in torch:fp32 or openvino:bf16."
        )
    made = _ENGINES[name]
    if made.cpu_only and setting.device.type != "cpu":
        raise EngineUnavailable(
            f"engine {name!r} computes on the CPU, not on {setting.device.type}. "
            "Use the device 'cpu', or the engine 'torch'."
        )
    try:
        module = importlib.import_module(made.module)
    except ImportError as error:
        raise EngineUnavailable(
            f"engine {name!r} is not installed ({error}). "
            f"Run: pip install 'maskwright[{made.extra}]'"
        ) from error
    asked = _PRECISIONS[precision]
    engine: Engine = getattr(module, made.of)(replace(setting, precision=asked))
    if asked and engine.precision != asked:
        raise EngineUnavailable(
            f"engine {name!r} computes in {engine.precision} only. Use {name!r} alone."
        )
    return engine
