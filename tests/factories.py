"""Rows for tests; pass only what the test is about."""

import secrets
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import confirming, signing
from petition.domain.confirming import Confirmation
from petition.domain.links import Link
from petition.lib import clock, email_addresses
from petition.models import (
    CONSENT_VERSION,
    Call,
    CallKind,
    CallState,
    CallText,
    CallVersion,
    Campaign,
    CampaignText,
    Letter,
    Partner,
    Signature,
    SignatureState,
    Story,
    StoryLicence,
    StoryState,
    StoryWords,
    Team,
    columns_of,
    text_content,
)

OPENED = datetime(2026, 1, 1, tzinfo=UTC)

SUZIE = signing.SignatureRequest(
    call="open-culture",
    name="Suzie Signer",
    email="suzie@example.org",
    country="NL",
    story=None,
    show_name=True,
    wants_updates=False,
    language="en",
)


def make_call(session: Session, **values: Any) -> Call:
    """Return a committed, published petition that is open, in English and French; ``team`` has its campaign."""
    slug, team = values.get("slug", "open-culture"), values.pop("team", None)
    campaign = Campaign(slug=f"campaign-of-{slug}", hashtag="#AllezCulture", accent="sea", language="en", team=team)
    session.add(campaign)
    session.flush()
    session.add(CampaignText(campaign_id=campaign.id, language="en", title="Culture", summary="Open it.", body=""))
    usual = {
        "campaign_id": campaign.id,
        "slug": slug,
        "kind": CallKind.PETITION,
        "state": CallState.PUBLISHED,
        "language": "en",
        "opens_at": OPENED,
        "version": 1,
    }
    call = Call(**usual | values)
    session.add(call)
    session.flush()
    for language, title in {"en": "Keep culture open", "fr": "Gardons la culture ouverte"}.items():
        session.add(
            CallText(
                call_id=call.id,
                language=language,
                title=title,
                addressee="The Parliament",
                ask="Fund it.",
                body="## Why\n\nBecause it is *ours*.",
                thanks="Thank you.",
                share_text="I have signed.",
            )
        )
    texts = session.scalars(select(CallText).where(CallText.call_id == call.id))
    words = {text.language: dict(text_content(text)) for text in texts}
    session.add(CallVersion(call_id=call.id, number=1, texts=words, published_at=call.opens_at))
    session.commit()
    return call


def sign(session: Session, call: Call, **changes: Any) -> Signature:
    """Return Suzie's committed signature after she signed: the words that wait, or what counts already.

    ``story`` may be the text alone, which is then not to be published.
    """
    if isinstance(changes.get("story"), str):
        changes["story"] = StoryWords(call.kind, "en", changes["story"])
    request = replace(SUZIE, call=call.slug, kind=call.kind, **changes)
    assert signing.sign(session, [request]) == [None]
    session.commit()
    session.expire_all()
    found = Signature.call_id == call.id, Signature.email_digest == email_addresses.digest(request.email)
    theirs = session.scalars(select(Signature).where(*found).order_by(Signature.id)).all()
    return [*theirs[:1], *(one for one in theirs if one.version == request.version)][-1]


def button(signature: Signature) -> Confirmation:
    """Return what the page of a signature that waits sends when its button is pressed."""
    return Confirmation(Link(signature.id, signature.link_id.partition(".")[2]), confirming.button(signature))


def confirm(session: Session, call: Call, **changes: Any) -> Signature:
    """Return Suzie's committed signature, confirmed."""
    signature = sign(session, call, **changes)
    assert confirming.confirm(session, [button(signature)]) == [None]
    session.commit()
    session.refresh(signature)
    return signature


def make_partner(session: Session, team: Team, slug: str = "museum", **values: Any) -> Partner:
    """Return a committed partner of a team that is credited for signatures and listed in public."""
    usual = {"name": f"The {slug}", "language": "en", "is_listed": True, "created_at": OPENED}
    partner = Partner(team_id=team.id, slug=slug, **usual | values)
    session.add(partner)
    session.commit()
    return partner


def make_story(session: Session, call: Call, text: str = "Everybody reads.", **values: Any) -> Story:
    """Return a committed story that waits, of a confirmed signature, whatever the state of the call."""
    now, words = clock.now(), StoryWords(call.kind, values.pop("language", "en"), text, {}, StoryLicence.CC_BY)
    signature = Signature(
        call_id=call.id,
        email_digest=secrets.token_bytes(16),
        state=SignatureState.CONFIRMED,
        language="en",
        consent_version=CONSENT_VERSION,
        requested_at=now,
        confirmed_at=now,
    )
    session.add(signature)
    session.flush()
    usual = {"state": StoryState.WAITING, "submitted_at": now}
    story = Story(signature_id=signature.id, call_id=call.id, **columns_of(words) | usual | values)
    session.add(story)
    session.commit()
    return story


def signatures(session: Session) -> list[Signature]:
    """Return all signatures as they stand in the database, oldest first."""
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Signature).order_by(Signature.id)))


def letters(session: Session) -> list[Letter]:
    """Return all letters as they stand in the database, oldest first."""
    session.commit()
    session.expire_all()
    return list(session.scalars(select(Letter).order_by(Letter.id)))


def the_letter(session: Session) -> Letter:
    """Return the only letter as it stands in the database."""
    (letter,) = letters(session)
    return letter


def letters_by_state(session: Session) -> Counter[str]:
    """Return how many letters are in each state."""
    return Counter(letter.state.value for letter in letters(session))


def text_told(signature: Signature) -> str | None:
    """Return the text that was told with a signature."""
    return signature.told.text if signature.told else None
