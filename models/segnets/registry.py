"""Which models there are: one JSON entry beside each weights file. No PyTorch here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from segnets.errors import BrokenModel, UnknownModel

MOST_LABELS = 255
DEFAULT_ARCHITECTURE = "deeplabv3-efficientnet-lite0"
DEFAULT = "deeplabv3-efficientnet-lite0-voc"
_ALIASES = {"default": DEFAULT}
_PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Measured:
    """What was measured, on what: nothing here is copied from elsewhere."""

    miou: float  # mean over the labels that the data hold
    pixel_accuracy: float
    iou: Mapping[str, float]  # per label
    images: int
    data: str
    seconds_640x480: float | None = None  # encode + decode of one decoded image, median
    cpu_seconds_640x480: float | None = None  # the same as processor time, whoever else computes
    hardware: str = ""
    boundary_iou: float | None = None  # mean as for miou; edges as interpolation draws them
    miou_refined: float | None = None  # with edges refined
    pixel_accuracy_refined: float | None = None
    boundary_iou_refined: float | None = None
    refine_seconds: float | None = None  # median over the same photographs
    ece: float | None = None  # expected calibration error, temperature fitted on other photographs
    ece_uncalibrated: float | None = None  # at temperature 1
    trained_on: Mapping[str, float] | None = None  # the same of fine photographs trained on
    camvid_miou: float | None = None  # CamVid, labels that both have
    camvid_iou: Mapping[str, float] | None = None
    camvid_miou_refined: float | None = None
    camvid_images: int | None = None


@dataclass(frozen=True)
class Entry:
    """One model: what it knows, where it comes from, and the file that holds its weights."""

    name: str
    labels: tuple[str, ...]
    licence: str
    source: str
    file: str  # beside the entry; safetensors, or .pth as PyTorch writes it
    sha256: str
    network: Mapping[str, Any]  # the sizes that the architecture leaves open
    preprocessing: Mapping[str, Any]
    measured: Measured | None = None
    architecture: str = DEFAULT_ARCHITECTURE
    temperature: float = 1.0  # divides the logits, so that confidence means what it says
    refine: bool = False  # whether drafts follow the photograph's edges unless told otherwise
    directory: Path = field(default_factory=Path)

    @property
    def miou(self) -> float | None:
        """Measured mean IoU, 0 to 1; `None` if nobody measured."""
        return self.measured.miou if self.measured else None

    @property
    def path(self) -> Path:
        """The weights file."""
        return self.directory / self.file

    def verify(self) -> bytes:
        """The weights file's bytes, if they are the ones that the entry was written for."""
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise BrokenModel(
                f"model {self.name!r} has no readable weights at {self.path} "
                f"({error.strerror}). Reinstall it."
            ) from error
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise BrokenModel(
                f"the weights of model {self.name!r} at {self.path} are not the published ones: "
                f"sha256 is {found}, the entry says {self.sha256}. Reinstall the model."
            )
        return data

    def to_json(self) -> str:
        """The entry as its file holds it."""
        document = asdict(self)
        del document["directory"]
        return json.dumps(document, indent=2) + "\n"


def bundled_directory() -> Path:
    """The weights that come with segnets: inside a wheel, or beside the package in a checkout."""
    inside = _PACKAGE / "weights"
    return inside if inside.is_dir() else _PACKAGE.parent / "weights"


def list_models(directories: Iterable[Path] = ()) -> list[Entry]:
    """Every entry in `directories` and the bundled one, by name; the first of a name wins.

    Files that are no entry are left out: one that broke must not take the others along.
    """
    entries: dict[str, Entry] = {}
    for path in _entry_files(directories):
        try:
            entry = read_entry(path)
        except BrokenModel:
            continue
        entries.setdefault(entry.name, entry)
    return [entries[name] for name in sorted(entries)]


def broken_entries(directories: Iterable[Path] = ()) -> dict[Path, BrokenModel]:
    """What `list_models` leaves out, and why."""
    broken: dict[Path, BrokenModel] = {}
    for path in _entry_files(directories):
        try:
            read_entry(path)
        except BrokenModel as error:
            broken[path] = error
    return broken


def _entry_files(directories: Iterable[Path]) -> Iterator[Path]:
    for directory in (*directories, bundled_directory()):
        yield from sorted(directory.glob("*.json"))


def find(name: str | Path, directories: Iterable[Path] = ()) -> Entry:
    """The entry of a name, of the alias `default`, or of a path to an entry's JSON file.

    Raises `UnknownModel`, or `BrokenModel` if the file that should hold the entry does not.
    """
    directories = list(directories)
    path = Path(name)
    if path.suffix == ".json" and path.is_file():
        return read_entry(path)
    wanted = _ALIASES.get(str(name), str(name))
    entries = list_models(directories)
    for entry in entries:
        if entry.name == wanted:
            return entry
    for path, error in broken_entries(directories).items():
        if path.stem == wanted:
            raise error
    raise UnknownModel(str(name), [entry.name for entry in entries])


def save_entry(entry: Entry, directory: Path) -> Path:
    """Write the entry beside its weights, whole or not at all."""
    path = directory / f"{entry.name}.json"
    draft = path.with_name(f"{path.name}.part")
    draft.write_text(entry.to_json(), "utf-8")
    draft.replace(path)
    return path


def read_entry(path: Path) -> Entry:
    """Parse one entry's JSON file."""
    try:
        document = json.loads(path.read_text("utf-8"))
        measured = document.pop("measured", None)
        labels = tuple(document.pop("labels"))
        return Entry(
            **document,
            labels=labels,
            measured=Measured(**measured) if measured else None,
            directory=path.parent,
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BrokenModel(
            f"{path} is not a model's entry ({error}). Reinstall the model or remove the file."
        ) from error
