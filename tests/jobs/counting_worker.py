"""A worker with tasks whose work can be counted: each number is written to a file when made."""

import sys
import time
from pathlib import Path

from maskwright.errors import Unprocessable
from maskwright.jobs.tasks import JobContext, task
from maskwright.settings import Settings
from maskwright.worker import run_worker


@task("count")
def count(context: JobContext) -> dict[str, list[int]]:
    steps, made = context.params["steps"], Path(context.params["log"])

    def make(number: int) -> int:
        with made.open("a") as file:
            file.write(f"{number}\n")
        time.sleep(context.params.get("seconds", 0.1))
        return number * number

    numbers: list[int] = []
    for number in range(steps):
        numbers.append(context.step(f"number {number}", lambda number=number: make(number)))
        context.progress(number + 1, steps, "numbers")
    context.result_path.write_bytes(b"PK\x05\x06" + bytes(18))
    return {"numbers": numbers}


@task("refuse")
def refuse(context: JobContext) -> dict[str, int]:
    raise Unprocessable("There is nothing to count.", code="nothing_to_count")


@task("break")
def break_down(context: JobContext) -> dict[str, int]:
    raise RuntimeError("the wheel came off")


if __name__ == "__main__":
    run_worker(Settings(), parent=int(sys.argv[1]), task_modules=())
