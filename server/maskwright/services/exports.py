"""Export a project as a data set, and prove that it holds what the store holds."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from maskwright import __version__
from maskwright.db import Database
from maskwright.domain.labels import VOID, Label
from maskwright.errors import Unprocessable
from maskwright.formats import FORMATS
from maskwright.formats.archive import FolderSink, FolderSource, Sink, Source, Spool, ZipSource
from maskwright.formats.base import ExportOptions, Format, FormatError, Sample, Written
from maskwright.formats.zip_sink import ZipSink
from maskwright.services import labels as label_sets
from maskwright.services import projects
from maskwright.services.decode import MAX_SIDE
from maskwright.services.export_proof import ExportNotProved, Progress, Proof, prove
from maskwright.services.export_samples import Exported, Include, Selection, choose, samples
from maskwright.tables import ProjectRow

_ANY_SIZE = MAX_SIDE**2  # our own masks, which are as large as the images that were taken

_README = """\
Exported by Maskwright {version} as {title}.

{images} images with their ground truth. Pixels that nobody labelled are void ({void} in masks of
label indices). manifest.json names, for every image, the file it was uploaded as and the revision
of its mask, so that this very data set can be told from a later one.
"""


@dataclass(frozen=True)
class ExportRequest:
    """What to export. `statuses`: only images in these; None for any.

    `include`: "annotated" leaves out images without ground truth, "all" exports those as void.
    """

    format: str
    statuses: Sequence[str] | None = None
    include: Include = "annotated"
    options: ExportOptions = field(default_factory=ExportOptions)


@dataclass(frozen=True)
class ExportReport:
    """What was exported and how it compared. `sha256` and `bytes` are the zip's."""

    format: str
    images: int
    skipped: int
    notes: tuple[str, ...]
    proof: Proof
    revisions: dict[int, int]
    bytes: int | None = None
    sha256: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the report without the revisions, which the data set's manifest has."""
        report = asdict(self)
        del report["revisions"]
        return report | {"notes": list(self.notes)}


@dataclass(frozen=True)
class _Plan:
    """An export with everything fixed that the store could change under it."""

    db: Database
    project: ProjectRow
    labels: Sequence[Label]
    selection: Selection
    format: Format
    request: ExportRequest
    progress: Progress
    check_cancelled: Callable[[], None]


def export_project(
    db: Database,
    project_id: int,
    request: ExportRequest,
    path: Path,
    progress: Progress = lambda done, total, unit: None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> ExportReport:
    """Write a project to a zip file at `path`; it is whole and proved on return.

    The same ground truth gives the same bytes. `progress(done, total, unit)` is called for every
    image written and again for every image checked. Whatever goes wrong, `path` is as it was.

    Raises NotFound, Unprocessable (no such format), NothingToExport, ExportNotProved.
    """
    plan = _plan(db, project_id, request, progress, check_cancelled)
    part = path.with_name(f"{path.name}.part")  # an export that is there stays until this is good
    try:
        with part.open("wb", buffering=1 << 20) as file, ZipSink(file) as sink:
            exported, written = _write(plan, sink)
        with ZipSource(part, _ANY_SIZE) as source:
            proof = _prove(plan, source, exported)
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    return _report(plan, written, proof, sink.bytes, sink.sha256)


def export_folder(
    db: Database,
    project_id: int,
    request: ExportRequest,
    folder: Path,
    progress: Progress = lambda done, total, unit: None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> ExportReport:
    """Write a project as plain files under `folder`, which must be empty or not there yet.

    Raises what `export_project` does. What was written before an error is left there.
    """
    plan = _plan(db, project_id, request, progress, check_cancelled)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Unprocessable(f"{folder} is there already. Name a new folder or an empty one.")
    folder.mkdir(parents=True, exist_ok=True)
    exported, written = _write(plan, FolderSink(folder))
    return _report(plan, written, _prove(plan, FolderSource(folder, _ANY_SIZE), exported))


def _plan(
    db: Database,
    project_id: int,
    request: ExportRequest,
    progress: Progress,
    check_cancelled: Callable[[], None],
) -> _Plan:
    format_ = FORMATS.get(request.format)
    if format_ is None:
        raise Unprocessable(
            f"There is no format {request.format!r}. Choose one of {', '.join(FORMATS)}.",
            code="unknown_format",
        )
    with db.read() as session:
        project = projects.get(session, project_id)
        labels = label_sets.labels_of(session, project_id)
        selection = choose(session, project, request.statuses, request.include)
    return _Plan(db, project, labels, selection, format_, request, progress, check_cancelled)


def _write(plan: _Plan, sink: Sink) -> tuple[Exported, Written]:
    exported = Exported()
    with ExitStack() as stack:
        rows = stack.enter_context(Spool())
        stream = _watched(plan, exported, rows)
        try:
            written = plan.format.write(plan.labels, stream, sink, plan.request.options)
        except FormatError as error:
            raise Unprocessable(str(error)) from error
        sink.add_stream("manifest.json", _manifest(plan, rows))
    readme = _README.format(
        version=__version__, title=plan.format.title, images=written.images, void=VOID
    )
    sink.add("README.txt", readme.encode())
    return exported, written


def _watched(plan: _Plan, exported: Exported, rows: Spool) -> Iterator[Sample]:
    """Yield the samples; note each for the manifest, tell the progress, stop if asked to."""
    pinned = plan.selection.pinned
    for count, sample in enumerate(samples(plan.db, pinned, exported), 1):
        plan.check_cancelled()
        one = exported.by_name[sample.name]
        row = {
            "name": sample.name,
            "source": sample.source,
            "image": one.image_id,
            "revision": one.revision_id,
            "status": sample.status,
        }
        rows.write((b"" if rows.empty else b",\n") + json.dumps(row).encode())
        yield sample
        plan.progress(count, len(pinned), "images written")


def _manifest(plan: _Plan, rows: Spool) -> Iterator[bytes]:
    head: dict[str, Any] = {
        "exported_by": f"Maskwright {__version__}",
        "project": {"id": plan.project.id, "name": plan.project.name},
        "format": plan.format.name,
        "segmentation": plan.request.options.segmentation,
        "colors": plan.request.options.colors,
        "include": plan.request.include,
        "statuses": None if plan.request.statuses is None else list(plan.request.statuses),
        "void": {"index": VOID, "meaning": "not labelled; to be ignored"},
        "labels": [asdict(label) for label in plan.labels],
    }
    yield json.dumps(head, indent=1).removesuffix("\n}").encode()
    yield b',\n "images": [\n'
    yield from rows.chunks()
    yield b"\n]}\n"


def _prove(plan: _Plan, source: Source, exported: Exported) -> Proof:
    def progress(done: int, total: int, unit: str) -> None:
        plan.check_cancelled()
        plan.progress(done, total, unit)

    proof = prove(plan.db, source, plan.format, plan.labels, exported.by_name, progress)
    if proof.differing_pixels and plan.format.lossless(plan.request.options):
        raise ExportNotProved(
            f"{proof.differing_pixels} pixels read back from the export differ from the masks. It "
            "is not offered for download; your masks are untouched. Please report this."
        )
    return proof


def _report(
    plan: _Plan, written: Written, proof: Proof, size: int | None = None, sha256: str | None = None
) -> ExportReport:
    return ExportReport(
        plan.format.name,
        written.images,
        plan.selection.skipped,
        written.notes,
        proof,
        plan.selection.revisions,
        size,
        sha256,
    )
