"""Makes the demo project, once."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.domain.presets import PRESETS
from maskwright.services import blobs, images, projects
from maskwright.services.decode import Limits
from maskwright.tables import ImageRow

NAME = "Demo: everyday photographs"
DESCRIPTION = (
    "Six photographs under free licences, drafted by the default model in the classes of Pascal "
    "VOC. Accept what is right, repaint what is not."
)
PHOTOS = Path(__file__).resolve().parent / "photos"
_LIMITS = Limits(max_bytes=2**24, max_pixels=2**24)

Propose = Callable[[int], object]
"""Draft the image with this id."""
Say = Callable[[str], None]
"""Told in one line what is being done."""


def seed(
    db: Database,
    actor: Actor,
    propose: Propose,
    say: Say = lambda _line: None,
    model: str = "default",
) -> int:
    """Make the demo project unless it is there; return its id.

    What a run that was interrupted left undone is done by the next. What a person has
    thrown away or begun to label since is left alone.
    """
    project_id = _project(db, actor, model)
    photos = sorted(path for path in PHOTOS.iterdir() if path.suffix in (".jpg", ".png"))
    for number, path in enumerate(photos, start=1):
        image = _image(db, project_id, path, actor)
        if image.trashed_at is None and image.status == "new":
            say(f"Drafting photograph {number} of {len(photos)}: {path.name}")
            propose(image.id)
    return project_id


def _project(db: Database, actor: Actor, model: str) -> int:
    with db.write() as session:
        project = projects.by_name(session, NAME)
        if project is None:
            labels = PRESETS["voc"].labels
            project = projects.create(session, NAME, DESCRIPTION, labels, model, actor)
        return project.id


def _image(db: Database, project_id: int, path: Path, actor: Actor) -> ImageRow:
    data = path.read_bytes()
    here = (ImageRow.project_id == project_id, ImageRow.sha256 == blobs.name_of(data))
    with db.read() as session:
        image = session.scalar(select(ImageRow).where(*here))
    return image or images.upload(db, project_id, path.name, data, actor, _LIMITS).image
