"""What a part of the benchmark answers.

A part is a file `tests/bench/bench_NAME.py` with one function, `measure() -> Iterable[Figure]`,
that compares two things within one run on this machine. It cleans up after itself.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure. `value` and `budget` are in the same unit; smaller is better."""

    what: str
    value: float
    budget: float | None
    unit: str = "ratio"
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.budget is None:
            return ""
        return "ok" if self.value <= self.budget else "OVER"
