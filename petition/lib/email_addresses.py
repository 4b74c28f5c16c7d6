"""E-mail addresses: the form that tells whether two are the same mailbox, and its keyed digest."""

import hmac
from hashlib import sha256

import idna

_key = bytearray()

# Providers that deliver a.b@ and ab@ to the same person.
_IGNORES_DOTS = {"gmail.com"}
_SAME_AS = {"googlemail.com": "gmail.com"}


def configure(key: bytes) -> None:
    """Set the key of the digests; it must never change while signatures are kept."""
    _key[:] = key


def canonical(address: str) -> str:
    """Return the address as its provider reads it: lower case, IDNA, no plus tag, no dots where they do not matter."""
    local, _, domain = address.strip().lower().rpartition("@")
    domain = idna.encode(domain, uts46=True).decode() if not domain.isascii() else domain
    domain = _SAME_AS.get(domain, domain)
    local = local.partition("+")[0] or local
    if domain in _IGNORES_DOTS:
        local = local.replace(".", "")
    return f"{local}@{domain}"


def domain(address: str) -> str:
    """Return the domain that receives the letters of an address."""
    return canonical(address).rpartition("@")[2]


def digest(address: str) -> bytes:
    """Return 32 bytes that are the same for the same mailbox and tell nothing without the key."""
    return hmac.digest(bytes(_key), canonical(address).encode(), sha256)
