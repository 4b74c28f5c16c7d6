"""Counts of requests that all processes share."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "rate_count",
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name="pk_rate_count"),
    )
    op.create_index("ix_rate_count_ends_at", "rate_count", ["ends_at"], unique=False)


def downgrade() -> None:
    """Take the table away again."""
    op.drop_table("rate_count")
