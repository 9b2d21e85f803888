"""The documents say what the code does: an undocumented setting, command or route fails here."""

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer.main

from maskwright.cli import app as command_line
from maskwright.domain.codec import encode_tile
from maskwright.domain.labels import VOID
from maskwright.domain.tiles import LAYERS, TILE
from maskwright.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
COMMAND_LINE_ONLY = "failed"
"""The one error code that no answer over HTTP carries."""


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    documented = set(re.findall(r"^\| `(MASKWRIGHT_\w+)`", read("settings.md"), re.MULTILINE))
    assert documented == {f"MASKWRIGHT_{name.upper()}" for name in Settings.model_fields}


def test_every_command_is_documented() -> None:
    page = read("cli.md")
    commands = command_names(typer.main.get_command(command_line), "maskwright")
    assert "maskwright models list" in commands
    assert [name for name in commands if f"`{name}" not in page] == []


def command_names(command: Any, name: str) -> list[str]:
    """Return `maskwright models list` and its like, without the groups themselves."""
    if not hasattr(command, "commands"):
        return [name]
    return [
        full
        for key, part in command.commands.items()
        for full in command_names(part, f"{name} {key}")
    ]


def test_every_route_is_documented(paths_of_the_api: dict[str, dict[str, object]]) -> None:
    page = read("http.md")
    undocumented = [
        f"{method.upper()} {path}"
        for path, methods in paths_of_the_api.items()
        for method in methods
        if f"`{method.upper()} {path.removeprefix('/api/v1')}`" not in page
    ]
    assert undocumented == []


def test_every_error_code_is_documented_and_every_documented_one_exists() -> None:
    codes = {
        code
        for path in (ROOT / "server").rglob("*.py")
        for code in re.findall(r'\bcode\b[^="\n]*=\s*(?:\d{3},\s*)?"([a-z_]+)"', path.read_text())
    }
    table = read("http.md").split("## Error codes")[1]
    documented = set(re.findall(r"^\| \d+ .*", table, re.MULTILINE))
    assert set(re.findall(r"`([a-z_]+)`", "".join(documented))) == codes - {COMMAND_LINE_ONLY}


def test_the_changelog_is_about_this_version() -> None:
    latest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert latest is not None
    assert latest.group(1) == project["version"]


@pytest.mark.parametrize(
    "document",
    sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")]),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_example_of_the_tile_format_is_what_the_encoder_writes() -> None:
    tile = np.full((TILE, TILE), VOID, np.uint8)
    for row in range(3):
        tile[10 + row, 5 : 9 + row] = 7
    example = re.search(r"### Example.*?```\n(.*?)```", read("tile-format.md"), re.DOTALL)
    assert example is not None
    assert encode_tile(tile, LAYERS["classes"]) == spelled_out(example.group(1))


def spelled_out(example: str) -> bytes:
    """Return the bytes of lines like `01 00×9 03    what they are`."""
    data = b""
    for line in example.splitlines():
        for token in re.match(r"(?:[0-9A-F]{2}(?:×\d+)?\s+)+", line)[0].split():
            value, _, times = token.partition("×")
            data += bytes.fromhex(value) * int(times or 1)
    return data


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")
