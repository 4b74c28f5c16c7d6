"""What stands around the writing of a letter that anybody can ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy.orm import Session

from petition.domain import letters
from petition.lib import addresses, clock
from petition.web import limits, proof


@contextmanager
def up(session: Session, name: str, email: str) -> Iterator[None]:
    """Check who asks, let the letter be written, and let it wait where very many go; raises TooMany and ProofWanted.

    What is counted for all processes is counted before the first write of the request: SQLite has one writer.
    """
    limits.check(name)
    shown = proof.check(email)
    leaves_at = limits.room_for_letter(email)
    proof.spend(session, shown, email)
    yield
    if leaves_at:
        letters.postpone(session, addresses.digest(email), since=clock.now() - timedelta(minutes=1), until=leaves_at)
