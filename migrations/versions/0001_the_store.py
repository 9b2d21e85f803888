"""The store"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", ID, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_blobs"),
    )
    op.create_table(
        "idempotency",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("resource_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_idempotency"),
    )
    op.create_table(
        "tiles",
        sa.Column("name", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tiles"),
    )
    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_table(
        "projects",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("trashed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_projects_created_by_users"),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
    )
    op.create_table(
        "images",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("bytes", ID, nullable=False),
        sa.Column("file_blob", sa.String(length=64), nullable=False),
        sa.Column("display_blob", sa.String(length=64), nullable=False),
        sa.Column("display_media_type", sa.String(length=100), nullable=False),
        sa.Column("thumb_blob", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("uncertainty", sa.Double(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("trashed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_images_created_by_users"),
        sa.ForeignKeyConstraint(
            ["display_blob"], ["blobs.sha256"], name="fk_images_display_blob_blobs"
        ),
        sa.ForeignKeyConstraint(["file_blob"], ["blobs.sha256"], name="fk_images_file_blob_blobs"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name="fk_images_project_id_projects",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thumb_blob"], ["blobs.sha256"], name="fk_images_thumb_blob_blobs"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_images"),
        sa.UniqueConstraint("project_id", "name", name="uq_images_project_id_name"),
        sa.UniqueConstraint("project_id", "sha256", name="uq_images_project_id_sha256"),
    )
    op.create_index("ix_images_project_status", "images", ["project_id", "status"])

    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("project_id", ID, nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("done", ID, nullable=False),
        sa.Column("total", ID, nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("worker", sa.String(length=200), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("heartbeat_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')",
            name="ck_jobs_status",
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_jobs_author_id_users"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_jobs_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("idempotency_key", name="uq_jobs_idempotency_key"),
    )
    op.create_index("ix_jobs_project", "jobs", ["project_id", "created_at"])

    op.create_table(
        "labels",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("color", sa.String(length=7), nullable=False),
        sa.Column("hotkey", sa.String(length=4), nullable=True),
        sa.Column("is_thing", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint('"index" >= 0 AND "index" <= 254', name="ck_labels_index_range"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name="fk_labels_project_id_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_labels"),
        sa.UniqueConstraint("project_id", "index", name="uq_labels_project_id_index"),
    )
    op.create_table(
        "revisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("changed_tiles", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("idempotency_key", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "kind IN ('human', 'model', 'import', 'merge')", name="ck_revisions_kind"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_revisions_author_id_users"),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.id"], name="fk_revisions_image_id_images", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["revisions.id"],
            name="fk_revisions_parent_id_revisions",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.UniqueConstraint(
            "image_id", "idempotency_key", name="uq_revisions_image_id_idempotency_key"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_revisions_image", "revisions", ["image_id", "id"])

    op.create_table(
        "status_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name="fk_status_changes_author_id_users"
        ),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["images.id"],
            name="fk_status_changes_image_id_images",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_status_changes"),
    )
    op.create_index("ix_status_changes_image", "status_changes", ["image_id", "id"])

    op.create_table(
        "refs",
        sa.Column("image_id", ID, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("revision_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.id"], name="fk_refs_image_id_images", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name="fk_refs_revision_id_revisions"
        ),
        sa.PrimaryKeyConstraint("image_id", "name", name="pk_refs"),
    )
    users = sa.table("users", sa.column("name", sa.String), sa.column("created_at", MOMENT))
    # The one user of an installation on loopback; being first, it gets id 1.
    op.execute(users.insert().values(name="local", created_at=sa.func.now()))


def downgrade() -> None:
    op.drop_table("refs")
    op.drop_index("ix_status_changes_image", "status_changes")

    op.drop_table("status_changes")
    op.drop_index("ix_revisions_image", "revisions")

    op.drop_table("revisions")
    op.drop_table("labels")
    op.drop_index("ix_jobs_project", "jobs")

    op.drop_table("jobs")
    op.drop_index("ix_images_project_status", "images")

    op.drop_table("images")
    op.drop_table("projects")
    op.drop_table("users")
    op.drop_table("tiles")
    op.drop_table("idempotency")
    op.drop_table("blobs")
