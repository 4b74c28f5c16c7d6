"""The fingerprint of the key of the digests."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the first process that starts fills it in."""
    op.create_table(
        "digest_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digest_key"),
    )


def downgrade() -> None:
    """Take the table away again."""
    op.drop_table("digest_key")
