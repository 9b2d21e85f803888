"""The bytes of an image: its file, what a browser can show, and its thumbnail."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from maskwright.db import Database
from maskwright.deps import DatabaseDep, ImageId, etag_matches, not_modified
from maskwright.problems import answer, responses
from maskwright.routes.ranges import RangeNotSatisfiable, parse_range
from maskwright.services import blobs, images, thumbnails
from maskwright.services.labels import labels_of
from maskwright.services.sniff import KINDS

router = APIRouter()

_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "The client has it."}}
# Always ask again: the answer is then a 304 of a few bytes.
_CACHE = {"Cache-Control": "private, no-cache"}


def _answers(*media_types: str) -> dict[int | str, dict[str, Any]]:
    content = dict.fromkeys(media_types, _BINARY)
    return {
        200: {"description": "All of it.", "content": content},
        206: {"description": "The range of bytes asked for.", "content": content},
        **_NOT_MODIFIED,
        **responses(404, 416, 422),
    }


@router.get(
    "/images/{image_id}/file",
    response_class=Response,
    responses=_answers(*(kind.media_type for kind in KINDS)),
)
def get_file(image_id: ImageId, request: Request, db: DatabaseDep) -> Response:
    """The upright image in the kind that was uploaded: the uploaded bytes, unless EXIF turned it.

    Answers a single `Range`; the ETag is the SHA-256 of the file.
    """
    with db.read() as session:
        image = images.get(session, image_id)
    name = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(image.name, safe='')}"}
    return _send(request, db, image.file_blob, image.media_type, name)


@router.get(
    "/images/{image_id}/display",
    response_class=Response,
    responses=_answers("image/jpeg", "image/png", "image/webp"),
)
def get_display(image_id: ImageId, request: Request, db: DatabaseDep) -> Response:
    """What a browser can show: the file itself, or a PNG of a TIFF, a BMP or a 16-bit PNG.

    Pixels of more than 8 bits are windowed from their 0.1 to their 99.9 percentile.
    """
    with db.read() as session:
        image = images.get(session, image_id)
    return _send(request, db, image.display_blob, image.display_media_type, {})


@router.get(
    "/images/{image_id}/thumbnail",
    response_class=Response,
    responses={
        200: {"description": "A small picture.", "content": {thumbnails.MEDIA_TYPE: _BINARY}},
        **_NOT_MODIFIED,
        **responses(404, 422),
    },
)
def get_thumbnail(
    image_id: ImageId,
    request: Request,
    db: DatabaseDep,
    overlay: Annotated[
        thumbnails.Overlay,
        Query(description="The mask to draw over it; `auto`: the head, or else the proposal."),
    ] = "none",
) -> Response:
    """The image in at most 320 pixels of length, plain or under its mask."""
    with db.read() as session:
        image = images.get(session, image_id)
        labels = labels_of(session, image.project_id)
        plan = thumbnails.plan(image, labels, overlay)
        etag = f'"{plan.etag}"'
        if etag_matches(request, etag):
            return not_modified(etag)
        data = thumbnails.render(session, image, labels, plan)
    return Response(data, media_type=thumbnails.MEDIA_TYPE, headers={"ETag": etag, **_CACHE})


def _send(
    request: Request, db: Database, blob: str, media_type: str, headers: dict[str, str]
) -> Response:
    etag = f'"{blob}"'
    if etag_matches(request, etag):
        return not_modified(etag)
    headers = {**headers, **_CACHE, "ETag": etag, "Accept-Ranges": "bytes"}
    asked = request.headers.get("range")
    if request.headers.get("if-range", etag) != etag:
        asked = None
    with db.read() as session:
        size = blobs.size(session, blob)
        try:
            wanted = parse_range(asked, size) if asked else None
        except RangeNotSatisfiable as error:
            return answer(error.problem(), {"Content-Range": f"bytes */{size}"})
        if wanted is None:
            return Response(blobs.read(session, blob), media_type=media_type, headers=headers)
        data = blobs.read(session, blob, *wanted)
    start, stop = wanted
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return Response(data, status_code=206, media_type=media_type, headers=headers)
