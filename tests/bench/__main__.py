"""`python -m tests.bench [--list] [NAME…]`: runs the parts and prints one table."""

import importlib
import sys
import time
import traceback
from pathlib import Path

from tests.bench.figure import Figure

HERE = Path(__file__).parent
PREFIX = "bench_"
ROW = "{:<68} {:>10} {:>10}  {:<6} {:<5} {}"


def main(arguments: list[str]) -> int:
    parts = {path.stem.removeprefix(PREFIX): path.stem for path in HERE.glob(f"{PREFIX}*.py")}
    if arguments == ["--list"]:
        print("\n".join(sorted(parts)))
        return 0
    if unknown := set(arguments) - set(parts):
        print(f"error: no part named {', '.join(unknown)}; there are: {', '.join(sorted(parts))}")
        return 2
    failed: list[str] = []
    print(ROW.format("what", "measured", "budget", "unit", "", "").rstrip())
    for name in arguments or sorted(parts):
        start = time.perf_counter()
        try:
            for figure in importlib.import_module(f"tests.bench.{parts[name]}").measure():
                print(row(figure), flush=True)
        except Exception:
            traceback.print_exc()
            failed.append(name)
        print(f"  ({name}: {time.perf_counter() - start:.0f} s)", file=sys.stderr)
    if failed:
        print(f"error: could not measure {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def row(figure: Figure) -> str:
    budget = "" if figure.budget is None else f"{figure.budget:.4g}"
    cells = (figure.what, f"{figure.value:.4g}", budget, figure.unit, figure.verdict, figure.note)
    return ROW.format(*cells).rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
