"""Masks in and out of the store, whole or by tiles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain import codec
from maskwright.domain.actor import Actor
from maskwright.domain.codec import TileBundle
from maskwright.domain.labels import VOID
from maskwright.domain.mask import Mask
from maskwright.domain.tiles import LAYERS, LayerName, Pixels, cut, join
from maskwright.errors import InvalidMaskUpload, NotFound, StaleRevision, UnknownLabel
from maskwright.formats.deflate import pack as fast_deflate
from maskwright.services import review, revisions, tilestore
from maskwright.services.labels import known_indices
from maskwright.services.revisions import NO_REVISION, Origin, pixels_of
from maskwright.tables import ImageRow, RevisionRow

REFS = ("head", "proposal")


@dataclass(frozen=True, eq=False)
class LoadedMask:
    """Layers of one revision, (H, W) each. Revision 0 is all void."""

    revision: int
    layers: Mapping[LayerName, Pixels]


def resolve(session: Session, image: ImageRow, ref: str) -> RevisionRow | None:
    """Return the revision that `ref` ("head", "proposal" or a number) means; None is revision 0.

    Raises NotFound for a proposal that was never made and for a number of another image.
    """
    if ref == "head":
        return revisions.at_ref(session, image.id, "head")
    if ref == "proposal":
        found = revisions.at_ref(session, image.id, "proposal")
        if found is None:
            raise NotFound(
                f"Image {image.id} has no proposal yet. Ask for one with POST "
                f"/api/v1/images/{image.id}/proposal.",
                code="no_proposal",
            )
        return found
    if not ref.isascii() or not ref.isdigit() or len(ref) > 18:
        raise NotFound(f"{ref[:40]!r} is no ref: use head, proposal or the number of a revision.")
    return revisions.get(session, image.id, int(ref)) if int(ref) else None


def load(
    session: Session,
    image: ImageRow,
    ref: str = "head",
    layers: Sequence[LayerName] = ("classes",),
) -> LoadedMask:
    """Return whole layers. A layer that the revision does not have is all fill."""
    revision = resolve(session, image, ref)
    return load_revision(session, image, revision, layers)


def load_revision(
    session: Session, image: ImageRow, revision: RevisionRow | None, layers: Sequence[LayerName]
) -> LoadedMask:
    """Return whole layers of a revision at hand."""
    manifest = revisions.manifest_of(revision)
    loaded: dict[LayerName, Pixels] = {}
    for name in layers:
        layer = LAYERS[name]
        if name in manifest:
            tiles = tilestore.pixels(session, manifest[name], layer)
            loaded[name] = join(
                (tiles[tile] for tile in manifest[name]), layer, image.width, image.height
            )
        else:
            loaded[name] = np.full((image.height, image.width), layer.fill, layer.dtype)
    return LoadedMask(revision.id if revision else NO_REVISION, loaded)


def has_layer(revision: RevisionRow | None, layer: LayerName) -> bool:
    """Tell whether anybody ever wrote that layer of the mask."""
    return layer in revisions.manifest_of(revision)


def bundle(
    session: Session,
    image: ImageRow,
    revision: RevisionRow | None,
    layers: Sequence[LayerName],
    tiles: Iterable[int] | None = None,
) -> bytes:
    """Return the tiles as they travel; `tiles` narrows to those numbers, in any order."""
    grid = revisions.grid_of(image)
    wanted = range(grid.count) if tiles is None else sorted(set(tiles))
    if any(not 0 <= index < grid.count for index in wanted):
        raise NotFound(f"Image {image.id} has tiles 0 to {grid.count - 1} only.")
    manifest = revisions.manifest_of(revision)
    packed: dict[LayerName, dict[int, bytes]] = {}
    for name in layers:
        if name in manifest:
            names = {index: manifest[name][index] for index in wanted}
            payloads = tilestore.payloads(session, names.values())
            packed[name] = {index: payloads[tile] for index, tile in names.items()}
        else:
            payload = codec.encode_tile(revisions.fill_tile(LAYERS[name]), LAYERS[name])
            packed[name] = dict.fromkeys(wanted, payload)
    if "confidence" in packed:
        return codec.pack(grid, packed, fast_deflate)  # many bytes, which hardly get fewer
    return codec.pack(grid, packed)


def save_tiles(
    db: Database,
    image_id: int,
    changed: TileBundle,
    base: int | None,
    actor: Actor,
    ref: str = "head",
    idempotency_key: str | None = None,
    kind: str = "human",
) -> RevisionRow:
    """Commit changed tiles over revision `base`; None means over whatever is there.

    On disk when it returns. Raises InvalidMaskUpload, UnknownLabel, StaleRevision.
    """
    used = label_indices(changed.tiles)  # counted before anybody has to wait for us
    origin = Origin(actor, kind=kind, idempotency_key=idempotency_key)
    with db.write() as session:
        image = revisions.lock(session, image_id)
        head = revisions.at_ref(session, image_id, ref)
        _check(session, image, changed, ref, head, used)
        if base is None:
            base = head.id if head else NO_REVISION
        return _commit(session, image, ref, head, base, changed.tiles, origin, changed.coded)


def save_mask(
    db: Database,
    image_id: int,
    mask: Mask,
    base: int | None,
    actor: Actor,
    ref: str = "head",
    idempotency_key: str | None = None,
    kind: str = "human",
) -> RevisionRow:
    """Commit a whole mask over revision `base`; None means over whatever is there."""
    tiles: dict[LayerName, dict[int, Pixels]] = {
        "classes": dict(enumerate(cut(mask.classes, LAYERS["classes"])))
    }
    if mask.instances is not None:
        tiles["instances"] = dict(enumerate(cut(mask.instances, LAYERS["instances"])))
    changed = TileBundle(mask.width, mask.height, tiles)
    return save_tiles(db, image_id, changed, base, actor, ref, idempotency_key, kind)


def commit_over(
    session: Session, image: ImageRow, base: int, changes: revisions.Changes, origin: Origin
) -> RevisionRow:
    """Commit changes to the ground truth inside the caller's transaction."""
    check_labels(session, image, label_indices(changes))
    head = revisions.at_ref(session, image.id, "head")
    return _commit(session, image, "head", head, base, changes, origin)


def _commit(
    session: Session,
    image: ImageRow,
    ref: str,
    head: RevisionRow | None,
    base: int,
    changes: revisions.Changes,
    origin: Origin,
    coded: revisions.Coded | None = None,
) -> RevisionRow:
    revision = revisions.commit(session, image, ref, head, base, changes, origin, coded)
    if ref == "head" and revision is not head:
        review.truth_changed(session, image, origin.actor, revision)
    return revision


def label_indices(changes: revisions.Changes) -> list[int]:
    """Return the label indices, void left out, that the tiles hold."""
    used = np.zeros(256, bool)
    for tile in changes.get("classes", {}).values():
        used |= np.bincount(tile.ravel(), minlength=256) > 0
    used[VOID] = False
    return np.flatnonzero(used).tolist()


def _check(
    session: Session,
    image: ImageRow,
    changed: TileBundle,
    ref: str,
    head: RevisionRow | None,
    used: list[int],
) -> None:
    """Raise unless the tiles fit the image and hold only what its project knows."""
    if ref not in REFS:
        raise NotFound("A save goes to head or to proposal.")
    if (changed.width, changed.height) != (image.width, image.height):
        raise InvalidMaskUpload(
            f"The mask is {changed.width}×{changed.height}, the image {image.width}×"
            f"{image.height}. Send a mask of the size of the upright image."
        )
    if not any(changed.tiles.values()):
        raise InvalidMaskUpload("There is no tile to save. Send at least one.")
    if ref == "proposal" and head is None:
        raise NotFound(f"Image {image.id} has no proposal to change.", code="no_proposal")
    if ref == "head" and "confidence" in changed.tiles:
        raise InvalidMaskUpload("Ground truth has no confidence layer; send classes, instances.")
    check_labels(session, image, used)


def check_labels(session: Session, image: ImageRow, used: Iterable[int]) -> None:
    """Raise UnknownLabel unless the project has labels of these indices; keep them so."""
    known = known_indices(session, image.project_id)
    unknown = [index for index in used if index not in known]
    if unknown:
        raise UnknownLabel(
            f"The mask holds {', '.join(map(str, unknown[:10]))}, and the project has no label of "
            "that index. Add the label to the project, or void (255) those pixels.",
            indices=unknown,
        )


def restore(
    db: Database, image_id: int, revision_id: int, actor: Actor, base: int | None = None
) -> RevisionRow:
    """Make a new revision with the content of an old one. `base`, if given, must be the head."""
    with db.write() as session:
        image = revisions.lock(session, image_id)
        head = revisions.at_ref(session, image_id, "head")
        head_id = head.id if head else NO_REVISION
        if base is not None and base != head_id:
            raise StaleRevision(
                f"Revision {head_id} was saved since you looked. Look again, then restore.",
                head=head_id,
                tiles=[],
            )
        old = revisions.get(session, image_id, revision_id) if revision_id else None
        if old:  # its labels may have been taken away since
            check_labels(session, image, map(int, pixels_of(old)[0]))
        tiles = load_revision(session, image, old, _truth_layers(old, head))
        changes: revisions.Changes = {
            name: dict(enumerate(cut(pixels, LAYERS[name])))
            for name, pixels in tiles.layers.items()
        }
        origin = Origin(actor, message=f"Restored revision {revision_id}")
        return _commit(session, image, "head", head, head_id, changes, origin)


def _truth_layers(*of: RevisionRow | None) -> list[LayerName]:
    instances = any(has_layer(revision, "instances") for revision in of)
    return ["classes", "instances"] if instances else ["classes"]


def history(
    session: Session, image: ImageRow, ref: str, before: int | None, limit: int
) -> Sequence[RevisionRow]:
    """Return revisions made for `ref`, newest first, older than `before`."""
    query = select(RevisionRow).where(RevisionRow.image_id == image.id, RevisionRow.ref == ref)
    if before is not None:
        query = query.where(RevisionRow.id < before)
    return session.scalars(query.order_by(RevisionRow.id.desc()).limit(limit)).all()
