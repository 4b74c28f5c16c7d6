"""What the pages about passkeys and codes have in common: who asks, and what people read when a rule refuses."""

from flask_babel import lazy_gettext as _

from petition import terms
from petition.domain import factors
from petition.http import current
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.lib import passkeys
from petition.lib.passkeys import RelyingParty, Untrue

_REFUSED = _("This passkey was not accepted")

ERRORS: ErrorPages = {
    factors.ChallengeGone: ErrorPage(
        409, _REFUSED, _("It took longer than five minutes, or the answer was sent twice. Please try again.")
    ),
    Untrue: ErrorPage(
        400, _REFUSED, _("We could not verify what your browser sent. Please try again, or sign in another way.")
    ),
    factors.UnknownPasskey: ErrorPage(
        403, _REFUSED, _("No account has it, or it was removed. Please use another one, or sign in with your password.")
    ),
    factors.PasskeyCopied: ErrorPage(
        403,
        _REFUSED,
        _(
            "It was used more often than we know of, so there may be a copy of it. Please sign in another way and remove it."
        ),
    ),
    factors.KnownPasskey: ErrorPage(409, _REFUSED, _("An account has this passkey already.")),
    factors.TooManyPasskeys: ErrorPage(
        409,
        _REFUSED,
        _("You have %(most)s passkeys, and there cannot be more. Remove one first.", most=terms.PASSKEYS),
    ),
    factors.LastFactor: ErrorPage(
        409,
        _("This passkey is your only way in"),
        _("Your account has no password. Choose one first, or add another passkey; then this one can be removed."),
    ),
}


def relying_party() -> RelyingParty:
    """Return for whom passkeys are made: the host and the origin of PETITION_BASE_URL."""
    return passkeys.relying_party(current.settings().base_url)
