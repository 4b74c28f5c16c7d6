"""Passwords: how they are kept, compared and judged."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from petition.errors import Overloaded

# OWASP's first choice for Argon2id: 19 MiB and 2 passes, about 20 ms. Two at once bound a process's memory and time.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turns = BoundedSemaphore(2)
WAIT_SECONDS = 5.0

# A hash of the same cost for accounts that do not exist, or have no password: comparing takes the same time.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$TFbJwbPd1KypG54vnMydvw$ka27Y5LAhioGE5kzSixPQeeS9uW6VlQvaBWKtEFgiek"

# Judging takes time that grows with the square of the length, and zxcvbn knows 72 characters at most.
_JUDGED = 72
_STRONG = 3
# zxcvbn keeps the known words in a variable of its own.
_judging = Lock()


class PasswordsBusy(Overloaded):
    """Raised when others' passwords took so long that this one's turn did not come within WAIT_SECONDS."""


def hash_password(password: str) -> str:
    """Return what is kept of a password; raises PasswordsBusy."""
    with _turn():
        return _hasher.hash(_normalized(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether a password is the one that was stored; in the same time if none was. Raises PasswordsBusy."""
    with _turn():
        try:
            _hasher.verify(stored or _NOBODY, _normalized(password))
        except (VerificationError, InvalidHashError):
            return False
        return bool(stored)


def is_outdated(stored: str) -> bool:
    """Whether a stored password was hashed at another cost than today's."""
    return _hasher.check_needs_rehash(stored)


def weaknesses(password: str, known: Sequence[str]) -> list[str]:
    """Return why a password is easy to guess, in zxcvbn's own English sentences; empty for a strong one.

    Its first 72 characters are judged; ``known`` are texts whose words an attacker would try first, such as a name.
    """
    words = [part for text in known for part in [text, *re.split(r"[\W_]+", text)] if part]
    with _judging:
        judged = zxcvbn(_normalized(password)[:_JUDGED], user_inputs=words)
    if judged["score"] >= _STRONG:
        return []
    feedback = judged["feedback"]
    return [sentence for sentence in (feedback["warning"], *feedback["suggestions"]) if sentence]


def _normalized(password: str) -> str:
    """Return one spelling for what looks the same on each keyboard (RFC 8265, OpaqueString)."""
    return unicodedata.normalize("NFC", password)


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise PasswordsBusy
    try:
        yield
    finally:
        _turns.release()
