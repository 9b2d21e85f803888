"""What every file of the project has to be, whoever writes it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("server", "models", "frontend", "migrations", "tests", "scripts", "docs", ".ci")
SOURCES = {".py", ".js", ".css", ".html", ".md", ".toml", ".yml", ".yaml", ".json", ".sh", ""}
LONGEST_FILE = 400
"""Lines. The house rule is about 250; past this a file owns more than one concept."""

FOREIGN_URL = re.compile(r"""(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+\.[a-z]{2,}""", re.IGNORECASE)
SOMEBODYS_MACHINE = re.compile(r"(?<![\w.])/(?:work|root|Users|home/\w+)/")


def files() -> Iterator[Path]:
    """Yield every text file of the project, none of what tools leave beside them."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in SOURCES)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in SOURCES and "__pycache__" not in path.parts:
                yield path


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_page_names_a_third_party() -> None:
    """A page that loads a font or a script from elsewhere tells others who annotates what."""
    shipped = [p for p in files() if relative(p).startswith("frontend/") and p.suffix != ".md"]
    offenders = [
        f"{relative(path)}:{number}: {line.strip()[:80]}"
        for path in shipped
        if path.name != "LICENSE"
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if FOREIGN_URL.search(line)
    ]
    assert offenders == []


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    offenders = [
        f"{relative(path)}: {match.group()}"
        for path in files()
        if (match := SOMEBODYS_MACHINE.search(text_of(path)))
    ]
    assert offenders == []


def test_no_source_file_has_outgrown_its_concept() -> None:
    lengths = {
        relative(path): len(text_of(path).splitlines())
        for path in files()
        if path.suffix in {".py", ".js"} and "vendor" not in path.parts
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


@pytest.mark.parametrize(
    "folder",
    sorted(path for path in (ROOT / "frontend" / "vendor").iterdir() if path.is_dir()),
    ids=lambda path: path.name,
)
def test_what_is_vendored_has_its_licence_and_version_beside_it(folder: Path) -> None:
    assert (folder / "LICENSE").is_file()
    assert re.search(r"\d+\.\d+", text_of(folder / "README.md"))


def test_what_is_vendored_is_named_in_the_notice() -> None:
    notice = text_of(ROOT / "NOTICE")
    vendored = [path.name for path in (ROOT / "frontend" / "vendor").iterdir() if path.is_dir()]
    assert [name for name in vendored if f"frontend/vendor/{name}" not in notice] == []
