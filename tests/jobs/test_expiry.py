"""Results go after their days, and what a dead worker left half written after one."""

import time
from pathlib import Path

import pytest

from maskwright.services.job_runs import remove_expired
from maskwright.settings import Settings

DAY = 86_400


@pytest.mark.parametrize(
    ("name", "days", "stays"),
    [("a.zip", 2, True), ("a.zip", 4, False), ("a.part", 0.5, True), ("a.part", 2, False)],
)
def test_files_are_kept_for_their_time(tmp_path: Path, name: str, days: float, stays: bool) -> None:
    settings = Settings(data_dir=tmp_path, result_days=3)
    settings.results_dir.mkdir()
    file = settings.results_dir / name
    file.touch()
    remove_expired(settings, lambda: time.time() + days * DAY)
    assert file.exists() == stays
