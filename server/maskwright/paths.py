"""Where the files lie that are not Python: in the wheel, or in the repository when editable."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource_dir(name: str) -> Path:
    """Return the folder `frontend` or `migrations`."""
    bundled = PACKAGE / f"_{name}"
    return bundled if bundled.is_dir() else PACKAGE.parents[1] / name
