"""The status of an image, and who changed it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from maskwright.db import Database
from maskwright.domain.actor import Actor
from maskwright.domain.status import (
    TRANSITIONS,
    Status,
    after_proposal,
    after_save,
    after_withdrawal,
)
from maskwright.errors import InvalidTransition
from maskwright.services import revisions
from maskwright.tables import ImageRow, RevisionRow, StatusChangeRow, now


def set_status(
    db: Database, image_id: int, status: Status, actor: Actor, comment: str | None = None
) -> ImageRow:
    """Move an image to `status`. Asking for the status it has changes nothing."""
    with db.write() as session:
        image = revisions.lock(session, image_id)
        allowed = TRANSITIONS[image.status]  # type: ignore[index]  # the column holds a Status
        if status == image.status:
            return image
        if status not in allowed:
            raise InvalidTransition(
                f"An image that is {image.status} can't become {status}; from here it goes to "
                f"{' or '.join(sorted(allowed))}.",
                status_now=image.status,
                allowed=sorted(allowed),
            )
        _move(session, image, status, actor, comment)
        return image


def truth_changed(session: Session, image: ImageRow, actor: Actor, revision: RevisionRow) -> None:
    """Note that a person changed the ground truth."""
    _move(session, image, after_save(), actor, None, revision.id)


def proposal_made(session: Session, image: ImageRow, actor: Actor, revision: RevisionRow) -> None:
    """Note that a model drafted the image."""
    _move(session, image, after_proposal(image.status), actor, None, revision.id)  # type: ignore[arg-type]


def proposal_gone(session: Session, image: ImageRow, actor: Actor) -> None:
    """Note that the image has no draft any more."""
    _move(session, image, after_withdrawal(image.status), actor, None)  # type: ignore[arg-type]


def _move(
    session: Session,
    image: ImageRow,
    status: Status,
    actor: Actor,
    comment: str | None,
    revision_id: int | None = None,
) -> None:
    if status == image.status:
        return
    if revision_id is None:
        head = revisions.at_ref(session, image.id, "head")
        revision_id = head.id if head else None
    session.add(
        StatusChangeRow(
            image_id=image.id,
            before=image.status,
            after=status,
            author_id=actor.id,
            revision_id=revision_id,
            comment=comment,
        )
    )
    image.status = status
    image.updated_at = now()


def changes(
    session: Session, image_id: int, before: int | None, limit: int
) -> Sequence[StatusChangeRow]:
    """Return the status changes of an image, newest first, older than number `before`."""
    query = select(StatusChangeRow).where(StatusChangeRow.image_id == image_id)
    if before is not None:
        query = query.where(StatusChangeRow.id < before)
    return session.scalars(query.order_by(StatusChangeRow.id.desc()).limit(limit)).all()
