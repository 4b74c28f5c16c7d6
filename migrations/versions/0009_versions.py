"""The life of a call: drafts, every published version, pauses, pictures.

Revision ID: 0009
Revises: 0008
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STATES = "'draft', 'review', 'published', 'paused', 'archived', 'removed'"
_REASONS = "'law', 'rules', 'organiser', 'mistake'"
_CALL: dict[str, sa.types.TypeEngine[Any]] = {
    "picture_id": _ID,
    "goal": sa.Integer(),
    "changed_at": sa.DateTime(timezone=True),
    "submitted_by": sa.Integer(),
    "submitted_revision": sa.Integer(),
    "approved_revision": sa.Integer(),
    "published_revision": sa.Integer(),
    "paused_at": sa.DateTime(timezone=True),
    "grace_ends_at": sa.DateTime(timezone=True),
    "removed_at": sa.DateTime(timezone=True),
    "removal_reason": sa.String(16),
}

_MOMENT = sa.DateTime(timezone=True)
_WORDS = (
    *("title", "ask", "body", "thanks", "share_text", "image_alt"),
    *("notice", "outcome", "reported_total", "reported_source"),
)
_TABLE = sa.table("call", sa.column("id"), sa.column("state"), sa.column("version"), sa.column("opens_at", _MOMENT))
_TEXT = sa.table("call_text", *(sa.column(name) for name in ("call_id", "language", "addressee", *_WORDS)))
_VERSION = sa.table(
    "call_version",
    *(sa.column(name) for name in ("call_id", "number", "is_correction", "note")),
    sa.column("texts", sa.JSON()),
    sa.column("published_at", _MOMENT),
)


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("credit", sa.String(200), nullable=False),
        sa.Column("licence", sa.String(60), nullable=False),
        sa.Column("licence_url", sa.String(300), nullable=False),
        sa.Column("source_url", sa.String(300), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_picture_team_id"),
        sa.PrimaryKeyConstraint("id", name="pk_picture"),
    )
    op.create_index("ix_picture_name", "picture", ["name"])
    op.create_index("ix_picture_team_id", "picture", ["team_id"])
    op.create_table(
        "call_alias",
        sa.Column("id", _ID, nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("call_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_call_alias_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_call_alias"),
        sa.UniqueConstraint("slug", name="uq_call_alias_slug"),
    )
    op.create_index("ix_call_alias_call_id", "call_alias", ["call_id"])
    op.create_table(
        "call_event",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", _ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "published",
                "paused",
                "resumed",
                "opening",
                "closing",
                "archived",
                "removed",
                name="calleventkind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("old", sa.String(40), nullable=False),
        sa.Column("new", sa.String(40), nullable=False),
        sa.Column("notice", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_call_event_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_call_event"),
    )
    op.create_index("ix_call_event_call_id", "call_event", ["call_id"])
    op.create_table(
        "call_revision",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_call_revision_call_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_call_revision"),
        sa.UniqueConstraint("call_id", "number", name="uq_call_revision_call_id_number"),
    )
    op.create_table(
        "call_version",
        sa.Column("call_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("is_correction", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_call_version_call_id"),
        sa.PrimaryKeyConstraint("call_id", "number", name="pk_call_version"),
    )
    op.create_table(
        "preview_link",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", _ID, nullable=False),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_preview_link_call_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_preview_link"),
    )
    op.create_index("ix_preview_link_call_id", "preview_link", ["call_id"])
    op.execute("update call set state = 'draft' where state = 'hidden'")
    with op.batch_alter_table("call") as batch:
        batch.drop_constraint(op.f("ck_call_callstate"), type_="check")
        for name, kind in _CALL.items():
            batch.add_column(sa.Column(name, kind, nullable=True))
        batch.add_column(sa.Column("consent_version", sa.String(16), nullable=False, server_default=""))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        batch.create_check_constraint(op.f("ck_call_callstate"), f"state in ({_STATES})")
        batch.create_check_constraint(op.f("ck_call_removalreason"), f"removal_reason in ({_REASONS})")
        batch.create_foreign_key(op.f("fk_call_picture_id"), "picture", ["picture_id"], ["id"])
    op.add_column("call_text", sa.Column("addressees", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("call_text", sa.Column("story_prompt", sa.String(300), nullable=False, server_default=""))
    op.add_column("signature", sa.Column("call_version", sa.Integer(), nullable=True))
    _number_published_words()


def _number_published_words() -> None:
    """Make what stands on the page the first version of every call that the public has seen."""
    connection = op.get_bind()
    seen = _TABLE.c.state.in_(["published", "removed"])
    connection.execute(sa.update(_TABLE).where(seen).values(version=1))
    for call in connection.execute(sa.select(_TABLE.c.id, _TABLE.c.opens_at).where(seen)).all():
        texts = {
            text.language: {name: getattr(text, name) for name in _WORDS}
            | {"addressees": [{"name": text.addressee, "kind": "institution", "url": ""}], "story_prompt": ""}
            for text in connection.execute(sa.select(_TEXT).where(_TEXT.c.call_id == call.id))
        }
        row = {"call_id": call.id, "number": 1, "texts": texts, "published_at": call.opens_at}
        connection.execute(sa.insert(_VERSION).values(is_correction=False, note="", **row))


def downgrade() -> None:
    op.drop_column("signature", "call_version")
    op.drop_column("call_text", "story_prompt")
    op.drop_column("call_text", "addressees")
    op.execute("update call set state = 'draft' where state = 'review'")
    op.execute("update call set state = 'published' where state in ('paused', 'archived')")
    with op.batch_alter_table("call") as batch:
        batch.drop_constraint(op.f("fk_call_picture_id"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_call_removalreason"), type_="check")
        batch.drop_constraint(op.f("ck_call_callstate"), type_="check")
        batch.create_check_constraint(op.f("ck_call_callstate"), "state in ('draft', 'published', 'hidden', 'removed')")
        for name in ("version", "consent_version", *_CALL):
            batch.drop_column(name)
    op.drop_table("preview_link")
    op.drop_table("call_version")
    op.drop_table("call_revision")
    op.drop_table("call_event")
    op.drop_table("call_alias")
    op.drop_table("picture")
