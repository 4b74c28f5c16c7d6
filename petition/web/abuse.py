"""What stands before the writing of a letter that anybody can ask for."""

from datetime import UTC, datetime

from limits import RateLimitItemPerHour

from petition.forms.token import LIFETIME, LetterForm
from petition.http import current, proof_of_work, rate_limits
from petition.http.rate_limits import RateLimit, rate_limit
from petition.lib import email_addresses, mail_providers

# Schools, offices and the carriers of phones share one address, so these are wide; letters have limits of their own per
# mail address.
SIGN_LIMIT = rate_limit("sign", household="60/10minutes;600/day", network="1200/10minutes;12000/day")
FIND_LIMIT = rate_limit("find", household="10/10minutes;50/day", network="100/10minutes;500/day")

# The most hours that a letter waits because too many go to its domain.
_MAX_DELAY_HOURS = 48


def check_abuse(limit: RateLimit, form: LetterForm) -> datetime | None:
    """Return when the letter that a form asks for may leave, if very many go to its domain; None means at once.

    Raises TooManyRequests and ProofRequired. What is counted here stays counted, whatever becomes of the request.
    """
    rate_limits.check(limit)
    email = form.email.data or ""
    proof = ""
    if proof_of_work.is_on():
        # What was typed is in the challenge, so each letter costs its own work; the form's token, so that pages can be
        # cached.
        typed, token = (form.email.raw_data or [""])[0], form.token.data or ""
        proof = proof_of_work.check(f"{token}\n{typed}", email, form.proof.data or "", form.ticket.data or "", LIFETIME)
    leaves_at = delivery_time(email)
    if proof:
        proof_of_work.mark_used(proof, email, LIFETIME)
    return leaves_at


def delivery_time(email: str) -> datetime | None:
    """Return when a letter may leave, if very many go to its mail domain; None means at once.

    Nothing is refused. The major providers, to which most letters go, have no such limit.
    """
    counter, per_hour = rate_limits.counter(), current.settings().letters_per_domain
    domain = email_addresses.domain(email)
    if counter is None or not per_hour or domain in mail_providers.MAJOR:
        return None
    limit = RateLimitItemPerHour(per_hour)
    hours = next(
        (hour for hour in range(_MAX_DELAY_HOURS) if counter.hit(f"letters {domain}", limit, hour)), _MAX_DELAY_HOURS
    )
    return datetime.fromtimestamp(counter.ends_at(limit, hours - 1), UTC) if hours else None
