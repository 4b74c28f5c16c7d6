"""Lets those who ask for letters pay, where an operator wants it: with some work of their machine, or by waiting."""

from datetime import timedelta
from hashlib import sha256

from flask import current_app, request
from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from petition.domain import guard
from petition.errors import PetitionError
from petition.forms.token import LATEST
from petition.lib import clock, proofs, tokens
from petition.web import limits

# How long somebody waits whose browser does not work on the puzzle.
WAIT = timedelta(seconds=15)


class ProofWanted(PetitionError):
    """Raised when the form came without a proof; ``fields`` are to be sent with it after ``retry_after`` seconds."""

    def __init__(self, ticket: str, retry_after: int) -> None:
        super().__init__()
        self.fields = {"proof": "", "ticket": ticket}
        self.retry_after = retry_after


def check(email: str) -> str:
    """Return the proof that the form at hand came with: that work was done for it, or time was spent.

    The challenge is the form's token with the address, so pages may be cached, and each letter costs its own work.
    Raises ProofWanted.
    """
    if current_app.config["PETITION"].proof_of_work == "off":
        return ""
    typed, answer, ticket = (request.form.get(name, "") for name in ("email", "proof", "ticket"))
    challenge = f"{request.form.get('token', '')}\n{typed}"
    if proofs.is_solved(challenge, answer):
        return f"{challenge}\n{answer}"
    if not _has_waited(email, ticket):
        raise _wanted(email)
    limits.check("wait")
    return ticket


def spend(session: Session, shown: str, email: str) -> None:
    """Remember the digest of a proof for as long as it could be used again; raises ProofWanted when it was used."""
    if not shown:
        return
    digest = sha256(shown.encode()).digest()
    used = guard.count(session, digest, clock.now() + LATEST)
    session.commit()
    if used > 1:
        raise _wanted(email)


def _has_waited(email: str, ticket: str) -> bool:
    """Whether the ticket is ours, of this address, and old enough; raises ProofWanted with it when it is too young."""
    try:
        _empty, made_at = tokens.unsign(f"wait.{email}", ticket, LATEST)
    except BadSignature:
        return False
    left = made_at + WAIT - clock.now()
    # The clock may have been set back, or another host's may be ahead.
    if timedelta(0) < left <= WAIT:
        raise ProofWanted(ticket, left.seconds + 1)
    return True


def _wanted(email: str) -> ProofWanted:
    return ProofWanted(tokens.signer(f"wait.{email}").sign(b"").decode(), WAIT.seconds)
