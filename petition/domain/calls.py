"""Calls and their words, as far as the public may see them."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from petition.errors import Gone, NotFound, PetitionError
from petition.models import SHOWN, Call, CallAlias, CallState, CallText, Campaign, hidden_from_public


class Moved(PetitionError):
    """Raised for an address that a call had before; ``slug`` is the one it has now."""

    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug


class TakenDown(Gone):
    """Raised for a call that was taken down; ``call`` says when and why."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call


def get_call(session: Session, slug: str) -> Call:
    """Return a call that the public may see.

    Raises NotFound for a call that is unknown or not yet published, Moved for an earlier address of one that is not
    hidden, and TakenDown.
    """
    call = session.scalar(_BY_SLUG, {"slug": slug}) or session.scalar(_BY_ALIAS, {"slug": slug})
    if call is None:
        raise NotFound
    if call.state == CallState.REMOVED:
        raise TakenDown(call)
    if refusal := hidden_from_public(call.state):
        raise refusal
    if call.slug != slug:
        raise Moved(call.slug)
    return call


_BY_SLUG = select(Call).where(Call.slug == bindparam("slug"))
_BY_ALIAS = select(Call).join(CallAlias, CallAlias.call_id == Call.id).where(CallAlias.slug == bindparam("slug"))


def text_of(session: Session, call: Call, language: str) -> CallText:
    """Return the call's words, in the language asked for or else the call's own; raises NotFound without any."""
    for code in (language, call.language):
        if text := session.get(CallText, (call.id, code)):
            return text
    raise NotFound


def published(session: Session, *, campaign: Campaign | None = None) -> Sequence[Call]:
    """Return the calls of one campaign, or of all, that the public may see: open ones first, then the newest."""
    query = select(Call).where(Call.state.in_(SHOWN)).order_by(Call.opens_at.desc(), Call.id)
    if campaign is not None:
        query = query.where(Call.campaign_id == campaign.id)
    return sorted(session.scalars(query), key=lambda call: not call.is_open)
