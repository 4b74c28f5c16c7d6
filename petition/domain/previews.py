"""Links that show a draft to outsiders, and the draft as the public would see it, never written to the tables."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import audit
from petition.errors import Gone, NotFound
from petition.lib import clock, tokens
from petition.models import (
    Call,
    CallContent,
    CallState,
    CallText,
    Organiser,
    PreviewLink,
    call_columns,
    content_of,
    missing,
    moment,
    newest_revisions,
    text_columns,
)

LIFETIME = timedelta(days=terms.PREVIEW_DAYS)
# So many links of a call can be open at once.
MOST = 20


class PreviewRevoked(Gone):
    """Raised for a link to a draft that was taken back, or is too old."""


class Draft(NamedTuple):
    """A draft as the public would see it, and its words by language; rows that belong to no session."""

    call: Call
    texts: dict[str, CallText]


def create(session: Session, person: Organiser, call: Call) -> PreviewLink:
    """Return a new link to the draft of a call, good for LIFETIME; the oldest of more than MOST is revoked."""
    now = clock.now()
    for old in links(session, call)[MOST - 1 :]:
        old.revoked_at = now
    link = PreviewLink(
        call_id=call.id,
        nonce=secrets.token_hex(16),
        created_by=person.id,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    session.add(link)
    session.flush()
    audit.record(session, person, "create_preview_link", link, team_id=call.campaign.team_id)
    return link


def links(session: Session, call: Call) -> Sequence[PreviewLink]:
    """Return the links of a call that work, the newest first."""
    return session.scalars(
        select(PreviewLink)
        .where(PreviewLink.call_id == call.id, PreviewLink.revoked_at.is_(None), PreviewLink.expires_at > clock.now())
        .order_by(PreviewLink.id.desc())
    ).all()


def revoke(session: Session, person: Organiser, call: Call, link_id: int) -> None:
    """Let a link of a call work no more; raises NotFound for one that does not work, or is of another call."""
    link = next((link for link in links(session, call) if link.id == link_id), None)
    if link is None:
        raise NotFound
    link.revoked_at = clock.now()
    audit.record(session, person, "revoke_preview_link", link, team_id=call.campaign.team_id)


def token(link: PreviewLink) -> str:
    """Return what stands in the address of a link; it is in no table."""
    return tokens.make("preview", f"{link.id}-{link.nonce}")


def get_call(session: Session, token: str) -> Call:
    """Return the call of a link; raises BrokenLink for one that is not ours, and PreviewRevoked.

    A call that was taken down has no previews.
    """
    try:
        link_id, _, nonce = tokens.read("preview", token, LIFETIME).partition("-")
    except tokens.LinkExpired:
        raise PreviewRevoked from None
    link = session.get(PreviewLink, int(link_id))
    if link is None or link.nonce != nonce or link.revoked_at or link.expires_at <= clock.now():
        raise PreviewRevoked
    call = session.get_one(Call, link.call_id)
    if call.state == CallState.REMOVED:
        raise PreviewRevoked
    return call


def draft_of(session: Session, call: Call) -> Draft:
    """Return what the public would see if the draft of a call was published and open now.

    Languages that are not complete are left out, as they would be, but never the call's own; words that are missing
    there are empty.
    """
    revision = session.scalar(newest_revisions(call.id).limit(1))
    texts = list(session.scalars(select(CallText).where(CallText.call_id == call.id)))
    content = cast("CallContent", revision.content) if revision else content_of(call, texts)
    lacking = missing(content).keys() - {content["language"]}
    shown = {
        language: CallText(call_id=call.id, **text_columns(language, text))
        for language, text in content["texts"].items()
        if language not in lacking
    }
    values = {column.key: getattr(call, column.key) for column in Call.__table__.columns}
    closes_at = moment(content["closes_at"])
    now = clock.now()
    times = {
        "opens_at": min(call.opens_at, now),
        "closes_at": closes_at if closes_at and closes_at > now else None,
        "paused_at": None,
        "changed_at": None,
    }
    row = Call(**values | call_columns(content) | times | {"state": CallState.PUBLISHED})
    row.campaign = call.campaign
    return Draft(row, shown)
