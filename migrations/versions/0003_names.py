"""Columns by the names that say what they hold.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_RENAMED = (
    ("call", "paper", "paper_signatures"),
    ("call_text", "share", "share_text"),
    ("call_text", "reported", "reported_total"),
    ("tally", "slot", "shard"),
)


def upgrade() -> None:
    for table, old, new in _RENAMED:
        op.execute(f"alter table {table} rename column {old} to {new}")


def downgrade() -> None:
    for table, old, new in _RENAMED:
        op.execute(f"alter table {table} rename column {new} to {old}")
