"""Organisers, their teams, and what each campaign's team is.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "organiser",
        sa.Column("id", _ID, nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        sa.Column("is_site_owner", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organiser"),
        sa.UniqueConstraint("email_key", name="uq_organiser_email_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "team",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_team"),
    )
    op.create_table(
        "account_reset",
        sa.Column("organiser_id", _ID, nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name="fk_account_reset_organiser_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organiser_id", name="pk_account_reset"),
    )
    op.create_table(
        "challenge",
        sa.Column("id", _ID, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("organiser_id", _ID, nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name="fk_challenge_organiser_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_challenge"),
        sa.UniqueConstraint("value", name="uq_challenge_value"),
    )
    op.create_index("ix_challenge_expires_at", "challenge", ["expires_at"])
    op.create_table(
        "email_change",
        sa.Column("organiser_id", _ID, nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("old_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("new_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name="fk_email_change_organiser_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organiser_id", name="pk_email_change"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", _ID, nullable=False),
        sa.Column("team_id", _ID, nullable=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "editor",
                "moderator",
                "analyst",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "revoked",
                name="invitationstate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_invitation_team_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
    )
    op.create_index("ix_invitation_team_id", "invitation", ["team_id"])
    op.create_table(
        "known_device",
        sa.Column("id", _ID, nullable=False),
        sa.Column("organiser_id", _ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.String(120), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name="fk_known_device_organiser_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_known_device"),
        sa.UniqueConstraint("digest", name="uq_known_device_digest"),
    )
    op.create_index("ix_known_device_last_seen_at", "known_device", ["last_seen_at"])
    op.create_index("ix_known_device_organiser_id", "known_device", ["organiser_id"])
    op.create_table(
        "membership",
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("organiser_id", _ID, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "editor",
                "moderator",
                "analyst",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name="fk_membership_organiser_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_membership_team_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "organiser_id", name="pk_membership"),
    )
    op.create_index("ix_membership_organiser_id", "membership", ["organiser_id"])
    op.create_table(
        "organiser_session",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("organiser_id", _ID, nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("device", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fresh_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name="fk_organiser_session_organiser_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organiser_session"),
        sa.UniqueConstraint("digest", name="uq_organiser_session_digest"),
    )
    op.create_index("ix_organiser_session_created_at", "organiser_session", ["created_at"])
    op.create_index("ix_organiser_session_organiser_id", "organiser_session", ["organiser_id"])
    op.create_table(
        "passkey",
        sa.Column("id", _ID, nullable=False),
        sa.Column("organiser_id", _ID, nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.String(100), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name="fk_passkey_organiser_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index("ix_passkey_organiser_id", "passkey", ["organiser_id"])
    op.create_table(
        "recovery_code",
        sa.Column("id", _ID, nullable=False),
        sa.Column("organiser_id", _ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organiser_id"], ["organiser.id"], name="fk_recovery_code_organiser_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_code"),
    )
    op.create_index("ix_recovery_code_organiser_id", "recovery_code", ["organiser_id"])
    op.create_table(
        "transfer",
        sa.Column("campaign_id", _ID, nullable=False),
        sa.Column("team_id", _ID, nullable=False),
        sa.Column("offered_by", sa.Integer(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_transfer_campaign_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_transfer_team_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_transfer"),
    )
    op.create_index("ix_transfer_team_id", "transfer", ["team_id"])
    with op.batch_alter_table("campaign") as batch:
        batch.add_column(sa.Column("team_id", _ID, nullable=True))
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        batch.create_index("ix_campaign_team_id", ["team_id"])
        batch.create_foreign_key("fk_campaign_team_id", "team", ["team_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("campaign") as batch:
        batch.drop_constraint("fk_campaign_team_id", type_="foreignkey")
        batch.drop_index("ix_campaign_team_id")
        batch.drop_column("revision")
        batch.drop_column("team_id")
    op.drop_table("transfer")
    op.drop_table("recovery_code")
    op.drop_table("passkey")
    op.drop_table("organiser_session")
    op.drop_table("membership")
    op.drop_table("known_device")
    op.drop_table("invitation")
    op.drop_table("email_change")
    op.drop_table("challenge")
    op.drop_table("account_reset")
    op.drop_table("team")
    op.drop_table("organiser")
