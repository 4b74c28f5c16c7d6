"""Calls and their words, as far as the public may see them."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from petition.errors import NotFound
from petition.models import Call, CallState, CallText, Campaign, hidden_from_public


def get_call(session: Session, slug: str) -> Call:
    """Return a call that the public may see.

    Raises NotFound for a call that is unknown, hidden or not yet published, and Gone for one that was removed.
    """
    call = session.scalar(_BY_SLUG, {"slug": slug})
    if call is None:
        raise NotFound
    if refusal := hidden_from_public(call.state):
        raise refusal
    return call


_BY_SLUG = select(Call).where(Call.slug == bindparam("slug"))


def text_of(session: Session, call: Call, language: str) -> CallText:
    """Return the call's words, in the language asked for or else the call's own; raises NotFound without any."""
    for code in (language, call.language):
        if text := session.get(CallText, (call.id, code)):
            return text
    raise NotFound


def published(session: Session, *, campaign: Campaign | None = None) -> Sequence[Call]:
    """Return the calls of one campaign, or of all, that the public may see: open ones first, then the newest."""
    query = select(Call).where(Call.state == CallState.PUBLISHED).order_by(Call.opens_at.desc(), Call.id)
    if campaign is not None:
        query = query.where(Call.campaign_id == campaign.id)
    return sorted(session.scalars(query), key=lambda call: not call.is_open)
