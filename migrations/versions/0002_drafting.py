"""Drafting: how drafts were made, label maps, runs of drafts"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("projects", sa.Column("draft_options", sa.JSON(), nullable=True))
    op.add_column("revisions", sa.Column("draft", sa.JSON(), nullable=True))
    op.add_column("revisions", sa.Column("job_id", sa.String(length=36), nullable=True))
    op.create_index("ix_revisions_job", "revisions", ["job_id"])
    op.add_column("jobs", sa.Column("parent_id", sa.String(length=36), nullable=True))
    op.add_column(
        "jobs", sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("jobs", sa.Column("resumed_at", MOMENT, nullable=True))
    op.create_index("ix_jobs_parent", "jobs", ["parent_id"])
    op.create_table(
        "label_maps",
        sa.Column("project_id", ID, nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("map", sa.JSON(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name="fk_label_maps_project_id_projects",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["users.id"], name="fk_label_maps_updated_by_users"
        ),
        sa.PrimaryKeyConstraint("project_id", "model", name="pk_label_maps"),
    )
    op.create_table(
        "draft_items",
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("chunk_id", sa.String(length=36), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=True),
        sa.Column("before_revision_id", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'drafted', 'failed', 'skipped', 'withdrawn')",
            name="ck_draft_items_status",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name="fk_draft_items_job_id_jobs", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.id"], name="fk_draft_items_image_id_images", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "image_id", name="pk_draft_items"),
    )
    op.create_index("ix_draft_items_status", "draft_items", ["job_id", "status", "updated_at"])
    op.create_index(
        "ix_draft_items_chunk", "draft_items", ["job_id", "chunk_id", "status", "image_id"]
    )
    op.create_index("ix_draft_items_image", "draft_items", ["image_id"])


def downgrade() -> None:
    op.drop_table("draft_items")
    op.drop_table("label_maps")
    op.drop_index("ix_jobs_parent", "jobs")
    for column in ("resumed_at", "paused", "parent_id"):
        op.drop_column("jobs", column)
    op.drop_index("ix_revisions_job", "revisions")
    for column in ("job_id", "draft"):
        op.drop_column("revisions", column)
    op.drop_column("projects", "draft_options")
