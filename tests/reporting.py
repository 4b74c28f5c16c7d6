"""Stories that are shown and reports about them, in the tests."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.domain import publications, reports, story_tallies
from petition.domain.reports import Typed
from petition.models import (
    Call,
    CallKind,
    PublishedStory,
    Report,
    ReportCase,
    ReportReason,
    Story,
    StoryLicence,
    StoryState,
    StoryWords,
)
from tests.factories import confirm

WORDS = StoryWords(CallKind.PETITION, "fr", "Ma tante habite rue Verte.", {}, StoryLicence.CC_BY, "Suzie", True)

HIDE = {"outcome": "hidden", "ground": "privacy", "sentence": "It names where a person lives."}


def publish(session: Session, call: Call, state: StoryState, **changes: Any) -> Story:
    """Return a story that the public sees: ``approved``, or ``waiting`` as under post-moderation; commits."""
    signature = confirm(session, call, **{"story": WORDS} | changes)
    story = session.scalars(select(Story).where(Story.signature_id == signature.id)).one()
    story.state = state
    publications.publish(session, story)
    session.commit()
    return story


def file_report(
    session: Session, about: str, network: int = 1, reason: ReportReason = ReportReason.PRIVACY, **changes: Any
) -> Report:
    """Return a report from a network; commits."""
    usual = {"reason": reason, "text": "My address.", "name": "", "email": "", "language": "en"}
    reported = reports.get_reported(session, about)
    report = reports.submit(session, reported, Typed(**usual | changes), network_digest=bytes([network]) * 32)
    session.commit()
    return report


def is_public(session: Session, story: Story) -> bool:
    """Whether the public sees a story, and the tally knows it."""
    assert story_tallies.drift(session) == []
    return session.get(PublishedStory, story.id, populate_existing=True) is not None


def decide(client: FlaskClient, token: str, path: str, **typed: str) -> TestResponse:
    """Decide a case on its page, as it is shown."""
    revision = re.search(r'name="revision"[^>]*value="([^"]*)"', client.get(path).text)
    return client.post(path, data={"csrf_token": token, "revision": revision[1] if revision else "", **typed})


def reported_things(session: Session, call: Call) -> ReportCase:
    """Return the case of a petition that is reported; a story waits in the queue too, hidden as nobody has read it."""
    words = StoryWords(call.kind, "fr", "Ma tante habite rue Verte, au numéro 12.", {}, StoryLicence.CC_BY, "Suzie")
    story = publish(session, call, StoryState.WAITING, story=words, email="author@example.org")
    file_report(session, f"story:{story.id}", text="It says where my aunt lives.", name="Chris")
    said = {
        ReportReason.COPYRIGHT: "The second paragraph is from my book, page 12.",
        ReportReason.SPAM: "It only wants to sell tickets.",
    }
    for network, (reason, text) in enumerate(said.items()):
        case = file_report(session, f"call:{call.slug}", network, reason, text=text).case
    return case
