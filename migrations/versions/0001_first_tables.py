"""The first tables: campaigns, calls, signatures, letters and the tally."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, parents first."""
    op.create_table(
        "campaign",
        sa.Column("id", ID, nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("hashtag", sa.String(length=60), nullable=False),
        sa.Column("accent", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
        sa.UniqueConstraint("slug", name="uq_campaign_slug"),
    )
    op.create_table(
        "call",
        sa.Column("id", ID, nullable=False),
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "petition",
                "dream",
                "hero",
                "practice",
                name="callkind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "hidden",
                "removed",
                name="callstate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("hashtag", sa.String(length=60), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=True),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("partner_reported", sa.Integer(), nullable=False),
        sa.Column("image", sa.String(length=200), nullable=False),
        sa.Column("image_social", sa.String(length=200), nullable=False),
        sa.Column("image_width", sa.Integer(), nullable=False),
        sa.Column("image_height", sa.Integer(), nullable=False),
        sa.Column("image_credit", sa.String(length=200), nullable=False),
        sa.Column("image_licence", sa.String(length=60), nullable=False),
        sa.Column("image_licence_url", sa.String(length=300), nullable=False),
        sa.Column("image_source_url", sa.String(length=300), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        sa.CheckConstraint("paper >= 0 and partner_reported >= 0", name="counts_not_negative"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_call_campaign_id"),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
        sa.UniqueConstraint("slug", name="uq_call_slug"),
    )
    op.create_index("ix_call_campaign_id", "call", ["campaign_id"], unique=False)

    op.create_table(
        "campaign_text",
        sa.Column("campaign_id", ID, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_campaign_text_campaign_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "language", name="pk_campaign_text"),
    )
    op.create_table(
        "blocked_address",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("email_digest", sa.LargeBinary(), nullable=False),
        sa.Column("blocked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_blocked_address_call_id"),
        sa.PrimaryKeyConstraint("call_id", "email_digest", name="pk_blocked_address"),
    )
    op.create_table(
        "call_text",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("addressee", sa.String(length=300), nullable=False),
        sa.Column("ask", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("thanks", sa.Text(), nullable=False),
        sa.Column("share", sa.String(length=300), nullable=False),
        sa.Column("image_alt", sa.String(length=300), nullable=False),
        sa.Column("notice", sa.String(length=600), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reported", sa.String(length=200), nullable=False),
        sa.Column("reported_source", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_call_text_call_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "language", name="pk_call_text"),
    )
    op.create_table(
        "letter",
        sa.Column("id", ID, nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting", "sent", "failed", name="letterstate", native_enum=False, create_constraint=True, length=16
            ),
            nullable=False,
        ),
        sa.Column("call_id", ID, nullable=True),
        sa.Column("email_digest", sa.LargeBinary(), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_letter_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_letter_due",
        "letter",
        ["priority", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_letter_email_digest", "letter", ["email_digest", "created_at"], unique=False)

    op.create_table(
        "signature",
        sa.Column("id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("email_digest", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "confirmed",
                "withdrawn",
                "removed",
                name="signaturestate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=80), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("story", sa.Text(), nullable=True),
        sa.Column("show_name", sa.Boolean(), nullable=False),
        sa.Column("wants_updates", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("partner", sa.String(length=80), nullable=False),
        sa.Column("consent_version", sa.String(length=16), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.CheckConstraint("state <> 'confirmed' or confirmed_at is not null", name="confirmed_has_moment"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_signature_call_id"),
        sa.PrimaryKeyConstraint("id", name="pk_signature"),
        sa.UniqueConstraint("call_id", "email_digest", name="uq_signature_call_id_email_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_signature_email_digest", "signature", ["email_digest"], unique=False)
    op.create_index(
        "ix_signature_pending",
        "signature",
        ["requested_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
        sqlite_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_signature_shown",
        "signature",
        ["call_id", "confirmed_at"],
        unique=False,
        postgresql_where=sa.text("state = 'confirmed' and show_name"),
        sqlite_where=sa.text("state = 'confirmed' and show_name"),
    )

    op.create_table(
        "tally",
        sa.Column("call_id", ID, nullable=False),
        sa.Column(
            "dimension",
            sa.Enum(
                "total",
                "hour",
                "country",
                "language",
                "partner",
                name="dimension",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_tally_call_id"),
        sa.PrimaryKeyConstraint("call_id", "dimension", "key", "slot", name="pk_tally"),
    )


def downgrade() -> None:
    """Take the tables away again, children first."""
    for table in (
        "tally",
        "signature",
        "letter",
        "call_text",
        "blocked_address",
        "campaign_text",
        "call",
        "campaign",
    ):
        op.drop_table(table)
