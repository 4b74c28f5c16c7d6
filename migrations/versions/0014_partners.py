"""Partners, what they report, the channel of a signature, and which sites may frame a call's form.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_BEFORE = ("total", "hour", "country", "language", "partner")
_SINCE = (*_BEFORE, "channel", "reported")


def upgrade() -> None:
    op.create_table(
        "partner",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("url", sa.String(300), nullable=False),
        sa.Column("contact", sa.String(320), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("logo", sa.String(64), nullable=False),
        sa.Column("logo_width", sa.Integer(), nullable=False),
        sa.Column("logo_height", sa.Integer(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("nonce", sa.String(32), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_partner_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("slug", name=op.f("uq_partner_slug")),
    )
    op.create_index(op.f("ix_partner_team_id"), "partner", ["team_id"])
    op.create_index(op.f("ix_partner_logo"), "partner", ["logo"])
    op.create_table(
        "partner_token",
        sa.Column("id", _ID, nullable=False),
        sa.Column("partner_id", _ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_partner_token_partner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_partner_token_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_partner_token_partner_id"), "partner_token", ["partner_id"])
    op.create_table(
        "partner_report",
        sa.Column("id", _ID, nullable=False),
        sa.Column("partner_id", _ID, nullable=False),
        sa.Column("call_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("signatures", sa.Integer(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'counted', 'refused', 'replaced')", name=op.f("ck_partner_report_partnerreportstate")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_partner_report_call_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_report_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_report")),
        sa.UniqueConstraint(
            "partner_id", "call_id", "day", "revision", name=op.f("uq_partner_report_partner_id_call_id_day_revision")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_partner_report_call_id_state", "partner_report", ["call_id", "state"])
    op.add_column("signature", sa.Column("via", sa.String(16), nullable=False, server_default=""))
    brought = sa.text("partner <> ''")
    op.create_index(
        "ix_signature_partner",
        "signature",
        ["partner", "confirmed_at"],
        postgresql_where=brought,
        sqlite_where=brought,
    )
    op.add_column("call", sa.Column("frame_origins", sa.Text(), nullable=False, server_default=""))
    _count_by(_SINCE)


def downgrade() -> None:
    op.execute("delete from tally where dimension in ('channel', 'reported')")
    _count_by(_BEFORE)
    op.drop_column("call", "frame_origins")
    op.drop_index("ix_signature_partner", table_name="signature")
    op.drop_column("signature", "via")
    op.drop_table("partner_report")
    op.drop_table("partner_token")
    op.drop_table("partner")


def _count_by(dimensions: tuple[str, ...]) -> None:
    """Let the tally count by these dimensions; SQLite copies its table for that."""
    listed = ", ".join(f"'{name}'" for name in dimensions)
    with op.batch_alter_table("tally") as batch:
        batch.drop_constraint("dimension", type_="check")
        batch.create_check_constraint(op.f("ck_tally_dimension"), f"dimension in ({listed})")
