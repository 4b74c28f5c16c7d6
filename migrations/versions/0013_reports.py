"""Reports of stories, calls and pictures, and what was decided about them.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REASONS = "'illegal', 'privacy', 'hatred', 'spam', 'copyright', 'not-own', 'other'"


def upgrade() -> None:
    op.create_table(
        "report_case",
        sa.Column("id", _ID, nullable=False),
        sa.Column("thing", sa.String(16), nullable=False),
        sa.Column("thing_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", _ID, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("rank_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appealed_by", sa.Integer(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.CheckConstraint("thing in ('story', 'call', 'picture')", name=op.f("ck_report_case_reportedthing")),
        sa.CheckConstraint("state in ('open', 'decided', 'appealed', 'closed')", name=op.f("ck_report_case_casestate")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_report_case_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_case")),
        sqlite_autoincrement=True,
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_report_case_open",
        "report_case",
        ["thing", "thing_id"],
        unique=True,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.create_index("ix_report_case_thing", "report_case", ["thing", "thing_id"])
    op.create_index("ix_report_case_queue", "report_case", ["state", "rank_at", "id"])
    op.create_index("ix_report_case_call_id", "report_case", ["call_id"])
    op.create_table(
        "report",
        sa.Column("id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("email", sa.String(320), nullable=True),
        sa.Column("email_digest", sa.LargeBinary(), nullable=True),
        sa.Column("network_digest", sa.LargeBinary(), nullable=True),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"reason in ({_REASONS})", name=op.f("ck_report_reportreason")),
        sa.ForeignKeyConstraint(["case_id"], ["report_case.id"], name=op.f("fk_report_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_report_case_id", "report", ["case_id"])
    op.create_index("ix_report_created_at", "report", ["created_at"])
    op.create_table(
        "report_decision",
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("ground", sa.String(16), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome in ('kept', 'hidden', 'removed', 'gone')", name=op.f("ck_report_decision_reportoutcome")
        ),
        sa.CheckConstraint(f"ground in ({_REASONS})", name=op.f("ck_report_decision_reportreason")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["report_case.id"], name=op.f("fk_report_decision_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_report_decision")),
    )


def downgrade() -> None:
    op.drop_table("report_decision")
    op.drop_table("report")
    op.drop_table("report_case")
