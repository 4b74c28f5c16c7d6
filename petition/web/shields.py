"""What stands before the writing of a letter that anybody can ask for."""

from datetime import datetime

from petition.db import session
from petition.web import limits, proof


def passed(name: str, email: str) -> datetime | None:
    """Return when the letter may leave, if very many go to its domain; None means at once.

    Raises TooMany and ProofWanted. What is counted here stays counted, whatever becomes of the request.
    """
    limits.check(name)
    shown = proof.check(email)
    leaves_at = limits.room_for_letter(email)
    proof.spend(session, shown, email)
    return leaves_at
