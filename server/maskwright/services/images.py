"""Images of a project: taken in once, kept upright, trashed and brought back."""

import io
import re
import threading
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.errors import NotFound
from maskwright.services import blobs, thumbnails
from maskwright.services.decode import Limits, UprightImage, accept
from maskwright.settings import Settings
from maskwright.tables import ImageRow, ProjectRow, now

MAX_NAME = 200  # characters; file systems stop at 255 bytes
_DECODING = threading.BoundedSemaphore(2)
"""So many uploads decode at once: an image of 100 megapixels takes 700 MB meanwhile."""


@dataclass(frozen=True)
class UploadResult:
    """The image that a file became, or was already.

    `note` tells the user what happened if it was not simply stored.
    """

    image: ImageRow
    duplicate: bool = False
    note: str | None = None


@dataclass(frozen=True)
class _Prepared:
    """What is to be stored of one upload."""

    sha256: str
    upright: UprightImage
    display: bytes
    thumbnail: bytes


def limits_of(settings: Settings) -> Limits:
    return Limits(max_bytes=settings.max_upload_bytes, max_pixels=settings.max_pixels)


def upload(
    db: Database, project_id: int, name: str, data: bytes, actor: Actor, limits: Limits
) -> UploadResult:
    """Store `data` as an image of the project, unless the project has these very bytes.

    A trashed image with these bytes comes back. A name in use by other content gets a number.
    Raises NotFound, or a subclass of ImageRefused.
    """
    name = clean_name(name)
    sha256 = blobs.name_of(data)
    with db.read() as session:
        _live_project(session, project_id)
        known = _by_content(session, project_id, sha256) is not None
    prepared = None
    if not known:
        with _DECODING:
            prepared = _prepare(sha256, data, limits, name)
    return _store(db, project_id, name, sha256, prepared, actor)


def get(session: Session, image_id: int) -> ImageRow:
    image = session.get(ImageRow, image_id)
    if image is None:
        raise NotFound(f"There is no image {image_id}.")
    return image


def size_of(session: Session, image_id: int) -> tuple[int, int]:
    """Return (width, height) in pixels, asking for nothing else."""
    size = session.execute(
        select(ImageRow.width, ImageRow.height).where(ImageRow.id == image_id)
    ).first()
    if size is None:
        raise NotFound(f"There is no image {image_id}.")
    return size.width, size.height


def trash(db: Database, image_id: int) -> ImageRow:
    """Move an image to the trash. Nothing changes if it is there already."""
    with db.write() as session:
        image = get(session, image_id)
        image.trashed_at = image.trashed_at or now()
        return image


def undelete(db: Database, image_id: int) -> ImageRow:
    """Bring an image back from the trash. Nothing changes if it is not there."""
    with db.write() as session:
        image = get(session, image_id)
        image.trashed_at = None
        return image


def file_bytes(session: Session, image: ImageRow) -> bytes:
    """The upright file, in the kind that was uploaded."""
    return blobs.read(session, image.file_blob)


def display_bytes(session: Session, image: ImageRow) -> bytes:
    """What a browser can show: the same file, or a PNG of its pixels."""
    return blobs.read(session, image.display_blob)


def clean_name(name: str) -> str:
    """The last part of a path, normalised, without control characters, at most 200 long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    printable = "".join(char for char in last if char.isprintable()).strip()
    if printable in ("", ".", ".."):
        return "image"
    suffix = PurePosixPath(printable).suffix[:20]
    return printable.removesuffix(suffix)[: MAX_NAME - len(suffix)] + suffix


def _prepare(sha256: str, data: bytes, limits: Limits, name: str) -> _Prepared:
    upright = accept(data, limits, name)
    display = upright.data if upright.info.browser_ready else _png(upright)
    return _Prepared(sha256, upright, display, thumbnails.make(upright.rgb))


def _png(upright: UprightImage) -> bytes:
    out = io.BytesIO()
    # Level 3 writes twice as fast as the default 6 and 5 % larger.
    Image.fromarray(upright.rgb).save(out, "PNG", compress_level=3)
    return out.getvalue()


def _store(
    db: Database,
    project_id: int,
    name: str,
    sha256: str,
    prepared: _Prepared | None,
    actor: Actor,
) -> UploadResult:
    with db.write() as session:
        _live_project(session, project_id, lock=True)
        image = _by_content(session, project_id, sha256)
        if image is not None:
            return _already_there(image)
        if prepared is None:  # emptied from the trash since we looked
            raise NotFound("The image was removed meanwhile. Upload it again.")
        return _insert(session, project_id, name, prepared, actor)


def _insert(
    session: Session, project_id: int, name: str, prepared: _Prepared, actor: Actor
) -> UploadResult:
    free = _free_name(session, project_id, name)
    info, data = prepared.upright.info, prepared.upright.data
    image = ImageRow(
        project_id=project_id,
        name=free,
        width=info.width,
        height=info.height,
        sha256=prepared.sha256,
        media_type=info.kind.media_type,
        bytes=len(data),
        file_blob=blobs.put(session, data),
        display_blob=blobs.put(session, prepared.display),
        display_media_type=info.kind.media_type if info.browser_ready else "image/png",
        thumb_blob=blobs.put(session, prepared.thumbnail),
        created_by=actor.id,
    )
    session.add(image)
    session.flush()
    session.refresh(image)
    renamed = f"The name {name} was taken: stored as {free}." if free != name else None
    return UploadResult(image, note=renamed)


def _already_there(image: ImageRow) -> UploadResult:
    note = f"Already in this project as {image.name}; not stored again."
    if image.trashed_at is not None:
        image.trashed_at = None
        image.updated_at = now()
        note = f"Was in the trash as {image.name}; brought back with its masks."
    return UploadResult(image, duplicate=True, note=note)


def _live_project(session: Session, project_id: int, lock: bool = False) -> ProjectRow:
    # The lock lets one upload at a time look for a free name; saves of masks don't wait for it.
    for_update = {"key_share": True} if lock else None
    project = session.get(ProjectRow, project_id, with_for_update=for_update)
    if project is None:
        raise NotFound(f"There is no project {project_id}.")
    if project.trashed_at is not None:
        raise NotFound(
            f"The project {project.name} is in the trash. Bring it back first.",
            code="project_trashed",
        )
    return project


def _by_content(session: Session, project_id: int, sha256: str) -> ImageRow | None:
    return session.scalar(
        select(ImageRow).where(ImageRow.project_id == project_id, ImageRow.sha256 == sha256)
    )


def _free_name(session: Session, project_id: int, name: str) -> str:
    """`name`, or the first of "name (2).jpg", "name (3).jpg", … that no image has."""
    suffix = PurePosixPath(name).suffix
    stem = name.removesuffix(suffix)
    names = select(ImageRow.name).where(
        ImageRow.project_id == project_id,
        (ImageRow.name == name) | ImageRow.name.startswith(f"{stem} (", autoescape=True),
    )
    taken = set(session.scalars(names))
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{stem} ({number}){suffix}"
    return candidate
