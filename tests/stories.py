"""Published stories for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import publications
from petition.lib import clock
from petition.models import Call, PublishedStory, Story, StoryLicence, StoryState, StoryWords
from tests import factories


def publish(session: Session, call: Call, **changes: Any) -> PublishedStory:
    """Return a committed published story; each of another person, a second newer than the one before.

    ``text``, ``language``, ``details``, ``licence`` and ``credit`` are its words, anything else is of the signature.
    """
    number = len(session.scalars(select(Story.id)).all())
    usual = {"text": f"Story {number}", "language": "en", "licence": StoryLicence.CC_BY, "credit": "Suzie"}
    names = {"text", "language", "details", "licence", "credit"}
    words = usual | {name: value for name, value in changes.items() if name in names}
    others = {name: value for name, value in changes.items() if name not in names}
    signature = factories.confirm(
        session, call, **{"email": f"s{number}@example.org"} | others, story=StoryWords(call.kind, **words)
    )
    story = session.scalars(select(Story).where(Story.signature_id == signature.id)).one()
    story.state = StoryState.APPROVED
    publications.publish(session, story)
    shown = session.get_one(PublishedStory, story.id)
    shown.published_at = shown.updated_at = clock.now() + timedelta(seconds=number)
    session.commit()
    return shown
