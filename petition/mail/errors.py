"""Why a message was not accepted, in words that hold no address."""

from smtplib import SMTPResponseException


class DeliveryError(Exception):
    """Raised when a message was not accepted; ``reason`` says why, in at most 200 characters and without an address.

    ``maybe_delivered``: the server had all of the message and its reply was lost, so the message may have arrived.
    """

    def __init__(self, reason: str, *, maybe_delivered: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.maybe_delivered = reason, maybe_delivered


class PermanentFailure(DeliveryError):
    """Raised when this message will never be accepted: a 5xx reply about it (RFC 5321 §4.2.1), or a bad address."""


class TransientFailure(DeliveryError):
    """Raised when this message is not accepted now: a 4xx reply (RFC 5321 §4.2.1); the next message may be."""


class PolicyFailure(TransientFailure):
    """Raised when the server refuses this content or this sender (5.7.x, RFC 3463 §3.8): an operator can mend that."""


class ConnectionLost(DeliveryError):
    """Raised when a fresh connection failed under this message; the next message would hardly fare better."""


class ServerUnavailable(DeliveryError):
    """Raised when no connection could be opened (or no file written); no message was tried."""


def describe(error: Exception) -> str:
    """Return the ``reason`` of an error of smtplib or of the operating system."""
    if isinstance(error, SMTPResponseException):
        return redact(error.smtp_code, error.smtp_error)
    return redact(type(error).__name__, str(error))


def redact(code: int | str, text: bytes | str, recipient: str = "") -> str:
    """Return a reply in at most 200 characters.

    An ellipsis replaces each word that may be an address, holds the local part of ``recipient`` or cannot be printed.
    """
    words = (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).split()
    secret = recipient.partition("@")[0].lower() or "@"
    shown = [word if word.isprintable() and "@" not in word and secret not in word.lower() else "…" for word in words]
    return " ".join([str(code), *shown])[:200]
