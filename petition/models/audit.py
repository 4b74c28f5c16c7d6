"""Who did what: rows that are written once."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import Base, Digest, Id


class AuditEntry(Base):
    """One act of an organiser or, with ``actor_id`` None, of an operator; triggers refuse to change or delete it.

    Things and people are named by their id, so that an erased account leaves no name; nothing of a supporter is here.
    """

    __tablename__ = "audit_entry"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None]
    team_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(40))
    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int | None]
    old: Mapped[str] = mapped_column(String(300), default="")
    new: Mapped[str] = mapped_column(String(300), default="")


class AuditNetwork(Base):
    """The keyed digest of the network from which an entry came; deleted after 30 days."""

    __tablename__ = "audit_network"

    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[Digest]
    at: Mapped[datetime] = mapped_column(index=True)
