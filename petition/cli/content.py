"""The demo content: one file a campaign or call, with its words in three languages."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.db import insert, is_sqlite, session
from petition.domain import publishing, totals
from petition.lib import clock, email_addresses
from petition.models import (
    CONSENT_VERSION,
    AddresseeContent,
    Call,
    CallRevision,
    CallState,
    Campaign,
    CampaignText,
    Signature,
    SignatureState,
    TextContent,
    content_of,
    empty_text,
)

_FOLDER = Path(__file__).parent.parent / "demo"
_Row = TypeVar("_Row", Campaign, Call)


@click.command("load-demo")
@with_appcontext
def load_demo() -> None:
    """Load the #AllezCulture campaign with its two petitions; safe to run twice."""
    load(session)
    click.echo("The #AllezCulture campaign is there.")


def load(session: Session) -> None:
    """Write the campaign, its calls and the few signatures that are labelled as made up; commits."""
    campaign = _campaign(session, _read("allezculture"))
    for name in ("keep-culture-open-2013", "keep-culture-open"):
        _call(session, campaign, _read(name))
    session.commit()


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


def _campaign(session: Session, content: dict[str, Any]) -> Campaign:
    texts = content.pop("texts")
    campaign = _put(session, Campaign, content | {"language": "en"})
    for language, text in texts.items():
        session.merge(CampaignText(campaign_id=campaign.id, language=language, **text))
    return campaign


def _call(session: Session, campaign: Campaign, content: dict[str, Any]) -> None:
    texts, signatures, _slug = content.pop("texts"), content.pop("signatures", []), content.pop("campaign")
    # The made-up signatures lie in the past, and so the opening must too, whatever the clock of this machine says.
    content["opens_at"] = min(content["opens_at"], clock.now() - timedelta(days=14))
    call = session.scalar(select(Call).where(Call.slug == content["slug"]))
    if call is None:
        # What is published already stays as it is: words change only in the open.
        call = _put(session, Call, content | {"campaign_id": campaign.id, "state": CallState.DRAFT})
        words = {language: _words(text) for language, text in texts.items()}
        draft = dict(content_of(call, [])) | {"texts": words}
        session.add(CallRevision(call_id=call.id, number=1, content=draft, saved_at=clock.now()))
        publishing.publish(session, None, call, revision=1)
    for number, signature in enumerate(signatures):
        _sign(session, call, f"made-up-{number}@demo.invalid", signature)


def _words(text: dict[str, str]) -> TextContent:
    """Return the words of a file as a revision holds them; its addressees stand there in one sentence."""
    addressee = AddresseeContent(name=text.pop("addressee"), kind="institution", url="")
    return empty_text() | text | {"addressees": [addressee]}  # type: ignore[return-value]


def _put(session: Session, table: type[_Row], values: dict[str, Any]) -> _Row:
    row = session.scalar(select(table).where(table.slug == values["slug"])) or table()
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row


def _sign(session: Session, call: Call, email: str, made_up: dict[str, Any]) -> None:
    confirmed_at = clock.now() - timedelta(hours=made_up["hours_ago"])
    signed = session.execute(
        insert(is_sqlite(session), Signature)
        .values(
            call_id=call.id,
            email_digest=email_addresses.digest(email),
            address_digest=email_addresses.exact_digest(email),
            state=SignatureState.CONFIRMED,
            name=made_up["name"],
            country=made_up["country"] or None,
            language=made_up["language"],
            partner="",
            show_name=made_up["show_name"],
            wants_updates=False,
            consent_version=CONSENT_VERSION,
            requested_at=confirmed_at,
            confirmed_at=confirmed_at,
        )
        .on_conflict_do_nothing()
        .returning(*totals.COUNTED)
    ).one_or_none()
    if signed:
        totals.add(session, [signed], +1)
