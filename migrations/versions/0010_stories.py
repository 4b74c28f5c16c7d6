"""Stories: what supporters tell, what the public sees of it, and how much that is.

A reason that is in ``signature.story`` stays there, its author's alone, until they change it.

Revision ID: 0010
Revises: 0009
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KINDS = "kind in ('petition', 'dream', 'hero', 'practice')"
_LICENCES = "licence in ('cc-by', 'cc-by-sa', 'cc0', 'here-only')"
_STATES = "state in ('told', 'waiting', 'held', 'approved', 'refused', 'change-asked', 'hidden')"


def _words(*, is_public: bool) -> list[sa.Column[Any]]:
    return [
        sa.Column("call_id", _ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("licence", sa.String(16), nullable=not is_public),
        sa.Column("credit", sa.String(80), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "story",
        sa.Column("id", _ID, nullable=False),
        sa.Column("signature_id", _ID, nullable=False),
        *_words(is_public=False),
        sa.Column("consent_version", sa.String(16), nullable=True),
        sa.Column("wants_letter", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("text_digest", sa.LargeBinary(), nullable=False),
        sa.Column("held_because", sa.String(16), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_by", _ID, nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(_KINDS, name=op.f("ck_story_callkind")),
        sa.CheckConstraint(_LICENCES, name=op.f("ck_story_storylicence")),
        sa.CheckConstraint(_STATES, name=op.f("ck_story_storystate")),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_story_signature_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_story_call_id")),
        sa.ForeignKeyConstraint(["locked_by"], ["organiser.id"], name=op.f("fk_story_locked_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
        sa.UniqueConstraint("signature_id", name=op.f("uq_story_signature_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_story_queue", "story", ["call_id", "state", "submitted_at", "id"])
    op.create_index("ix_story_same_text", "story", ["call_id", "text_digest"])
    is_asked = sa.text("wants_letter")
    op.create_index(
        "ix_story_wants_letter", "story", ["signature_id"], postgresql_where=is_asked, sqlite_where=is_asked
    )
    op.create_table(
        "published_story",
        sa.Column("story_id", _ID, nullable=False),
        *_words(is_public=True),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("hero", sa.String(160), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("featured_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(_KINDS, name=op.f("ck_published_story_callkind")),
        sa.CheckConstraint(_LICENCES, name=op.f("ck_published_story_storylicence")),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_published_story_story_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_published_story_call_id")),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_published_story")),
    )
    newest = ["published_at", "story_id"]
    op.create_index("ix_published_story_newest", "published_story", ["call_id", *newest])
    op.create_index("ix_published_story_language", "published_story", ["call_id", "language", *newest])
    op.create_index("ix_published_story_country", "published_story", ["call_id", "country", *newest])
    op.create_index("ix_published_story_both", "published_story", ["call_id", "language", "country", *newest])
    op.create_index("ix_published_story_hero", "published_story", ["call_id", "hero", *newest])
    for name, condition, columns in (
        ("licensed", "licence <> 'here-only'", newest),
        ("featured", "featured_at is not null", ["featured_at"]),
    ):
        op.create_index(
            f"ix_published_story_{name}",
            "published_story",
            ["call_id", *columns],
            postgresql_where=sa.text(condition),
            sqlite_where=sa.text(condition),
        )
    op.create_table(
        "story_tally",
        sa.Column("call_id", _ID, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_story_tally_call_id")),
        sa.PrimaryKeyConstraint("call_id", "language", "country", name=op.f("pk_story_tally")),
    )
    op.create_table(
        "hero_tally",
        sa.Column("call_id", _ID, nullable=False),
        sa.Column("hero", sa.String(160), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_hero_tally_call_id")),
        sa.PrimaryKeyConstraint("call_id", "hero", name=op.f("pk_hero_tally")),
    )
    op.create_index("ix_hero_tally_most", "hero_tally", ["call_id", "published", "hero"])
    op.create_table(
        "retracted_story",
        sa.Column("story_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_retracted_story")),
    )
    op.create_index(op.f("ix_retracted_story_retracted_at"), "retracted_story", ["retracted_at"])


def downgrade() -> None:
    op.execute(
        "update signature set story = (select text from story where story.signature_id = signature.id)"
        " where id in (select signature_id from story)"
    )
    op.drop_table("retracted_story")
    op.drop_table("hero_tally")
    op.drop_table("story_tally")
    op.drop_table("published_story")
    op.drop_table("story")
