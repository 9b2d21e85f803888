"""The store's tables. Migrations in `migrations/` make them; a test keeps the two equal."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, deferred, mapped_column, relationship


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


# SQLite counts up by itself only in a column that is exactly INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON(none_as_null=True), int: Id}


class UserRow(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ProjectRow(Base):
    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    model: Mapped[str] = mapped_column(String(200), default="default")
    draft_options: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    trashed_at: Mapped[datetime | None]
    labels: Mapped[list["LabelRow"]] = relationship(
        order_by="LabelRow.position", cascade="all, delete-orphan", lazy="selectin"
    )


class LabelRow(Base):
    __tablename__ = "labels"
    __table_args__ = (
        UniqueConstraint("project_id", "index"),
        CheckConstraint('"index" >= 0 AND "index" <= 254', name="index_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    index: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(100))
    color: Mapped[str] = mapped_column(String(7))
    hotkey: Mapped[str | None] = mapped_column(String(4))
    is_thing: Mapped[bool]
    position: Mapped[int] = mapped_column(Integer)


class LabelMapRow(Base):
    """How a project reads a model's labels, where people have said so; no row means by names.

    `map` is model label name → index in the project, None for void.
    """

    __tablename__ = "label_maps"

    project_id: Mapped[int] = mapped_column(
        ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True
    )
    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    map: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(default=now)
    updated_by: Mapped[int] = mapped_column(ForeignKey("users.id"))


class BlobRow(Base):
    """Bytes of a file, named by their SHA-256 (hex)."""

    __tablename__ = "blobs"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    data: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    created_at: Mapped[datetime] = mapped_column(default=now)


class ImageRow(Base):
    """One image of a project.

    `sha256` names the uploaded bytes; `file_blob` the upright ones (the same unless EXIF turned
    the image), `display_blob` what a browser can show, `thumb_blob` the thumbnail.
    """

    __tablename__ = "images"
    __table_args__ = (
        UniqueConstraint("project_id", "sha256"),
        UniqueConstraint("project_id", "name"),
        Index("ix_images_project_status", "project_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(400))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(100))
    bytes: Mapped[int]
    file_blob: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"))
    display_blob: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"))
    display_media_type: Mapped[str] = mapped_column(String(100))
    thumb_blob: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"))
    status: Mapped[str] = mapped_column(String(20), default="new")
    uncertainty: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    trashed_at: Mapped[datetime | None]
    refs: Mapped[list["RefRow"]] = relationship(lazy="selectin", viewonly=True)

    def ref(self, name: str) -> "RevisionRow | None":
        """Return the revision that `head` or `proposal` points to."""
        return next((ref.revision for ref in self.refs if ref.name == name), None)


class TileRow(Base):
    """One tile: its deflated payload under the SHA-256 of its pixels."""

    __tablename__ = "tiles"

    name: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class RevisionRow(Base):
    """One immutable saved state of an image's mask.

    `manifest` is the deflated tile names of each layer (`services/manifests.py`); `counts` the
    pixels per label index, void included; `ref` the ref that it was made for. `draft` is a
    proposal's record, how the model made it (`services/proposals.py`), `job_id` the run of drafts
    that it belongs to.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("image_id", "idempotency_key"),
        CheckConstraint("kind IN ('human', 'model', 'import', 'merge')", name="kind"),
        Index("ix_revisions_image", "image_id", "id"),
        Index("ix_revisions_job", "job_id"),
        # Numbers are never given twice, so an ETag never means two masks.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id", ondelete="SET NULL"))
    ref: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    manifest: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    counts: Mapped[dict[str, Any]]
    changed_tiles: Mapped[int] = mapped_column(Integer)
    model: Mapped[str | None] = mapped_column(String(200))
    message: Mapped[str | None] = mapped_column(Text)
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    draft: Mapped[dict[str, Any] | None]
    job_id: Mapped[str | None] = mapped_column(String(36))
    author: Mapped[UserRow] = relationship(lazy="joined")


class RefRow(Base):
    """A name that moves from revision to revision: `head` or `proposal`."""

    __tablename__ = "refs"

    image_id: Mapped[int] = mapped_column(
        ForeignKey("images.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    revision: Mapped[RevisionRow] = relationship(lazy="joined")


class StatusChangeRow(Base):
    __tablename__ = "status_changes"
    __table_args__ = (Index("ix_status_changes_image", "image_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"))
    before: Mapped[str] = mapped_column(String(20))
    after: Mapped[str] = mapped_column(String(20))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    revision_id: Mapped[int | None] = mapped_column(BigInteger)
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    author: Mapped[UserRow] = relationship(lazy="joined")


class JobRow(Base):
    """Long work. `worker` names the attempt that runs it and may write here; see services/jobs.

    `parent_id` is set for a part of another job: a chunk of a run of drafts. A `paused` job stays
    so until somebody resumes it, at `resumed_at`.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        Index("ix_jobs_project", "project_id", "created_at"),
        Index("ix_jobs_parent", "parent_id"),
        CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="status"
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(20), default="queued")
    params: Mapped[dict[str, Any]]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    unit: Mapped[str] = mapped_column(String(40), default="")
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    heartbeat_at: Mapped[datetime | None]
    parent_id: Mapped[str | None] = mapped_column(String(36))
    paused: Mapped[bool] = mapped_column(default=False)
    resumed_at: Mapped[datetime | None]


class DraftItemRow(Base):
    """One image of a run of drafts, and what became of it.

    `chunk_id` is the job that is to draft it, `tries` how often a worker that had died before
    began it again. `revision_id` is the proposal made, `before_revision_id` the one before it.
    """

    __tablename__ = "draft_items"
    __table_args__ = (
        CheckConstraint(
            "status IN ('waiting', 'drafted', 'failed', 'skipped', 'withdrawn')", name="status"
        ),
        Index("ix_draft_items_status", "job_id", "status", "updated_at"),
        Index("ix_draft_items_chunk", "job_id", "chunk_id", "status", "image_id"),
        Index("ix_draft_items_image", "image_id"),
    )

    job_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True
    )
    image_id: Mapped[int] = mapped_column(
        ForeignKey("images.id", ondelete="CASCADE"), primary_key=True
    )
    status: Mapped[str] = mapped_column(String(20), default="waiting")
    chunk_id: Mapped[str | None] = mapped_column(String(36))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    revision_id: Mapped[int | None] = mapped_column(BigInteger)
    before_revision_id: Mapped[int | None] = mapped_column(BigInteger)
    error: Mapped[dict[str, Any] | None]
    updated_at: Mapped[datetime] = mapped_column(default=now)


class IdempotencyRow(Base):
    """What a create with an Idempotency-Key answered, so that its repetition answers the same."""

    __tablename__ = "idempotency"

    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(String(64))
    resource_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(default=now)
