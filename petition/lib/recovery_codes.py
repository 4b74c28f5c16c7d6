"""Codes on paper that stand in for a lost phone: 80 random bits, written so that they can be read aloud and typed."""

import secrets
from hashlib import sha256

# Crockford's Base32, without letters that look like digits, and without u.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LOOKALIKES = str.maketrans("oil", "011")
_LENGTH, _GROUP = 16, 4


def make(number: int) -> list[str]:
    """Return so many codes, such as ``7k2m-94xq-d0v8-nrth``."""
    return ["-".join(_letters(_GROUP) for _group in range(_LENGTH // _GROUP)) for _code in range(number)]


def digest(owner_id: int, code: str) -> bytes:
    """Return the 32 bytes by which the database knows a code of somebody.

    Case, spaces and hyphens do not matter, nor an o that is a zero. There is nothing to guess, so it need not be slow.
    """
    plain = "".join(letter for letter in code.lower() if letter.isalnum()).translate(_LOOKALIKES)
    return sha256(f"petition.recovery {owner_id} {plain}".encode()).digest()


def _letters(number: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _letter in range(number))
