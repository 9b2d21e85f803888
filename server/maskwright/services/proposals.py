"""Drafts: made by a model, then accepted into the ground truth or rejected, by people."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.domain.labels import VOID
from maskwright.domain.mask import Classes
from maskwright.domain.proposer import DraftOptions
from maskwright.domain.tiles import LAYERS, LayerName, Pixels, cut
from maskwright.errors import NoProposal, NotFound, StaleRevision, Unprocessable
from maskwright.services import images, label_maps, masks, review, revisions, tilestore
from maskwright.services.decode import decode
from maskwright.services.drafting import Drafter
from maskwright.services.revisions import Origin
from maskwright.tables import ImageRow, ProjectRow, RevisionRow

_ATTEMPTS = 5
MAX_COMPONENTS = 1000


@dataclass(frozen=True)
class Selection:
    """Which pixels of a proposal are meant: those that satisfy all that is given.

    `components` are points (x, y); each stands for the 4-connected region of one label in the
    proposal that holds it. Confidences are 0-255, as in the confidence layer, both inclusive.
    """

    labels: Sequence[int] | None = None
    components: Sequence[tuple[int, int]] | None = None
    min_confidence: float = 0
    max_confidence: float = 255

    def of(self, classes: Classes, confidence: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
        """Return (H, W) bool. Void is never selected: the model has no opinion there."""
        chosen = classes != VOID
        if self.labels is not None:
            chosen &= np.isin(classes, np.array(list(self.labels), np.uint8))
        if self.components is not None:
            chosen &= components_at(classes, self.components)
        if self.min_confidence > 0:
            chosen &= confidence >= self.min_confidence
        if self.max_confidence < 255:
            chosen &= confidence <= self.max_confidence
        return chosen


def components_at(classes: Classes, points: Sequence[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Return the union of the 4-connected regions of equal label that hold the points."""
    height, width = classes.shape
    filled = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (1 << 8)
    for x, y in points:
        if not (0 <= x < width and 0 <= y < height):
            raise Unprocessable(f"The point ({x}, {y}) is outside the {width}×{height} image.")
        if not filled[y + 1, x + 1]:
            cv2.floodFill(classes, filled, (x, y), 0, 0, 0, flags)
    return filled[1:-1, 1:-1] > 0


@dataclass(frozen=True, eq=False)
class Made:
    """What a model made of an image, in the project's labels, before it is written.

    `classes`, `confidence`: (H, W) uint8. `record` tells how it was made, as JSON: model,
    model_sha256, engine, map, options, uncertainty, seconds.
    """

    classes: Classes
    confidence: npt.NDArray[np.uint8]
    model: str
    uncertainty: float
    record: Mapping[str, Any] | None = None


def uncertainty_of(confidence: npt.NDArray[np.uint8]) -> float:
    """Return 0 (certain) to 1: the mean of 1 - confidence over all pixels of the model's answer.

    Confidence is the calibrated probability of the label chosen, so this is the share of pixels
    that the model expects to have wrong. Pixels whose label the project does not map count too:
    being void in the proposal makes the model no surer of the image.
    """
    return float(1 - confidence.mean(dtype=np.float64) / 255)


def draft(
    db: Database,
    drafter: Drafter,
    image_id: int,
    actor: Actor,
    model: str | None = None,
    options: DraftOptions | None = None,
) -> RevisionRow:
    """Run the model on an image now and make the result its proposal.

    `model` and `options` default to the project's. Ground truth is not touched.
    """
    made = make(db, drafter, image_id, model, options)
    tiles = tiles_of(made)
    with db.write() as session:
        return put(session, revisions.lock(session, image_id), made, tiles, actor)


def make(
    db: Database,
    drafter: Drafter,
    image_id: int,
    model: str | None = None,
    options: DraftOptions | None = None,
) -> Made:
    """Run the model on an image and write nothing."""
    with db.read() as session:
        project = session.get_one(ProjectRow, images.get(session, image_id).project_id)
    name = model or project.model
    proposer = drafter.model(name)  # may have to be loaded: not while a session is open
    with db.read() as session:
        image = images.get(session, image_id)
        mapped = label_maps.of(session, project.id, proposer.name, proposer.labels)
        data = images.file_bytes(session, image)
    options = options or DraftOptions.of_record(project.draft_options)
    began = time.perf_counter()
    answer = drafter.draft(name, lambda: decode(data), options)
    uncertainty = uncertainty_of(answer.confidence)
    record = {
        "model": proposer.name,
        "model_sha256": proposer.sha256,
        "engine": proposer.engine,
        "map": mapped.record,
        "options": options.record,
        "uncertainty": round(uncertainty, 4),
        "seconds": round(time.perf_counter() - began, 3),
    }
    classes = mapped.table[answer.classes]
    return Made(classes, answer.confidence, proposer.name, uncertainty, record)


def write(
    db: Database,
    image_id: int,
    classes: Classes,
    confidence: npt.NDArray[np.uint8],
    model: str,
    actor: Actor,
) -> RevisionRow:
    """Make a mask that some model made elsewhere the image's proposal."""
    made = Made(classes, confidence, model, uncertainty_of(confidence))
    tiles = tiles_of(made)
    with db.write() as session:
        return put(session, revisions.lock(session, image_id), made, tiles, actor)


@dataclass(frozen=True, eq=False)
class Tiles:
    """A proposal cut and coded, so that writing it keeps nobody waiting: its tiles by layer and
    number, the same by name as they are stored, and the label indices in them."""

    changes: revisions.Changes
    ready: revisions.Ready
    used: Sequence[int]


def tiles_of(made: Made) -> Tiles:
    """Cut and code a proposal. Confidence counts only where there is a label."""
    layers: dict[LayerName, Pixels] = {
        "classes": made.classes,
        "confidence": np.where(made.classes == VOID, 0, made.confidence).astype(np.uint8),
    }
    changes: revisions.Changes = {
        name: dict(enumerate(cut(pixels, LAYERS[name]))) for name, pixels in layers.items()
    }
    ready: dict[bytes, bytes] = {}
    for name, tiles in changes.items():
        ready |= tilestore.prepared(tiles.values(), LAYERS[name])
    return Tiles(changes, ready, masks.label_indices(changes))


def put(
    session: Session,
    image: ImageRow,
    made: Made,
    tiles: Tiles,
    actor: Actor,
    job_id: str | None = None,
) -> RevisionRow:
    """Make it the proposal of the image, which the caller has locked, in their transaction."""
    masks.check_labels(session, image, tiles.used)  # one may have gone while the model computed
    before = revisions.at_ref(session, image.id, "proposal")
    base = before.id if before else revisions.NO_REVISION
    origin = Origin(actor, kind="model", model=made.model, draft=made.record, job_id=job_id)
    revision = revisions.commit(
        session, image, "proposal", before, base, tiles.changes, origin, ready=tiles.ready
    )
    image.uncertainty = made.uncertainty
    review.proposal_made(session, image, actor, revision)
    return revision


def accept(
    db: Database,
    image_id: int,
    selection: Selection,
    over: Literal["void", "all"],
    actor: Actor,
    base: int | None = None,
) -> RevisionRow:
    """Copy the selected pixels of the proposal into the ground truth.

    `over` tells whether only void pixels may change. `base`, if given, must be the head.
    The proposal stays as it is. Raises NoProposal, StaleRevision.
    """

    def changed(truth: Classes, proposal: Classes, chosen: npt.NDArray[np.bool_]) -> Classes:
        free = chosen & (truth == VOID) if over == "void" else chosen
        return np.where(free, proposal, truth)

    for attempt in range(_ATTEMPTS):
        with db.read() as session:
            image = images.get(session, image_id)
            truth = masks.load(session, image)
            classes, confidence = _proposal(session, image)
        _check_base(base, truth.revision)
        before = np.asarray(truth.layers["classes"], np.uint8)
        after = changed(before, classes, selection.of(classes, confidence))
        changes = _differing("classes", before, after)
        try:
            with db.write() as session:
                image = revisions.lock(session, image_id)
                return masks.commit_over(session, image, truth.revision, changes, Origin(actor))
        except StaleRevision:
            # Someone saved the same tiles while we looked; the answer is to look again.
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def reject(
    db: Database, image_id: int, selection: Selection, actor: Actor, base: int | None = None
) -> RevisionRow:
    """Void the selected pixels of the proposal, so that nobody is shown them again."""
    with db.read() as session:
        image = images.get(session, image_id)
        classes, confidence = _proposal(session, image)
        current = masks.resolve(session, image, "proposal")
    assert current is not None
    _check_base(base, current.id)
    after = np.where(selection.of(classes, confidence), np.uint8(VOID), classes)
    changes = _differing("classes", classes, after)
    with db.write() as session:
        image = revisions.lock(session, image_id)
        before = revisions.at_ref(session, image_id, "proposal")
        return revisions.commit(
            session, image, "proposal", before, current.id, changes, Origin(actor)
        )


def _proposal(session: Session, image: ImageRow) -> tuple[Classes, npt.NDArray[np.uint8]]:
    try:
        loaded = masks.load(session, image, "proposal", ("classes", "confidence"))
    except NotFound as error:
        raise NoProposal(
            "This image has no draft yet. Ask for one first, then accept or reject it."
        ) from error
    return (
        np.asarray(loaded.layers["classes"], np.uint8),
        np.asarray(loaded.layers["confidence"], np.uint8),
    )


def _check_base(base: int | None, current: int) -> None:
    if base is not None and base != current:
        raise StaleRevision(
            f"Revision {current} was saved since you looked. Look again, then repeat this.",
            head=current,
            tiles=[],
        )


def _differing(name: LayerName, before: Classes, after: Classes) -> revisions.Changes:
    """Return the tiles of `after` that differ from `before`."""
    layer = LAYERS[name]
    pairs = zip(cut(before, layer), cut(after, layer), strict=True)
    return {name: {i: new for i, (old, new) in enumerate(pairs) if not np.array_equal(old, new)}}
