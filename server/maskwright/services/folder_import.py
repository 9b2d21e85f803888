"""A folder of image files into a project."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.domain.presets import PRESETS
from maskwright.errors import AppError, NotFound, Unprocessable
from maskwright.services import images, projects
from maskwright.services.decode import Limits
from maskwright.services.image_errors import FileTooLarge
from maskwright.services.sniff import SUFFIX_KIND

Progress = Callable[[int, int], None]
"""Called with files done and files in all."""

# Other things lie in folders of photographs; what is plainly no image is not tried, only told.
_MAYBE_IMAGES = frozenset({*SUFFIX_KIND, "", ".gif", ".heic", ".heif", ".avif", ".jp2", ".jxl"})


@dataclass
class ImportReport:
    """What became of each file. `failed` and `notes`: path and a sentence."""

    project_id: int
    project_created: bool
    imported: int = 0
    duplicates: int = 0
    skipped: int = 0  # by their suffix no images
    failed: list[tuple[Path, str]] = field(default_factory=list)
    notes: list[tuple[Path, str]] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """What was done, in one line."""
        parts = [f"{self.imported} imported"]
        if self.duplicates:
            parts.append(f"{self.duplicates} already there")
        if self.skipped:
            parts.append(f"{self.skipped} skipped, being no images")
        if self.failed:
            parts.append(f"{len(self.failed)} failed")
        return f"{', '.join(parts)}."


def import_folder(
    db: Database,
    path: Path,
    project_name: str,
    actor: Actor,
    limits: Limits,
    progress: Progress = lambda _done, _total: None,
    preset: str = "voc",
    model: str = "default",
) -> ImportReport:
    """Take in every image under `path`, a folder or one file.

    A project of that name is used; without one it is made with the labels of `preset`. A file
    that can't be read is reported and the others go through. Running it again adds only what is
    new. Raises NotFound when there is no such path, Unprocessable for an unknown preset.
    """
    if not path.exists():
        raise NotFound(f"There is no file or folder {path}.", code="path_not_found")
    files = [path] if path.is_file() else list(_visible_files(path))
    wanted = [file for file in files if path.is_file() or _maybe_image(file)]
    if not wanted:
        raise NotFound(f"There is no image under {path}.", code="no_images")
    report = _report(db, project_name, preset, model, actor)
    report.skipped = len(files) - len(wanted)
    progress(0, len(wanted))
    for done, file in enumerate(wanted, start=1):
        _import_file(db, file, actor, limits, report)
        progress(done, len(wanted))
    return report


def _report(db: Database, project_name: str, preset: str, model: str, actor: Actor) -> ImportReport:
    project_name = projects.checked_name(project_name)
    with db.write() as session:
        project = projects.by_name(session, project_name)
        if project is not None:
            return ImportReport(project.id, project_created=False)
        if preset not in PRESETS:
            known = ", ".join(PRESETS)
            raise Unprocessable(f"There is no preset {preset}. Choose one of {known}.")
        labels = PRESETS[preset].labels
        project = projects.create(session, project_name, "", labels, model, actor)
        return ImportReport(project.id, project_created=True)


def _import_file(
    db: Database, file: Path, actor: Actor, limits: Limits, report: ImportReport
) -> None:
    try:
        size = file.stat().st_size
        if size > limits.max_bytes:  # told before it is read
            raise FileTooLarge.of(size, limits.max_bytes)
        result = images.upload(db, report.project_id, file.name, file.read_bytes(), actor, limits)
    except AppError as error:
        report.failed.append((file, error.detail))
    except OSError as error:
        report.failed.append((file, f"It could not be read: {error.strerror}."))
    else:
        report.imported += not result.duplicate
        report.duplicates += result.duplicate
        if result.note:
            report.notes.append((file, result.note))


def _visible_files(folder: Path) -> Iterator[Path]:
    """Files under `folder` in order of path, none that is hidden or in a hidden folder."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():  # a link may lead round in a circle
            yield from _visible_files(path)
        elif path.is_file():
            yield path


def _maybe_image(path: Path) -> bool:
    return path.suffix.lower() in _MAYBE_IMAGES
