"""Items: persons and objects in Europeana, and what searches found.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "item",
        sa.Column("id", _ID, nullable=False),
        sa.Column("europeana_id", sa.String(120), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("creator", sa.String(160), nullable=False),
        sa.Column("dates", sa.String(40), nullable=False),
        sa.Column("provider", sa.String(160), nullable=False),
        sa.Column("data_provider", sa.String(160), nullable=False),
        sa.Column("rights", sa.String(500), nullable=False),
        sa.Column("source_url", sa.String(500), nullable=False),
        sa.Column("thumbnail", sa.String(32), nullable=False),
        sa.Column("picture_of", sa.String(120), nullable=False),
        sa.Column("picture", sa.String(64), nullable=True),
        sa.Column("picture_width", sa.Integer(), nullable=False),
        sa.Column("picture_height", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("fetched_at", _MOMENT, nullable=True),
        sa.Column("chosen_at", _MOMENT, nullable=True),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.CheckConstraint("state in ('waiting', 'known', 'gone')", name=op.f("ck_item_itemstate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("europeana_id", name=op.f("uq_item_europeana_id")),
    )
    for name in ("picture", "fetched_at", "due_at"):
        op.create_index(op.f(f"ix_item_{name}"), "item", [name])
    op.create_table(
        "item_search",
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("fetched_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_item_search")),
    )
    op.create_index(op.f("ix_item_search_fetched_at"), "item_search", ["fetched_at"])


def downgrade() -> None:
    op.drop_table("item_search")
    op.drop_table("item")
