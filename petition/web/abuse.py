"""What stands before the writing of a letter that anybody can ask for."""

from datetime import UTC, datetime

from flask import request
from limits import RateLimitItemPerDay, RateLimitItemPerHour

from petition.forms.token import LIFETIME, LetterForm
from petition.http import current, proof_of_work, rate_limits
from petition.http.rate_counter import SharedCounter
from petition.http.rate_limits import RateLimit, TooManyRequests, rate_limit
from petition.lib import clock, email_addresses, ip_networks, mail_providers

# Schools, offices and the carriers of phones share one address, so these are wide; letters have limits of their own per
# mail address.
SIGN_LIMIT = rate_limit("sign", household="60/10minutes;600/day", network="1200/10minutes;12000/day")
REPORT_LIMIT = rate_limit("report", household="10/10minutes;40/day", network="60/10minutes;400/day")
FIND_LIMIT = rate_limit("find", household="10/10minutes;50/day", network="100/10minutes;500/day")

# How often one household may name the same mailbox; fewer than the letters that a mailbox gets about one call, so one
# household alone keeps nobody from theirs.
_MAILBOX_LIMIT = RateLimitItemPerDay(5)

# The most hours that a letter waits because too many go to its domain, and how many times a network's share of a domain
# all networks together may take.
_MAX_DELAY_HOURS = 48
_ALL_NETWORKS = 10


def check_abuse(limit: RateLimit, form: LetterForm, *, per_mailbox: bool = True) -> datetime | None:
    """Return when the letter that a form asks for may leave, if very many go to its domain; None means at once.

    A form without an address asks for no letter. Where ``per_mailbox`` is false, one household may name the same
    mailbox as often as it likes. Raises TooManyRequests and ProofRequired. What is counted here stays counted, whatever
    becomes of the request.
    """
    rate_limits.check(limit)
    email = form.email.data or ""
    proof = ""
    if proof_of_work.is_on():
        # What was typed is in the challenge, so each letter costs its own work; the form's token, so that pages can be
        # cached.
        typed, token = (form.email.raw_data or [""])[0], form.token.data or ""
        proof = proof_of_work.check(f"{token}\n{typed}", email, form.proof.data or "", form.ticket.data or "", LIFETIME)
    leaves_at = None
    if email:
        if per_mailbox:
            _check_mailbox(email)
        leaves_at = delivery_time(email)
    if proof:
        proof_of_work.mark_used(proof, email, LIFETIME)
    return leaves_at


def _check_mailbox(email: str) -> None:
    counter = rate_limits.counter()
    if counter is None:
        return
    household, _network = ip_networks.client_networks(request.remote_addr or "")
    if not counter.hit(f"mailbox {email_addresses.mailbox(email)} {household}", _MAILBOX_LIMIT):
        raise TooManyRequests(counter.ends_at(_MAILBOX_LIMIT) - int(clock.now().timestamp()))


def delivery_time(email: str) -> datetime | None:
    """Return when a letter may leave, if very many go to its mail domain; None means at once.

    Nothing is refused. Each network has PETITION_MAIL_PER_DOMAIN_PER_HOUR for a domain, so that what it invents delays
    its own letters first, and all networks together ten times that. The major providers, to which most letters go, have
    no such limit.
    """
    counter, per_hour = rate_limits.counter(), current.settings().mail_per_domain_per_hour
    domain = email_addresses.domain(email)
    if counter is None or not per_hour or domain in mail_providers.MAJOR:
        return None
    _household, network = ip_networks.client_networks(request.remote_addr or "")
    limits = {
        f"letters {domain} {network}": RateLimitItemPerHour(per_hour),
        f"letters {domain}": RateLimitItemPerHour(per_hour * _ALL_NETWORKS),
    }
    hours = 0
    for what, limit in limits.items():
        hours = next(
            (hour for hour in range(hours, _MAX_DELAY_HOURS) if counter.hit(what, limit, hour)), _MAX_DELAY_HOURS
        )
    ends_at = SharedCounter.ends_at(RateLimitItemPerHour(per_hour), hours - 1)
    return datetime.fromtimestamp(ends_at, UTC) if hours else None
