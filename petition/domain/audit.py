"""The audit log: who did what to which thing."""

from contextvars import ContextVar

from sqlalchemy.orm import Session

from petition.lib import clock
from petition.models import AuditEntry, AuditNetwork, Organiser
from petition.models.base import Base

# The keyed digest of the network from which the request at hand came; empty for commands and jobs.
network_digest: ContextVar[bytes] = ContextVar("network_digest", default=b"")


def record(
    session: Session,
    actor: Organiser | None,
    action: str,
    thing: Base,
    *,
    team_id: int | None = None,
    old: object = "",
    new: object = "",
) -> None:
    """Add an entry; ``actor`` None is an operator. ``old`` and ``new`` are cut to 300 characters.

    Never give it anything of a supporter, nor a secret, nor a person's name: people and things are named by their id.
    """
    session.flush()
    entry = AuditEntry(
        at=clock.now(),
        actor_id=actor.id if actor else None,
        team_id=team_id,
        action=action,
        thing=type(thing).__tablename__,
        thing_id=getattr(thing, "id", None),
        old=str(old)[:300],
        new=str(new)[:300],
    )
    session.add(entry)
    session.flush()
    if digest := network_digest.get():
        session.add(AuditNetwork(entry_id=entry.id, digest=digest, at=entry.at))
