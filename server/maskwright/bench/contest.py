"""All engines on the same images in one run."""

import contextlib
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from maskwright.bench.contender import PLAIN, Contender, Failed, Task
from maskwright.bench.samples import Samples
from segnets.metrics import confusion, mean_iou

ENGINES = ("torch:fp32", "torch:bf16", "openvino:fp32", "openvino:bf16", "onnxruntime")
ROUNDS = 9
DRAFTS_PER_ROUND = 3
# What an engine may lose against plain PyTorch: points of mIoU, or of agreement without a truth.
MAX_LOSS = 0.5
MAX_DISAGREEMENT = 2.5


@dataclass(frozen=True)
class Row:
    """What one engine was measured at. Times in milliseconds, memory in bytes, quality in points.

    `speed` is how many times as fast as plain PyTorch, from file to draft: the median over rounds,
    each of which asks every engine in turn. `quality` is the mIoU where the samples have a truth,
    else the share of pixels that plain PyTorch labels alike.
    """

    engine: str
    decoded: float
    whole: float
    decoded_speed: float
    speed: float
    memory: int
    quality: float


@dataclass(frozen=True)
class Result:
    rows: Sequence[Row]  # plain PyTorch first
    left_out: dict[str, str]  # engine: why
    chosen: Row | None  # the fastest that loses no more than it may


def hold(
    task: Callable[[str], Task],
    samples: Samples,
    say: Callable[[str], None],
    rounds: int = ROUNDS,
) -> Result:
    """Measure every engine that is installed. `task` tells what an engine computes with."""
    left_out: dict[str, str] = {}
    with contextlib.ExitStack() as open_:
        contenders: list[Contender] = []
        for engine in (PLAIN, *ENGINES):
            say(f"loading {engine}")
            try:
                contender = Contender(task(engine))
            except Failed as error:
                left_out[engine] = str(error)
                continue
            open_.callback(contender.close)
            contenders.append(contender)
        times = _race(contenders, samples, say, rounds)
        quality = _judge(contenders, samples, say)
        rows = [
            _row(contender, times[contender.engine], times[PLAIN], quality[contender.engine])
            for contender in contenders
        ]
    return Result(rows, left_out, best(rows, samples))


Times = list[tuple[float, float]]


def _race(
    contenders: list[Contender], samples: Samples, say: Callable[[str], None], rounds: int
) -> dict[str, Times]:
    """Seconds of each round, for each engine."""
    times: dict[str, Times] = {contender.engine: [] for contender in contenders}
    for number in range(rounds):
        say(f"timing, round {number + 1} of {rounds}")
        shift = number % len(contenders)  # whoever comes first may find the processor cooler
        for contender in contenders[shift:] + contenders[:shift]:
            decoded = contender.seconds(samples.timed, DRAFTS_PER_ROUND)
            whole = contender.seconds_from_file(samples.timed_file, DRAFTS_PER_ROUND)
            times[contender.engine].append((decoded, whole))
    return times


def _judge(
    contenders: list[Contender], samples: Samples, say: Callable[[str], None]
) -> dict[str, float]:
    """Points of mIoU against the truth, or of agreement with the first contender."""
    known = 0
    counts: dict[str, Any] = {contender.engine: 0 for contender in contenders}
    for number, (image, truth) in enumerate(samples):
        say(f"judging, image {number + 1} of {len(samples)}")
        drafts = {contender.engine: contender.classes(image) for contender in contenders}
        known += image.shape[0] * image.shape[1]
        for engine, classes in drafts.items():
            if truth is None:
                counts[engine] += int((classes == drafts[contenders[0].engine]).sum())
            else:
                counts[engine] += confusion(truth, classes, samples.labels)
    return {
        engine: 100 * (mean_iou(count) if samples.has_truth else count / known)
        for engine, count in counts.items()
    }


def _row(contender: Contender, times: Times, plain: Times, quality: float) -> Row:
    pairs = list(zip(plain, times, strict=True))
    return Row(
        engine=contender.engine,
        decoded=1000 * statistics.median(one for one, _ in times),
        whole=1000 * statistics.median(other for _, other in times),
        decoded_speed=statistics.median(theirs[0] / ours[0] for theirs, ours in pairs),
        speed=statistics.median(theirs[1] / ours[1] for theirs, ours in pairs),
        memory=contender.memory(),
        quality=quality,
    )


def best(rows: Sequence[Row], samples: Samples) -> Row | None:
    """The fastest engine that is as good as the first row, which is plain PyTorch."""
    lost = MAX_LOSS if samples.has_truth else MAX_DISAGREEMENT
    good = [row for row in rows[1:] if rows[0].quality - row.quality <= lost]
    return max(good, key=lambda row: row.speed, default=None)
