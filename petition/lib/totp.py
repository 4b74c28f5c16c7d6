"""Codes of authenticator apps (TOTP, RFC 6238): six digits that change every 30 seconds."""

from datetime import datetime
from hmac import compare_digest

import pyotp
import segno

SECONDS = 30
# How many steps a phone's clock may be behind or ahead; RFC 6238 §5.2 recommends one.
_SKEW = 1


def new_secret() -> str:
    """Return a random secret of 160 bits in Base32."""
    return pyotp.random_base32()


def uri(secret: str, account: str, issuer: str) -> str:
    """Return what a QR code tells an app: the secret, whose account it is for, and where."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def qr(text: str) -> str:
    """Return a text as a QR code, an inline SVG, black on white also in the dark."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr")


def step(secret: str, code: str, at: datetime) -> int | None:
    """Return the step (30 seconds each since 1970) whose code this is, of those around a moment; None for a wrong one.

    Spaces in the code do not matter.
    """
    typed, now = "".join(code.split()), int(at.timestamp()) // SECONDS
    steps = range(now - _SKEW, now + _SKEW + 1)
    # All are compared, so that the time taken says nothing.
    right = [step for step in steps if compare_digest(pyotp.TOTP(secret).generate_otp(step).encode(), typed.encode())]
    return right[-1] if right else None
