"""Masks in and out, whole or by tiles, and their revisions."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from maskwright.bodies import described, parse, raw_body
from maskwright.deps import (
    ActorDep,
    BaseDep,
    CursorDep,
    DatabaseDep,
    ImageId,
    KeyDep,
    LimitDep,
    OptionalBaseDep,
    SettingsDep,
    etag_matches,
    not_modified,
)
from maskwright.domain import codec
from maskwright.domain.tiles import LAYER_NAMES, LayerName
from maskwright.errors import Unprocessable, UnsupportedMedia
from maskwright.problems import responses
from maskwright.schemas import CompareOut, Page, RestoreIn, RevisionOut, TilesIn
from maskwright.services import compare, images, mask_png, masks, tile_input

router = APIRouter(tags=["masks"])

Ref = Annotated[
    str,
    Query(
        max_length=20,
        description="`head`, `proposal`, or the number of a revision.",
        examples=["head"],
    ),
]
WritableRef = Annotated[Literal["head", "proposal"], Query(description="What the save goes to.")]
RawBody = Annotated[bytes, Depends(raw_body)]
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/images/{image_id}/mask",
    response_class=Response,
    responses={
        200: {
            "description": "The mask; ETag is its revision.",
            "content": {"image/png": _BINARY, codec.MEDIA_TYPE: _BINARY},
        },
        304: {"description": "The client has this revision."},
        **responses(404, 422),
    },
)
def get_mask(
    image_id: ImageId,
    request: Request,
    db: DatabaseDep,
    ref: Ref = "head",
    layer: Annotated[
        str,
        Query(
            max_length=60,
            pattern=r"^(classes|instances|confidence)(,(classes|instances|confidence)){0,2}$",
            description="One layer; for `tiles` also several, with commas.",
            examples=["classes"],
        ),
    ] = "classes",
    format: Annotated[  # the contract's name
        Literal["png", "tiles"],
        Query(description="An indexed PNG, or the compact tile bundle that the editor reads."),
    ] = "png",
    tiles: Annotated[
        str | None,
        Query(
            max_length=20_000,
            pattern=r"^[0-9]{1,8}(,[0-9]{1,8})*$",
            description="Only these tiles, by number, with commas; for `tiles` only.",
            examples=["0"],
        ),
    ] = None,
) -> Response:
    """The mask of an image at a ref. An image without ground truth is all void, ETag `"0"`."""
    layers = _layers(layer)
    if format == "png" and len(layers) != 1:
        raise Unprocessable("A PNG holds one layer; ask for one, or for format=tiles.")
    with db.read() as session:
        image = images.get(session, image_id)
        revision = masks.resolve(session, image, ref)
        etag = f'"{revision.id if revision else 0}"'
        if etag_matches(request, etag):
            return not_modified(etag)
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        if format == "tiles":
            wanted = None if tiles is None else [int(index) for index in tiles.split(",")]
            body = masks.bundle(session, image, revision, layers, wanted)
            return Response(body, media_type=codec.MEDIA_TYPE, headers=headers)
        png = mask_png.read(session, image, revision, layers[0])
    return Response(png, media_type="image/png", headers=headers)


@router.put(
    "/images/{image_id}/mask",
    responses=responses(400, 404, 409, 413, 422, 428),
    openapi_extra=described(**{"image/png": _BINARY}),
)
def put_mask(
    image_id: ImageId,
    response: Response,
    body: RawBody,
    base: BaseDep,
    db: DatabaseDep,
    actor: ActorDep,
    key: KeyDep,
    ref: WritableRef = "head",
) -> RevisionOut:
    """Save a whole mask, an indexed PNG whose values are label indices and 255 for void.

    Tiles that are as they were in the `If-Match` revision are not touched, so a save over a
    newer revision merges unless both changed the same tile.
    """
    with db.read() as session:
        size = images.size_of(session, image_id)
    saved = mask_png.save(db, image_id, body, size, base, actor, ref, key)
    return _saved(response, RevisionOut.of(saved))


@router.patch(
    "/images/{image_id}/mask",
    responses=responses(400, 404, 409, 413, 415, 422, 428),
    openapi_extra=described(
        **{
            codec.MEDIA_TYPE: _BINARY,
            "application/json": {"schema": {"$ref": "#/components/schemas/TilesIn"}},
        }
    ),
)
def patch_mask(
    image_id: ImageId,
    request: Request,
    response: Response,
    body: RawBody,
    base: BaseDep,
    db: DatabaseDep,
    settings: SettingsDep,
    actor: ActorDep,
    key: KeyDep,
    ref: WritableRef = "head",
) -> RevisionOut:
    """Save only the tiles that changed. On disk before it is answered.

    409 `stale_revision` names the tiles that others changed since; nothing was saved then.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    with db.read() as session:
        size = images.size_of(session, image_id)
    if kind == "application/json":
        changed = tile_input.from_pngs(parse(TilesIn, body).tiles, *size)
    elif kind in (codec.MEDIA_TYPE, "application/octet-stream"):
        changed = tile_input.from_bundle(body, settings.max_mask_bytes, *size)
    else:
        raise UnsupportedMedia(f"Send {codec.MEDIA_TYPE} or application/json, not {kind!r}.")
    return _saved(
        response, RevisionOut.of(masks.save_tiles(db, image_id, changed, base, actor, ref, key))
    )


@router.get("/images/{image_id}/revisions", responses=responses(404, 422))
def list_revisions(
    image_id: ImageId,
    db: DatabaseDep,
    before: CursorDep,
    ref: Annotated[Literal["head", "proposal"], Query()] = "head",
    limit: LimitDep = 50,
) -> Page[RevisionOut]:
    """Every saved state of an image's mask, newest first."""
    with db.read() as session:
        image = images.get(session, image_id)
        rows = masks.history(session, image, ref, before, limit + 1)
        items = [RevisionOut.of(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items=items, next_cursor=str(items[-1].id) if more else None)


@router.post("/images/{image_id}/restore", responses=responses(400, 404, 409, 422))
def restore_revision(
    image_id: ImageId,
    body: RestoreIn,
    response: Response,
    base: OptionalBaseDep,
    db: DatabaseDep,
    actor: ActorDep,
) -> RevisionOut:
    """Make a new revision with the content of an old one. History is kept."""
    saved = masks.restore(db, image_id, body.revision, actor, base)
    return _saved(response, RevisionOut.of(saved))


@router.get("/images/{image_id}/compare", responses=responses(404, 422))
def compare_revisions(
    image_id: ImageId, db: DatabaseDep, base: Ref = "proposal", other: Ref = "head"
) -> CompareOut:
    """How many pixels differ between two revisions, and between which labels."""
    with db.read() as session:
        image = images.get(session, image_id)
        found = compare.compare(session, image, base, other)
    return CompareOut.model_validate(found, from_attributes=True)


def _layers(value: str) -> list[LayerName]:
    asked = value.split(",")
    return [name for name in LAYER_NAMES if name in asked]


def _saved(response: Response, revision: RevisionOut) -> RevisionOut:
    response.headers["ETag"] = f'"{revision.id}"'
    return revision
