"""A puzzle that costs a machine half a second, and its checker half a millisecond; static/js/proof.js solves it."""

from hashlib import pbkdf2_hmac

# An answer is good when the slow digest of it begins with so many zero bits, so about 512 tries are needed.
COST = 2000
BITS = 9

_LONGEST = 40


def is_solved(challenge: str, answer: str) -> bool:
    """Whether somebody has worked on this challenge."""
    if not 0 < len(answer) <= _LONGEST:
        return False
    digest = pbkdf2_hmac("sha256", answer.encode(), challenge.encode(), COST, 4)
    return int.from_bytes(digest) >> (32 - BITS) == 0
