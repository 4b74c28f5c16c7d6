"""The audit log, which only grows, and the switches.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# An entry may go when it is older than what terms.AUDIT_YEARS promises, by the clock of the database and whoever asks;
# a day less, because hosts' clocks differ. A shorter promise needs a migration.
_KEPT_DAYS = 3 * 365 - 1

# An insert that names the number of another entry would replace it.
_SQLITE = {
    "audit_entry_no_update": "before update on audit_entry",
    "audit_entry_no_delete": "before delete on audit_entry"
    f" when old.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-{_KEPT_DAYS} days')",
    "audit_entry_no_replace": "before insert on audit_entry when exists (select 1 from audit_entry where id = new.id)",
}
_POSTGRESQL = {
    "audit_entry_no_update": "before update on audit_entry for each row",
    "audit_entry_no_delete": "before delete on audit_entry for each row"
    f" when (old.at > clock_timestamp() - interval '{_KEPT_DAYS} days')",
    "audit_entry_no_truncate": "before truncate on audit_entry for each statement",
}


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("thing", sa.String(40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=True),
        sa.Column("old", sa.String(300), nullable=False),
        sa.Column("new", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_team_id", "audit_entry", ["team_id"])
    op.create_table(
        "audit_network",
        sa.Column("entry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_audit_network"),
    )
    op.create_index("ix_audit_network_at", "audit_network", ["at"])
    if op.get_bind().dialect.name == "sqlite":
        for name, when in _SQLITE.items():
            op.execute(f"create trigger {name} {when} begin select raise(abort, 'audit_entry only grows'); end")
    else:
        op.execute(
            "create function audit_entry_refuse() returns trigger language plpgsql"
            " as $$ begin raise exception 'audit_entry only grows' using errcode = '23000'; end $$"
        )
        for name, when in _POSTGRESQL.items():
            op.execute(f"create trigger {name} {when} execute function audit_entry_refuse()")
    op.create_table(
        "switch",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_switch"),
    )


def downgrade() -> None:
    op.drop_table("switch")
    op.drop_table("audit_network")
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function audit_entry_refuse()")
