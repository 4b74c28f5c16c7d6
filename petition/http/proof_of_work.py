"""Proof of work: who asks for something costly pays with some work of their machine, or with a short wait.

The puzzle costs a machine half a second and its checker half a millisecond; ``static/js/proof.js`` solves it.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import pbkdf2_hmac, sha256
from typing import cast

from flask import Flask, current_app
from itsdangerous import BadSignature

from petition.errors import PetitionError
from petition.http import current, rate_limits
from petition.http.rate_counter import Storage
from petition.lib import clock, tokens

# An answer is good when its PBKDF2 digest of COST rounds begins with BITS zero bits, so about 512 tries are needed.
COST = 2000
BITS = 9

# How long somebody waits whose browser does not work on the puzzle, and how many of a network may choose that.
WAIT = timedelta(seconds=15)
WAIT_LIMIT = rate_limits.rate_limit("wait", household="10/10minutes;50/day", network="100/10minutes;500/day")

# One spelling for each number, or one piece of work would be spent under several.
_ANSWER = re.compile(r"(0|[1-9][0-9]{0,19})\Z", re.ASCII)


class ProofRequired(PetitionError):
    """Raised when a form came without a proof; ``fields`` are to be sent with it after ``retry_after`` seconds."""

    def __init__(self, ticket: str, retry_after: int) -> None:
        super().__init__()
        self.fields = {"proof": "", "ticket": ticket}
        self.retry_after = retry_after


def init_app(app: Flask, storage: Storage, is_switched: Callable[[], bool | None]) -> None:
    """Remember used proofs in ``storage``, which must lose none.

    ``is_switched`` says whether proofs are asked for, or None where that is left to PETITION_PROOF_OF_WORK.
    """
    app.extensions["used_proofs"], app.extensions["proof_of_work"] = storage, is_switched


def is_on() -> bool:
    """Whether proofs are asked for."""
    is_switched: bool | None = current_app.extensions["proof_of_work"]()
    return current.settings().proof_of_work == "on" if is_switched is None else is_switched


def check(challenge: str, subject: str, answer: str, ticket: str, lifetime: timedelta) -> str:
    """Return the proof that came with a form: the work done for its challenge, or the ticket of ``subject`` who waited.

    ``lifetime`` is how long challenge and ticket are good. Raises ProofRequired, TooManyRequests.
    """
    if is_solved(challenge, answer):
        return f"{challenge}\n{answer}"
    if not _has_waited(subject, ticket, lifetime):
        raise _required(subject)
    rate_limits.check(WAIT_LIMIT)
    return ticket


def mark_used(proof: str, subject: str, lifetime: timedelta) -> None:
    """Remember the digest of a proof for as long as it is good; raises ProofRequired when it was used before."""
    storage = cast("Storage", current_app.extensions["used_proofs"])
    if storage.incr(sha256(proof.encode()).hexdigest(), int(lifetime.total_seconds())) > 1:
        raise _required(subject)


def is_solved(challenge: str, answer: str) -> bool:
    """Whether somebody has worked on this challenge; an answer is a decimal number without leading zeros."""
    if not _ANSWER.match(answer):
        return False
    digest = pbkdf2_hmac("sha256", answer.encode(), challenge.encode(), COST, 4)
    return int.from_bytes(digest) >> (32 - BITS) == 0


def _has_waited(subject: str, ticket: str, lifetime: timedelta) -> bool:
    """Whether the ticket is ours, of this subject, and old enough; raises ProofRequired with one that is too young."""
    try:
        _empty, made_at = tokens.unsign(f"wait.{subject}", ticket, lifetime)
    except BadSignature:
        return False
    left = made_at + WAIT - clock.now()
    # The clock may have been set back, or another host's may be ahead.
    if timedelta(0) < left <= WAIT:
        raise ProofRequired(ticket, left.seconds + 1)
    return True


def _required(subject: str) -> ProofRequired:
    return ProofRequired(tokens.signer(f"wait.{subject}").sign(b"").decode(), WAIT.seconds)
