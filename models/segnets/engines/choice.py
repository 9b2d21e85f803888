"""Which engine was found fastest on this machine, kept beside the converted networks."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

_FILE = "choice.json"


def chosen(cache: Path | None, key: str) -> str | None:
    """The engine chosen for the weights with this key, if it was chosen on such a processor."""
    document = _read(cache) if cache else {}
    if document.get("processor") != processor():
        return None
    engine = document.get("engines", {}).get(key)
    return engine if isinstance(engine, str) else None


def choose(cache: Path, key: str, engine: str) -> None:
    """Remember an engine for the weights with this key."""
    document = _read(cache)
    same = document.get("processor") == processor()
    kept: dict[str, str] = document.get("engines", {}) if same else {}
    engines = {**kept, key: engine}
    text = json.dumps({"processor": processor(), "engines": engines}, indent=2) + "\n"
    cache.mkdir(parents=True, exist_ok=True)
    fresh = cache / f".{_FILE}-{os.getpid()}"
    fresh.write_text(text, "utf-8")
    os.replace(fresh, cache / _FILE)


def processor() -> str:
    """What the processor calls itself."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return f"{line.partition(':')[2].strip()}, {os.cpu_count()} cores"
    except OSError:
        pass
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def _read(cache: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads((cache / _FILE).read_text("utf-8"))
        return dict(document)
    except (OSError, ValueError, TypeError):
        return {}
