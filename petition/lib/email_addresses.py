"""E-mail addresses: what is one, which two are the same mailbox, and its keyed digest.

The key of the digests is one for the process, as the rules and the worker know no app: a process serves one
installation, and two apps with different keys in it would disagree about who has signed.
"""

import hmac
import re
from hashlib import sha256

import idna
from email_validator import EmailNotValidError, validate_email

from petition.lib import texts
from petition.lib.mail_providers import FOLDINGS

_key = bytearray()


def repair(text: str) -> str:
    """Return the address in what somebody pasted, such as ``Name <a@b>``, ``mailto:a@b?subject=…`` or ``a@b.``.

    What holds no single address comes back as it is, without the white space and invisible marks around it.
    """
    plain = re.sub("[\u200c\u200d]", "", texts.line(text))
    if found := _IN_BRACKETS.fullmatch(plain):
        plain = found[1]
    if plain.lower().startswith("mailto:"):
        plain = plain[len("mailto:") :].partition("?")[0]
    return plain.strip(_AROUND).rstrip(".")


_IN_BRACKETS = re.compile(r"[^<>]*<([^<>@]+@[^<>]+)>[^<>]*")
_AROUND = " .,;:!?<>()[]\"'“”„‘’«»"


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


def exact(address: str) -> str:
    """Return the address in lower case, its domain in IDNA: two spellings of this form are one address to anybody."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"


def mailbox(address: str) -> str:
    """Return one address for all that are known to reach the same mailbox; good for counting, no proof of ownership.

    Tags, dots and domains fold only where the provider says that it ignores them (``mail_providers.FOLDINGS``):
    ``a.b+c@googlemail.com`` is ``ab@gmail.com``, while ``a.b+c@firm.example`` stays as it is.
    """
    local, _, domain = exact(address).rpartition("@")
    folding = FOLDINGS.get(domain)
    if folding is None:
        return f"{local}@{domain}"
    local = local.partition(folding.tag)[0] or local
    for sign in folding.same_as_dot:
        local = local.replace(sign, ".")
    local = "".join(letter for letter in local if letter not in folding.ignored) or local
    return f"{local}@{folding.domain}"


def domain(address: str) -> str:
    """Return the domain that receives the letters of an address."""
    return mailbox(address).rpartition("@")[2]


def digest(address: str) -> bytes:
    """Return 32 bytes that are the same for the same mailbox and tell nothing without the key."""
    return _digest(mailbox(address))


def exact_digest(address: str) -> bytes:
    """Return 32 bytes that are the same for the same address only: they tell whose link may be sent there."""
    return _digest("exact\0" + exact(address))


def fingerprint() -> bytes:
    """Return 16 bytes that tell the key of the digests from any other and say nothing about it."""
    return hmac.digest(bytes(_key), b"petition.fingerprint", sha256)[:16]


def _digest(text: str) -> bytes:
    return hmac.digest(bytes(_key), text.encode(), sha256)
