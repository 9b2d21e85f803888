"""Images and their statuses, as they travel."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from maskwright.domain.status import Status
from maskwright.schemas.common import AuthorOut, Request, Text
from maskwright.services.revisions import pixels_of
from maskwright.tables import ImageRow, StatusChangeRow


class ImageOut(BaseModel):
    id: int
    project_id: int
    name: str
    width: int
    height: int
    sha256: str
    media_type: str
    bytes: int
    status: Status
    head: int = Field(description="Revision of the ground truth; 0 while there is none.")
    proposal: int | None
    label_pixels: dict[str, int] = Field(description="Pixels of the ground truth per label index.")
    void_pixels: int
    uncertainty: float | None
    created_at: datetime
    updated_at: datetime
    trashed_at: datetime | None

    @classmethod
    def of(cls, row: ImageRow) -> "ImageOut":
        head, proposal = row.ref("head"), row.ref("proposal")
        labels, void = pixels_of(head) if head else ({}, row.width * row.height)
        return cls(
            id=row.id,
            project_id=row.project_id,
            name=row.name,
            width=row.width,
            height=row.height,
            sha256=row.sha256,
            media_type=row.media_type,
            bytes=row.bytes,
            status=row.status,  # type: ignore[arg-type]  # the column holds a Status
            head=head.id if head else 0,
            proposal=proposal.id if proposal else None,
            label_pixels=labels,
            void_pixels=void,
            uncertainty=row.uncertainty,
            created_at=row.created_at,
            updated_at=row.updated_at,
            trashed_at=row.trashed_at,
        )


class StatusIn(Request):
    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "submitted"}]})

    status: Status
    comment: Text | None = Field(None, max_length=10_000)


class StatusChangeOut(BaseModel):
    id: int
    before: Status
    after: Status
    author: AuthorOut
    revision: int | None
    comment: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: StatusChangeRow) -> "StatusChangeOut":
        return cls.model_validate(
            {
                "id": row.id,
                "before": row.before,
                "after": row.after,
                "author": {"id": row.author_id, "name": row.author.name},
                "revision": row.revision_id,
                "comment": row.comment,
                "created_at": row.created_at,
            }
        )
