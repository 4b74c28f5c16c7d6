"""Signed, expiring links: each says what it is for and what it means; no secret lies in the database."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from itsdangerous import BadData, BadSignature, SignatureExpired, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode

from petition.errors import NotFound, PetitionError
from petition.lib import clock

_keys: list[str] = []


class BrokenLink(NotFound):
    """Raised for a link that was cut or altered, that we did not make, or whose row is gone."""


class LinkExpired(PetitionError):
    """Raised for a link that was ours and is too old; ``payload`` is what it meant."""

    def __init__(self, payload: str) -> None:
        super().__init__()
        self.payload = payload


class _Signer(TimestampSigner):
    """Stamps in milliseconds of our own clock, and derives each key once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._derived: dict[Any, bytes] = {}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        if secret_key not in self._derived:
            self._derived[secret_key] = super().derive_key(secret_key)
        return self._derived[secret_key]

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp() * 1000)

    def timestamp_to_datetime(self, ts: int) -> datetime:
        return datetime.fromtimestamp(ts / 1000, UTC)


def nonce() -> str:
    """Return 32 random characters that make a link good once: they lie in its row, and go with it."""
    return secrets.token_hex(16)


def configure(keys: Sequence[str]) -> None:
    """Sign with the last of ``keys`` and accept all of them."""
    _keys[:] = keys


def make(purpose: str, payload: str | int) -> str:
    """Return a link's token for one purpose and one thing, such as a row."""
    return signer(purpose).sign(str(payload)).decode()


def read(purpose: str, token: str, max_age: timedelta) -> str:
    """Return what a token means.

    Raises BrokenLink when we did not make it for this purpose, LinkExpired when it is older than ``max_age``.
    """
    try:
        payload, _made_at = unsign(purpose, token, max_age)
        return payload.decode()
    except SignatureExpired as error:
        raise LinkExpired((error.payload or b"").decode()) from None
    except (BadSignature, UnicodeError):
        raise BrokenLink from None


def unsign(purpose: str, token: str, max_age: timedelta) -> tuple[bytes, datetime]:
    """Return what was signed for a purpose, and when; raises BadSignature, SignatureExpired when it is too old.

    What was made by a clock ahead of ours is young: hosts differ a little, and a clock may have been set back.
    A token has one spelling: base64 would take several for the same signature.
    """
    if not _is_canonical(token.rpartition(".")[2]):
        raise BadSignature("Not in canonical form")
    try:
        return signer(purpose).unsign(token, max_age // timedelta(milliseconds=1), return_timestamp=True)
    except SignatureExpired as expired:
        if expired.date_signed and expired.date_signed > clock.now():
            return signer(purpose).unsign(token, return_timestamp=True)
        raise


def _is_canonical(signature: str) -> bool:
    try:
        return base64_encode(base64_decode(signature)).decode() == signature
    except BadData:
        return False


def signer(purpose: str) -> TimestampSigner:
    """Return the signer of one purpose; a token of one never passes for another."""
    return _signer(tuple(_keys), purpose)


@lru_cache(maxsize=64)
def _signer(keys: tuple[str, ...], purpose: str) -> _Signer:
    return _Signer(keys, salt=f"petition.{purpose}", key_derivation="hmac", digest_method=sha256)
