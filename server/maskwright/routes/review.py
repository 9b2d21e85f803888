"""The status of an image and its history."""

from fastapi import APIRouter

from maskwright.deps import ActorDep, CursorDep, DatabaseDep, ImageId, LimitDep
from maskwright.problems import responses
from maskwright.schemas import ImageOut, Page, StatusChangeOut, StatusIn
from maskwright.services import images, review

router = APIRouter(tags=["review"])


@router.post("/images/{image_id}/status", responses=responses(404, 409, 422))
def set_status(image_id: ImageId, body: StatusIn, db: DatabaseDep, actor: ActorDep) -> ImageOut:
    """Submit, approve, reject or reopen an image."""
    review.set_status(db, image_id, body.status, actor, body.comment)
    with db.read() as session:
        return ImageOut.of(images.get(session, image_id))


@router.get("/images/{image_id}/status-changes", responses=responses(404, 422))
def list_status_changes(
    image_id: ImageId, db: DatabaseDep, before: CursorDep, limit: LimitDep = 50
) -> Page[StatusChangeOut]:
    """Who moved the image from which status to which, newest first."""
    with db.read() as session:
        images.get(session, image_id)
        rows = review.changes(session, image_id, before, limit + 1)
        items = [StatusChangeOut.of(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items=items, next_cursor=str(items[-1].id) if more else None)
