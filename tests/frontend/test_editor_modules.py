"""The editor's page asks for all of its modules at once, instead of one import after the other."""

import re
from pathlib import Path

FRONTEND = Path(__file__).parents[2] / "frontend"
IMPORT = re.compile(r"""^(?:import|export)\s(?:[^;]*?\sfrom\s)?"(\.[^"]+)";""", re.MULTILINE)


def reachable(start: Path) -> set[Path]:
    found, todo = set(), [start]
    while todo:
        path = todo.pop().resolve()
        if path not in found:
            found.add(path)
            todo += [path.parent / name for name in IMPORT.findall(path.read_text("utf-8"))]
    return found


def test_the_preloaded_modules_are_those_that_the_editor_imports() -> None:
    text = (FRONTEND / "templates" / "editor_modules.html").read_text("utf-8")
    listed = re.findall(r'rel="modulepreload" href="/static/([^"]+)"', text)
    wanted = {p.relative_to(FRONTEND.resolve()) for p in reachable(FRONTEND / "editor/main.js")}
    assert listed == sorted(path.as_posix() for path in wanted)
