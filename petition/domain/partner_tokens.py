"""The tokens with which partners' programs report signatures: only their digests are kept, and each can be revoked."""

import secrets
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import audit
from petition.errors import Conflict, NotFound
from petition.lib import clock
from petition.lib.session_rows import digest
from petition.models import Organiser, Partner, PartnerToken

# So that scanners of public code know what they found.
_PREFIX = "pt_"
_BYTES = 32


class TooManyTokens(Conflict):
    """Raised when a partner would have more than PARTNER_TOKENS tokens that are good."""


def make_token(session: Session, actor: Organiser, partner: Partner, name: str) -> tuple[PartnerToken, str]:
    """Return a new token of a partner and its 46 characters, which nobody can read again; raises TooManyTokens."""
    # Two that are made at once wait for each other.
    session.execute(update(Partner).where(Partner.id == partner.id).values(slug=Partner.slug))
    is_good = PartnerToken.partner_id == partner.id, PartnerToken.revoked_at.is_(None)
    if (session.scalar(select(func.count()).select_from(PartnerToken).where(*is_good)) or 0) >= terms.PARTNER_TOKENS:
        raise TooManyTokens
    text = _PREFIX + secrets.token_urlsafe(_BYTES)
    token = PartnerToken(partner=partner, digest=digest(text), name=name, created_at=clock.now())
    session.add(token)
    audit.record(session, actor, "make_partner_token", token, team_id=partner.team_id)
    return token, text


def tokens(session: Session, partner: Partner) -> Sequence[PartnerToken]:
    """Return the good tokens of a partner, the oldest first."""
    theirs = PartnerToken.partner_id == partner.id, PartnerToken.revoked_at.is_(None)
    return session.scalars(select(PartnerToken).where(*theirs).order_by(PartnerToken.id)).all()


def get_token(session: Session, partner: Partner, token_id: int) -> PartnerToken:
    """Return a token of a partner; raises NotFound."""
    token = session.get(PartnerToken, token_id)
    if token is None or token.partner_id != partner.id:
        raise NotFound
    return token


def revoke_token(session: Session, actor: Organiser, token: PartnerToken) -> None:
    """Let a token be good no more; doing so twice changes nothing."""
    is_good = PartnerToken.id == token.id, PartnerToken.revoked_at.is_(None)
    revoked = update(PartnerToken).where(*is_good).values(revoked_at=clock.now()).returning(PartnerToken.id)
    if session.scalar(revoked):
        audit.record(session, actor, "revoke_partner_token", token, team_id=token.partner.team_id)


def find_partner(session: Session, text: str, slug: str) -> Partner | None:
    """Return the partner of that name to which a token belongs.

    None for any other token, one that was revoked, and a partner that is paused. It is found by its digest, so how long
    that takes says nothing about a token.
    """
    if not text.startswith(_PREFIX):
        return None
    return session.scalar(
        select(Partner)
        .join(PartnerToken, PartnerToken.partner_id == Partner.id)
        .where(
            PartnerToken.digest == digest(text),
            PartnerToken.revoked_at.is_(None),
            Partner.slug == slug,
            ~Partner.is_paused,
        )
    )
