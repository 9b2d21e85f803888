"""One engine in a process of its own, told what to do through a pipe."""

import contextlib
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from maskwright.domain.mask import Classes
from maskwright.services.decode import decode

PLAIN = "plain"
"""Not an engine: a draft as users of PyTorch write it (`segnets.plain`)."""

Draft = Callable[[npt.NDArray[np.uint8]], Classes]


@dataclass(frozen=True)
class Task:
    """What a contender computes with."""

    engine: str
    model: str
    directories: tuple[Path, ...]
    cache: Path
    threads: int


class Failed(Exception):
    """A contender can't take part; the message is one line that says why."""


class Contender:
    """An engine in a process of its own. Close it."""

    def __init__(self, task: Task) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, task), daemon=True)
        self._process.start()
        theirs.close()
        self.engine = self._answer()

    def seconds(self, image: npt.NDArray[np.uint8], times: int) -> float:
        """Median seconds to draft a decoded image."""
        return self._ask("seconds", image, times)

    def seconds_from_file(self, file: bytes, times: int) -> float:
        """Median seconds to decode an image file and draft it."""
        return self._ask("seconds_from_file", file, times)

    def classes(self, image: npt.NDArray[np.uint8]) -> Classes:
        """The draft of an image."""
        return self._ask("classes", image)

    def memory(self) -> int:
        """Bytes that the process took at its peak beyond what importing PyTorch takes."""
        return self._ask("memory")

    def close(self) -> None:
        self._pipe.close()
        self._process.join(20)

    def _ask(self, *request: Any) -> Any:
        self._pipe.send(request)
        return self._answer()

    def _answer(self) -> Any:
        try:
            answer = self._pipe.recv()
        except EOFError:
            raise Failed("its process ended") from None
        if isinstance(answer, Failed):
            raise answer
        return answer


def _serve(pipe: Connection, task: Task) -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch  # noqa: F401  before the peak that others are measured from

    from segnets import SegnetsError

    before = _peak()
    try:
        engine, draft = _load(task)
        draft(np.zeros((480, 640, 3), np.uint8))
    except SegnetsError as error:
        pipe.send(Failed(str(error)))
        return
    pipe.send(engine)
    answers: dict[str, Callable[..., Any]] = {
        "seconds": lambda image, times: _median(lambda: draft(image), times),
        "seconds_from_file": lambda file, times: _median(lambda: draft(decode(file)), times),
        "classes": draft,
        "memory": lambda: _peak() - before,
    }
    while True:
        try:
            name, *arguments = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(answers[name](*arguments))


def _load(task: Task) -> tuple[str, Draft]:
    import torch

    from segnets import Predictor, find

    torch.set_num_threads(task.threads)
    if task.engine == PLAIN:
        from segnets.plain import PlainDraft

        return PLAIN, PlainDraft(find(task.model, task.directories))
    predictor = Predictor.load(
        task.model, "cpu", task.threads, task.directories, task.engine, task.cache
    )
    engine = f"{predictor.engine.name}:{predictor.engine.precision}"
    return engine, lambda image: predictor.propose(image).classes


def _median(call: Callable[[], object], times: int) -> float:
    seconds: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _peak() -> int:
    """Bytes of memory that this process has had at most."""
    # Linux: what getrusage tells includes the process that this one was started from.
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
