"""OpenVINO, if it is installed: `pip install maskwright[openvino]`."""

from __future__ import annotations

import queue
import sys
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from segnets.engines.base import Precision, Setting
from segnets.engines.converted import converted
from segnets.transforms import to_tensor

# Its package reports its use to its makers over the network unless this one can't be imported.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino  # noqa: E402


class OpenVinoEngine:
    """Both halves compiled for the CPU, for images of any size."""

    name = "openvino"

    def __init__(self, setting: Setting) -> None:
        core = openvino.Core()
        able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        self.precision: Precision = setting.precision or ("bf16" if "BF16" in able else "fp32")
        threads = setting.threads or torch.get_num_threads()
        options = {
            "INFERENCE_PRECISION_HINT": "bf16" if self.precision == "bf16" else "f32",
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        kept = f"openvino{openvino.__version__.split('-')[0]}"
        with converted(setting, kept, ".xml", _convert) as files:
            self._encode, self._decode = (
                _Half(core.compile_model(str(file), "CPU", options)) for file in files
            )

    def encode(self, x: Tensor) -> tuple[Tensor, ...]:
        return self._encode((x,))

    def decode(self, *features: Tensor) -> Tensor:
        return self._decode(features)[0]


class _Half:
    """A compiled model. A request runs one inference at a time, so threads take one each."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def __call__(self, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        try:
            request = self._idle.get_nowait()
        except queue.Empty:
            request = self._model.create_infer_request()
        arrays = [tensor.contiguous().numpy() for tensor in inputs]
        found = request.infer(arrays, share_inputs=True)  # answers are copies
        self._idle.put(request)
        return tuple(to_tensor(found[n]) for n in range(len(found)))


def _convert(module: nn.Module, inputs: tuple[Tensor, ...], target: Path) -> None:
    shapes = [(1, tensor.shape[1], -1, -1) for tensor in inputs]
    model = cast(Any, openvino).convert_model(module, example_input=inputs, input=shapes)
    openvino.save_model(model, str(target), compress_to_fp16=False)
