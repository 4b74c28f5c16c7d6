"""E-mail addresses: what is one, which two are the same mailbox, and its keyed digest.

The key of the digests is one for the process, as the rules and the worker know no app: a process serves one
installation, and two apps with different keys in it would disagree about who has signed.
"""

import hmac
from hashlib import sha256

import idna
from email_validator import EmailNotValidError, validate_email

_key = bytearray()

# Providers that deliver a.b@ and ab@ to the same person.
_IGNORES_DOTS = {"gmail.com"}
_SAME_AS = {"googlemail.com": "gmail.com"}


def deliverable(address: str) -> str:
    """Return an address as it goes over SMTP: ASCII, its domain in lower-case IDNA; raises ValueError for any other.

    What stands before the @ keeps its case and must be ASCII (no SMTPUTF8, RFC 6531); whether it exists is not asked.
    """
    try:
        checked = validate_email(address, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return checked.ascii_email or checked.normalized


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


def fingerprint() -> bytes:
    """Return 16 bytes that tell the key of the digests from any other and say nothing about it."""
    return hmac.digest(bytes(_key), b"petition.fingerprint", sha256)[:16]
