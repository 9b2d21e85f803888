"""A chunk of a run as a worker does it: image by image, each written once or not at all."""

import logging
import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from maskwright.domain.proposer import DraftOptions
from maskwright.errors import AppError
from maskwright.jobs.tasks import JobContext, JobSuperseded
from maskwright.services import draft_runs, images, proposals, revisions
from maskwright.tables import DraftItemRow, ImageRow, JobRow, ProjectRow, RevisionRow, now

log = logging.getLogger(__name__)

MAX_TRIES = 3
"""An image at which so many workers died, one after the other, is the reason."""


class Skipped(Exception):
    """The image is none for this run any more."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def draft_chunk(ctx: JobContext) -> dict[str, Any]:
    """Draft the images of the chunk that are not done with yet.

    Raises AppError when the model can't be used at all: no image is to blame for that.
    """
    ctx.drafter.model(ctx.params["model"])
    with ctx.db.write() as session:
        draft_runs.begun(session, ctx.params["run_id"])
        waiting = _waiting(session, ctx)
        suspect = waiting[0] if waiting and _begun_before(session, ctx) else None
    if suspect is not None and _has_killed(ctx, suspect):
        detail = "Workers died at this image, time after time. It may need too much memory."
        _settle(ctx, suspect, "failed", {"code": "worker_died", "detail": detail})
        waiting.remove(suspect)
    for image_id in waiting:
        ctx.check_cancelled()
        _draft(ctx, image_id)
    return {}


def _waiting(session: Session, ctx: JobContext) -> list[int]:
    mine = (
        DraftItemRow.job_id == ctx.params["run_id"],
        DraftItemRow.chunk_id == ctx.job_id,
        DraftItemRow.status == "waiting",
    )
    query = select(DraftItemRow.image_id).where(*mine).order_by(DraftItemRow.image_id)
    return list(session.scalars(query))


def _begun_before(session: Session, ctx: JobContext) -> bool:
    return (session.scalar(select(JobRow.attempts).where(JobRow.id == ctx.job_id)) or 0) > 1


def _has_killed(ctx: JobContext, image_id: int) -> bool:
    """Note that a worker tries the image after another died; tell whether it was one too many."""
    mine = update(DraftItemRow).where(*_item(ctx, image_id))
    with ctx.db.write() as session:
        tried = mine.values(tries=DraftItemRow.tries + 1).returning(DraftItemRow.tries)
        return (session.scalar(tried) or 0) > MAX_TRIES


def _draft(ctx: JobContext, image_id: int) -> None:
    """Draft one image and keep the result or the reason why there is none."""
    try:
        _draft_or_raise(ctx, image_id)
    except Skipped as reason:
        _settle(ctx, image_id, "skipped", {"code": reason.code, "detail": reason.detail})
    except AppError as error:
        _settle(ctx, image_id, "failed", {"code": error.code, "detail": error.detail})
    except SQLAlchemyError:  # the store's trouble and no image's
        raise
    except Exception:
        log_id = uuid.uuid4().hex[:12]
        log.exception("image %s could not be drafted, log id %s", image_id, log_id)
        detail = f"Something went wrong in the server. Its log says more at {log_id}."
        _settle(ctx, image_id, "failed", {"code": "internal", "detail": detail, "log_id": log_id})


def _draft_or_raise(ctx: JobContext, image_id: int) -> None:
    run_id, statuses = ctx.params["run_id"], ctx.params["statuses"]
    with ctx.db.read() as session:
        _check_wanted(session, images.get(session, image_id), statuses)
    options = DraftOptions.of_record(ctx.params["options"])
    made = proposals.make(ctx.db, ctx.drafter, image_id, ctx.params["model"], options)
    tiles = proposals.tiles_of(made)
    with ctx.db.write() as session:
        ctx.advance(session)
        image = revisions.lock(session, image_id)
        _check_wanted(session, image, statuses)  # people go on working while a model computes
        before = revisions.at_ref(session, image_id, "proposal")
        revision = proposals.put(session, image, made, tiles, ctx.actor, run_id)
        _note_drafted(session, ctx, revision, before)


def _check_wanted(session: Session, image: ImageRow, statuses: Collection[str]) -> None:
    project = session.get_one(ProjectRow, image.project_id)
    if image.trashed_at or project.trashed_at:
        raise Skipped("trashed", "It is in the trash.")
    if image.status not in statuses:
        raise Skipped("status_changed", f"It is {image.status} by now, so it was left as it is.")


def _note_drafted(
    session: Session, ctx: JobContext, revision: RevisionRow, before: RevisionRow | None
) -> None:
    item = session.scalar(
        update(DraftItemRow)
        .where(*_item(ctx, revision.image_id))
        .values(
            status="drafted",
            revision_id=revision.id,
            before_revision_id=before.id if before else None,
            updated_at=now(),
        )
        .returning(DraftItemRow.image_id)
    )
    if item is None:
        raise JobSuperseded


def _settle(ctx: JobContext, image_id: int, status: str, error: dict[str, Any]) -> None:
    """Keep why an image got no draft, so that it does not hold up the others."""
    with ctx.db.write() as session:
        ctx.advance(session)
        mine = update(DraftItemRow).where(*_item(ctx, image_id))
        session.execute(mine.values(status=status, error=error, updated_at=now()))


def _item(ctx: JobContext, image_id: int) -> tuple[Any, ...]:
    return (
        DraftItemRow.job_id == ctx.params["run_id"],
        DraftItemRow.image_id == image_id,
        DraftItemRow.status == "waiting",
    )
