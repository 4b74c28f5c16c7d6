"""What waits is a row for each set of words; links name a person; mailboxes that want no letter.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COUNTED = sa.text("state in ('confirmed', 'removed')")
_PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    """Add the columns, and let several sets of words wait for one mailbox."""
    op.add_column("signature", sa.Column("address_digest", sa.LargeBinary(), nullable=True))
    op.add_column("signature", sa.Column("version", sa.String(32), nullable=False, server_default=""))
    op.add_column("letter", sa.Column("version", sa.String(32), nullable=False, server_default=""))
    op.add_column("blocked_address", sa.Column("signature_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_blocked_address_signature_id", "blocked_address", ["signature_id"])
    op.create_table(
        "silenced_address",
        sa.Column("email_digest", sa.LargeBinary(), nullable=False),
        sa.Column("silenced_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email_digest", name="pk_silenced_address"),
    )
    _replace_unique(lambda batch: batch.drop_constraint("uq_signature_call_id_email_digest", type_="unique"))
    for name, columns, where in (
        ("uq_signature_counted", ["call_id", "email_digest"], _COUNTED),
        ("uq_signature_pending", ["call_id", "email_digest", "version"], _PENDING),
    ):
        op.create_index(name, "signature", columns, unique=True, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    """Keep of each mailbox the row that counts, or else the newest."""
    op.execute(
        "delete from signature where exists (select 1 from signature other where other.call_id = signature.call_id"
        " and other.email_digest = signature.email_digest and other.id <> signature.id"
        " and (other.state in ('confirmed', 'removed') or (signature.state not in ('confirmed', 'removed')"
        " and other.id > signature.id)))"
    )
    op.drop_index("uq_signature_pending", "signature")
    op.drop_index("uq_signature_counted", "signature")
    _replace_unique(
        lambda batch: batch.create_unique_constraint("uq_signature_call_id_email_digest", ["call_id", "email_digest"])
    )
    op.drop_table("silenced_address")
    op.drop_index("ix_blocked_address_signature_id", "blocked_address")
    op.drop_column("blocked_address", "signature_id")
    op.drop_column("letter", "version")
    op.drop_column("signature", "version")
    op.drop_column("signature", "address_digest")


def _replace_unique(change) -> None:  # type: ignore[no-untyped-def]
    """Change a constraint; SQLite makes the table anew for that, and must go on with the ids that it has reached."""
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    reached = connection.scalar(sa.text("select seq from sqlite_sequence where name = 'signature'")) if is_sqlite else 0
    with op.batch_alter_table("signature", table_kwargs={"sqlite_autoincrement": True}) as batch:
        change(batch)
    if reached:
        renew = "update sqlite_sequence set seq = max(seq, :reached) where name = 'signature'"
        if not connection.execute(sa.text(renew), {"reached": reached}).rowcount:
            connection.execute(
                sa.text("insert into sqlite_sequence values ('signature', :reached)"), {"reached": reached}
            )
