"""ONNX Runtime, if it is installed: `pip install maskwright[onnx]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import onnxruntime  # pyright: ignore[reportMissingTypeStubs]
import torch
from torch import Tensor, nn

from segnets.engines.base import Precision, Setting
from segnets.engines.converted import converted
from segnets.transforms import to_tensor


class OnnxRuntimeEngine:
    """Both halves as ONNX graphs on the CPU, float32, for images of any size."""

    name = "onnxruntime"
    precision: Precision = "fp32"

    def __init__(self, setting: Setting) -> None:
        runtime = cast(Any, onnxruntime)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = setting.threads or torch.get_num_threads()
        options.log_severity_level = 3  # errors
        # Threads that spin while they wait take the processor from whoever else computes.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        with converted(setting, "onnx", ".onnx", _convert) as files:
            self._encode, self._decode = (
                runtime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
                for file in files
            )

    def encode(self, x: Tensor) -> tuple[Tensor, ...]:
        return _run(self._encode, (x,))

    def decode(self, *features: Tensor) -> Tensor:
        return _run(self._decode, features)[0]


def _run(session: Any, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    names = [given.name for given in session.get_inputs()]
    arrays = [tensor.contiguous().numpy() for tensor in inputs]
    found = session.run(None, dict(zip(names, arrays, strict=True)))
    return tuple(to_tensor(array) for array in found)


def _convert(module: nn.Module, inputs: tuple[Tensor, ...], target: Path) -> None:
    names = [f"input{n}" for n in range(len(inputs))]
    # The exporter that traces: it needs the package onnx alone, and leaves sizes open.
    cast(Any, torch.onnx).export(
        module,
        inputs,
        str(target),
        dynamo=False,
        input_names=names,
        dynamic_axes={name: {2: f"{name}_rows", 3: f"{name}_columns"} for name in names},
    )
