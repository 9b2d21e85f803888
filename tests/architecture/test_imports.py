"""The directions of dependency that docs/architecture.md draws, held by a test."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "server" / "maskwright"


def imported_packages(path: Path) -> set[str]:
    """Return the top-level packages that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def test_every_contract_of_import_linter_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize("path", sorted((SERVER / "domain").glob("*.py")), ids=lambda p: p.name)
def test_the_domain_needs_nothing_but_numpy_and_the_standard_library(path: Path) -> None:
    allowed = {*sys.stdlib_module_names, "numpy", "maskwright"}
    assert imported_packages(path) <= allowed


def test_the_app_starts_without_importing_torch() -> None:
    code = "import sys, maskwright.app; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_the_environment_is_read_in_settings_alone() -> None:
    reads = re.compile(r"os\.environ(\[|\.get)|os\.getenv")
    readers = {
        path.relative_to(SERVER).as_posix()
        for path in SERVER.rglob("*.py")
        if reads.search(path.read_text())
    }
    assert readers <= {"settings.py"}


def test_every_package_that_is_imported_is_declared() -> None:
    """The tests run beside many packages; the wheel gets only those it asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + [
        requirement for name in ("onnx", "openvino", "train") for requirement in extras[name]
    ]
    declared = {distribution(requirement) for requirement in wanted}
    origin = packages_distributions()
    ours = {"maskwright", "segnets", *sys.stdlib_module_names}
    imported = {
        name
        for folder in (SERVER, ROOT / "models" / "segnets", ROOT / "migrations")
        for path in folder.rglob("*.py")
        for name in imported_packages(path)
    }
    undeclared = {
        name
        for name in imported - ours
        if not declared & {distribution(found) for found in origin.get(name, [name])}
    }
    assert undeclared == set()


def distribution(requirement: str) -> str:
    """Return the normalised name in a requirement such as `psycopg[binary]>=3.2`."""
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")
