"""Moderation: decisions, notes, translations, words that hold, and teams that publish before anybody has read.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_DECISIONS = "decision in ('approve', 'refuse', 'ask', 'hide')"
_STATES = "before in ('told', 'waiting', 'held', 'approved', 'refused', 'change-asked', 'hidden')"
# Name of each index of stories → its columns, and the condition that makes it a partial one.
_INDEXES = {
    "ix_story_queue_language": (["call_id", "state", "language", "submitted_at", "id"], None),
    "ix_story_decided": (["call_id", "decided_at"], "decided_at is not null"),
    "ix_story_held": (["call_id", "state", "held_because", "submitted_at", "id"], "held_because is not null"),
    "ix_story_repeated": (["call_id", "state", "submitted_at", "id"], "is_repeated"),
    "ix_story_locked": (["locked_by"], "locked_by is not null"),
}


def upgrade() -> None:
    op.add_column("team", sa.Column("publishes_unread", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("story", sa.Column("is_repeated", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name, (columns, condition) in _INDEXES.items():
        where = sa.text(condition) if condition else None
        op.create_index(name, "story", columns, postgresql_where=where, sqlite_where=where)
    op.create_table(
        "story_decision",
        sa.Column("id", _ID, nullable=False),
        sa.Column("story_id", _ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("reason_class", sa.String(16), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=False),
        sa.Column("before", sa.String(16), nullable=False),
        sa.Column("shown_revision", sa.Integer(), nullable=True),
        sa.Column("shown_at", _MOMENT, nullable=True),
        sa.Column("featured_at", _MOMENT, nullable=True),
        sa.Column("undone_at", _MOMENT, nullable=True),
        sa.Column("second_look_of", _ID, nullable=True),
        sa.Column("appealed_at", _MOMENT, nullable=True),
        sa.CheckConstraint(_DECISIONS, name=op.f("ck_story_decision_decision")),
        sa.CheckConstraint(_STATES, name=op.f("ck_story_decision_storystate")),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_story_decision_story_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_look_of"],
            ["story_decision.id"],
            name=op.f("fk_story_decision_second_look_of"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_decision")),
    )
    op.create_index(op.f("ix_story_decision_story_id"), "story_decision", ["story_id"])
    op.create_table(
        "story_note",
        sa.Column("id", _ID, nullable=False),
        sa.Column("story_id", _ID, nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_story_note_story_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_note")),
    )
    op.create_index(op.f("ix_story_note_story_id"), "story_note", ["story_id"])
    op.create_table(
        "story_translation",
        sa.Column("story_id", _ID, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("credit", sa.String(80), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_story_translation_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", "language", name=op.f("pk_story_translation")),
    )
    op.create_table(
        "hold_list",
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_hold_list_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "language", name=op.f("pk_hold_list")),
    )


def downgrade() -> None:
    for table in ("hold_list", "story_translation", "story_note", "story_decision"):
        op.drop_table(table)
    for name in _INDEXES:
        op.drop_index(name, "story")
    op.drop_column("story", "is_repeated")
    op.drop_column("team", "publishes_unread")
