"""What the database keeps and only this installation can read: encrypted with keys made from those of the settings."""

import base64
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_keys: list[Fernet] = []


class Unreadable(ValueError):
    """Raised for what none of the keys at hand can read."""


def configure(keys: Sequence[str]) -> None:
    """Encrypt with the last of ``keys`` and read what any of them wrote."""
    _keys[:] = [_fernet(key) for key in reversed(keys)]


def encrypt(text: str) -> bytes:
    """Return a text encrypted and authenticated (Fernet: AES-128-CBC and HMAC-SHA256)."""
    return MultiFernet(_keys).encrypt(text.encode())


def decrypt(token: bytes) -> str:
    """Return the text that was encrypted; raises Unreadable."""
    try:
        return MultiFernet(_keys).decrypt(token).decode()
    except InvalidToken:
        raise Unreadable from None


def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(sha256(b"petition.encryption\0" + key.encode()).digest()))
