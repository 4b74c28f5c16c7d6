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


def check(session: Session) -> None:
    """Accept the form at hand once, for one address, when work was done for it or time was spent.

    The challenge is the form's token with the address, so pages may be cached, and each letter costs its own work.
    """
    if current_app.config["PETITION"].proof_of_work == "off":
        return
    answer, email = request.form.get("proof", ""), request.form.get("email", "")
    challenge = f"{request.form.get('token', '')}\n{email}"
    if proofs.is_solved(challenge, answer) and _is_first(session, f"{challenge}\n{answer}"):
        return
    ticket = request.form.get("ticket", "")
    if _has_waited(email, ticket) and _is_first(session, ticket):
        limits.check("wait")
        return
    raise ProofWanted(tokens.signer(f"wait.{email}").sign(b"").decode(), WAIT.seconds)


def _has_waited(email: str, ticket: str) -> bool:
    """Whether the ticket is ours, of this address, and old enough; raises ProofWanted with it when it is too young."""
    try:
        _empty, made_at = tokens.signer(f"wait.{email}").unsign(
            ticket, max_age=tokens.milliseconds(LATEST), return_timestamp=True
        )
    except BadSignature:
        return False
    left = made_at + WAIT - clock.now()
    if left > timedelta(0):
        raise ProofWanted(ticket, left.seconds + 1)
    return True


def _is_first(session: Session, proof: str) -> bool:
    """Whether this proof is used for the first time; its digest is remembered for as long as it could be used."""
    return guard.count(session, sha256(proof.encode()).digest(), clock.now() + LATEST) == 1
