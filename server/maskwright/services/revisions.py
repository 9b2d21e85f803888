"""Saves are commits: a revision is made of its parent and the tiles that changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, lazyload

from maskwright.domain.actor import Actor
from maskwright.domain.labels import VOID
from maskwright.domain.tiles import LAYERS, TILE, Grid, Layer, LayerName, Pixels, name_of, trim
from maskwright.errors import Conflict, NotFound, StaleRevision
from maskwright.services import manifests, tilestore
from maskwright.tables import ImageRow, RefRow, RevisionRow, UserRow, now

NO_REVISION = 0
"""The revision of an image that has no ground truth yet: all void."""

Changes = Mapping[LayerName, Mapping[int, Pixels]]
Coded = Mapping[LayerName, Mapping[int, bytes]]
"""Payloads of changed tiles, where they are at hand."""
Ready = Mapping[bytes, bytes]
"""Tiles by name as they are stored, where they are at hand; see `tilestore.prepared`."""


@dataclass(frozen=True)
class Origin:
    """What is recorded of where a revision came from."""

    actor: Actor
    kind: str = "human"
    model: str | None = None
    message: str | None = None
    idempotency_key: str | None = None
    draft: Mapping[str, Any] | None = None
    job_id: str | None = None


def grid_of(image: ImageRow) -> Grid:
    return Grid(image.width, image.height)


def lock(session: Session, image_id: int) -> ImageRow:
    """Return the image, nobody else writing to it until the transaction ends."""
    query = select(ImageRow).where(ImageRow.id == image_id).with_for_update()
    query = query.options(lazyload(ImageRow.refs)).execution_options(populate_existing=True)
    image = session.scalar(query)
    if image is None:
        raise NotFound(f"There is no image {image_id}.")
    return image


def at_ref(session: Session, image_id: int, ref: str) -> RevisionRow | None:
    """Return the revision that the ref points to now."""
    return session.scalar(
        select(RevisionRow)
        .join(RefRow, RefRow.revision_id == RevisionRow.id)
        .where(RefRow.image_id == image_id, RefRow.name == ref)
    )


def get(session: Session, image_id: int, revision_id: int) -> RevisionRow:
    """Return that revision of that image."""
    revision = session.get(RevisionRow, revision_id)
    if revision is None or revision.image_id != image_id:
        raise NotFound(f"Image {image_id} has no revision {revision_id}.")
    return revision


def fill_tile(layer: Layer) -> Pixels:
    return np.full((TILE, TILE), layer.fill, layer.dtype)


def pixels_of(revision: RevisionRow) -> tuple[dict[str, int], int]:
    """Return (pixels per label index, void pixels)."""
    counts = dict(revision.counts)
    void = counts.pop(str(VOID), 0)
    return counts, void


def manifest_of(revision: RevisionRow | None) -> manifests.Manifest:
    return manifests.unpack(revision.manifest) if revision else {}


def commit(
    session: Session,
    image: ImageRow,
    ref: str,
    head: RevisionRow | None,
    base: int,
    changes: Changes,
    origin: Origin,
    coded: Coded | None = None,
    ready: Ready | None = None,
) -> RevisionRow:
    """Make `changes`, begun on revision `base`, the new head of `ref`, which is at `head`.

    Changes to tiles that nobody else touched since `base` are merged with what others saved.
    Returns the head unchanged when there is nothing new; a draft is always new, being another
    act of the model. Call with the image locked.

    Raises StaleRevision, naming the tiles, when others saved the same tiles since `base`, and
    Conflict when the origin's Idempotency-Key stands for another save.
    """
    head_id = head.id if head else NO_REVISION
    theirs = manifest_of(head)
    ours = theirs if base == head_id else _base_manifest(session, image.id, ref, base, head_id)
    tiles, names = _store(session, grid_of(image), changes, coded or {}, ready or {})
    repeated = _repeated(session, image.id, origin.idempotency_key)
    if repeated:
        _check_repetition(grid_of(image), ref, ours, repeated, names)
        return repeated
    accepted, clashes = _merge(grid_of(image), ours, theirs, names)
    if clashes:
        raise _stale(grid_of(image), head_id, clashes)
    if head and origin.draft is None and not any(accepted.values()):
        return head
    fresh = {
        layer: {index: tiles[layer][index] for index in indices}
        for layer, indices in accepted.items()
    }
    manifest = _apply(session, grid_of(image), theirs, accepted)
    counts = _count(session, image, head, fresh.get("classes", {}))
    merged = head is not None and base != head_id
    kind = "merge" if merged and origin.kind == "human" else origin.kind
    return append(session, image, ref, head, manifest, counts, _size(accepted), origin, kind)


def append(
    session: Session,
    image: ImageRow,
    ref: str,
    parent: RevisionRow | None,
    manifest: manifests.Manifest,
    counts: Mapping[str, int],
    changed_tiles: int,
    origin: Origin,
    kind: str,
) -> RevisionRow:
    """Write a revision and point `ref` to it."""
    revision = RevisionRow(
        image_id=image.id,
        parent_id=parent.id if parent else None,
        ref=ref,
        kind=kind,
        author=session.get_one(UserRow, origin.actor.id),
        manifest=manifests.pack(manifest),
        counts=dict(counts),
        changed_tiles=changed_tiles,
        model=origin.model,
        message=origin.message,
        idempotency_key=origin.idempotency_key,
        draft=None if origin.draft is None else dict(origin.draft),
        job_id=origin.job_id,
    )
    session.add(revision)
    image.updated_at = now()
    session.flush()
    moved = update(RefRow).where(RefRow.image_id == image.id, RefRow.name == ref)
    moved = moved.values(revision_id=revision.id).returning(RefRow.name)
    if session.execute(moved).first() is None:
        row = {"image_id": image.id, "name": ref, "revision_id": revision.id}
        session.execute(insert(RefRow).values(row))
    session.expire(image, ["refs"])
    return revision


def _repeated(session: Session, image_id: int, key: str | None) -> RevisionRow | None:
    if not key:
        return None
    return session.scalar(
        select(RevisionRow).where(
            RevisionRow.image_id == image_id, RevisionRow.idempotency_key == key
        )
    )


def _check_repetition(
    grid: Grid,
    ref: str,
    base: manifests.Manifest,
    repeated: RevisionRow,
    sent: Mapping[LayerName, Mapping[int, bytes]],
) -> None:
    """Raise Conflict if `sent` is not what made the revision of its Idempotency-Key.

    To answer with that revision would say of another edit that it is saved.
    """
    missing, _ = _merge(grid, base, manifest_of(repeated), sent)
    if repeated.ref != ref or any(missing.values()):
        raise Conflict(
            "This Idempotency-Key was used for another save. Nothing was changed: use a new key "
            "for a new save.",
            code="idempotency_key_reused",
        )


def _base_manifest(
    session: Session, image_id: int, ref: str, base: int, head_id: int
) -> manifests.Manifest:
    if base == NO_REVISION:
        return {}
    revision = session.get(RevisionRow, base)
    if revision is None or revision.image_id != image_id or revision.ref != ref:
        raise StaleRevision(
            f"This image has no revision {base} to build on. Nothing was changed: load the mask "
            "again and repeat the edit.",
            head=head_id,
            tiles=[],
        )
    return manifests.unpack(revision.manifest)


def _store(
    session: Session, grid: Grid, changes: Changes, coded: Coded, ready: Ready
) -> tuple[dict[LayerName, dict[int, Pixels]], dict[LayerName, dict[int, bytes]]]:
    """Put the changed tiles into the store; return their pixels and their names by index."""
    pixels: dict[LayerName, dict[int, Pixels]] = {}
    names: dict[LayerName, dict[int, bytes]] = {}
    for name, tiles in changes.items():
        layer, sent = LAYERS[name], coded.get(name, {})
        pixels[name] = {index: trim(tile, layer, grid, index) for index, tile in tiles.items()}
        # What was sent is the payload of a tile that needed no trimming.
        payloads = [
            sent.get(index) if pixels[name][index] is tile else None
            for index, tile in tiles.items()
        ]
        stored = tilestore.put(session, pixels[name].values(), layer, payloads, ready)
        names[name] = dict(zip(pixels[name], stored, strict=True))
    return pixels, names


def _names(manifest: manifests.Manifest, layer: LayerName, grid: Grid) -> Sequence[bytes]:
    """Return the layer's tile names; a layer that is not there yet is all fill."""
    if layer in manifest:
        return manifest[layer]
    return (name_of(fill_tile(LAYERS[layer]), LAYERS[layer]),) * grid.count


def _merge(
    grid: Grid,
    base: manifests.Manifest,
    head: manifests.Manifest,
    sent: Mapping[LayerName, Mapping[int, bytes]],
) -> tuple[dict[LayerName, dict[int, bytes]], list[tuple[LayerName, int]]]:
    """Return what of `sent` is to be written over head, and what clashes with it."""
    accepted: dict[LayerName, dict[int, bytes]] = {}
    clashes: list[tuple[LayerName, int]] = []
    for layer, tiles in sent.items():
        before, after = _names(base, layer, grid), _names(head, layer, grid)
        accepted[layer] = {}
        for index, name in tiles.items():
            if name in (before[index], after[index]):
                continue  # not changed here, or changed to what is already there
            if before[index] != after[index]:
                clashes.append((layer, index))
            accepted[layer][index] = name
    return accepted, clashes


def _stale(grid: Grid, head: int, clashes: list[tuple[LayerName, int]]) -> StaleRevision:
    tiles = [
        {"layer": layer, "index": index, "x": grid.position(index)[0], "y": grid.position(index)[1]}
        for layer, index in clashes
    ]
    return StaleRevision(
        f"Revision {head} changed {len(tiles)} of these tiles since you loaded them. Nothing was "
        "overwritten: load those tiles, choose between both versions, and save on top of it.",
        head=head,
        tiles=tiles,
    )


def _apply(
    session: Session,
    grid: Grid,
    head: manifests.Manifest,
    accepted: Mapping[LayerName, Mapping[int, bytes]],
) -> manifests.Manifest:
    manifest = dict(head)
    for layer in {"classes", *accepted}:
        tiles = list(_names(head, layer, grid))  # type: ignore[arg-type]  # a literal in a set
        for index, name in accepted.get(layer, {}).items():  # type: ignore[call-overload]
            tiles[index] = name
        if layer not in head:
            tilestore.put(session, [fill_tile(LAYERS[layer])], LAYERS[layer])  # type: ignore[index]
        manifest[layer] = tuple(tiles)  # type: ignore[index]
    return manifest


def _count(
    session: Session,
    image: ImageRow,
    head: RevisionRow | None,
    fresh: Mapping[int, Pixels],
) -> dict[str, int]:
    """Return the pixels per label after `fresh` tiles replace those of head."""
    grid = grid_of(image)
    total = np.zeros(256, np.int64)
    old: dict[int, Pixels] = {}
    if head:
        for index, count in head.counts.items():
            total[int(index)] = count
        names = manifest_of(head)["classes"]
        pixels = tilestore.pixels(session, [names[i] for i in fresh], LAYERS["classes"])
        old = {index: pixels[names[index]] for index in fresh}
    else:
        total[VOID] = image.width * image.height
    for index, tile in fresh.items():
        before = old[index] if head else fill_tile(LAYERS["classes"])
        total += _counts(tile, grid, index) - _counts(before, grid, index)
    return {str(index): int(total[index]) for index in np.flatnonzero(total)}


def _counts(tile: Pixels, grid: Grid, index: int) -> np.ndarray:
    rows, columns = grid.box(index)
    inside = tile[: rows.stop - rows.start, : columns.stop - columns.start]
    return np.bincount(inside.ravel(), minlength=256)


def _size(accepted: Mapping[LayerName, Mapping[int, bytes]]) -> int:
    return len({index for tiles in accepted.values() for index in tiles})
