"""Which stories the public sees, and how many: moved in the transaction of whatever changes it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from petition.domain import story_cards, story_tallies
from petition.errors import Conflict
from petition.lib import clock
from petition.models import (
    PublishedStory,
    Signature,
    SignatureState,
    Story,
    StoryTally,
    hero_key,
)


class NotCounted(Conflict):
    """Raised when a story is to be published that may not be: its signature does not count, or nobody agreed."""


class Place(NamedTuple):
    """Since when a story is public and featured: what a story that is shown already keeps."""

    published_at: datetime
    featured_at: datetime | None = None


def publish(session: Session, story: Story, place: Place | None = None) -> None:
    """Show the newest words of a story to the public; its signature must count, and its author must have agreed.

    A story that is shown already keeps its place, another gets that given, or a new one. Raises NotCounted for a
    signature that does not count.
    """
    # Locked, so that who withdraws at this moment waits, and then takes the story along.
    signature = session.execute(
        select(Signature.country)
        .where(Signature.id == story.signature_id, Signature.state == SignatureState.CONFIRMED)
        .with_for_update()
    ).one_or_none()
    if signature is None or story.licence is None:
        raise NotCounted
    country = signature.country or ""
    before = session.execute(
        select(PublishedStory.published_at, PublishedStory.featured_at, PublishedStory.updated_at, *_WORDS).where(
            PublishedStory.story_id == story.id
        )
    ).one_or_none()
    now = clock.now()
    kept = before or place or Place(now)
    is_same = before is not None and before[3:] == (story.revision, story.language)
    retract(session, [story.id])
    session.add(
        PublishedStory(
            story_id=story.id,
            call_id=story.call_id,
            kind=story.kind,
            language=story.language,
            country=country,
            text=story.text,
            details=story.details,
            licence=story.licence,
            credit=story.credit,
            hero=hero_key(story.details),
            revision=story.revision,
            published_at=kept.published_at,
            updated_at=before.updated_at if before and is_same else now,
            featured_at=kept.featured_at,
        )
    )
    session.flush()
    story_tallies.move(session, [(story.call_id, story.language, country)], +1)
    story_tallies.move_heroes(session, [(story.call_id, hero_key(story.details))], +1)


# What is another when others read something else of a story.
_WORDS = PublishedStory.revision, PublishedStory.language


def retract(session: Session, story_ids: Sequence[int]) -> int:
    """Take stories from the public at once; returns how many were shown."""
    gone = session.execute(
        delete(PublishedStory)
        .where(PublishedStory.story_id.in_(story_ids))
        .returning(
            PublishedStory.call_id,
            PublishedStory.language,
            PublishedStory.country,
            PublishedStory.hero,
            PublishedStory.story_id,
        )
    ).all()
    story_tallies.move(session, [(row.call_id, row.language, row.country) for row in gone], -1)
    story_tallies.move_heroes(session, [(row.call_id, row.hero) for row in gone], -1)
    story_cards.retract(session, [row.story_id for row in gone])
    return len(gone)


def retract_of(session: Session, signature_ids: Sequence[int]) -> None:
    """Take the stories of signatures that count no more from the public; their words stay with their authors."""
    # Locked first, so that nobody publishes one in between.
    session.execute(select(Signature.id).where(Signature.id.in_(signature_ids)).with_for_update())
    retract(session, session.scalars(select(Story.id).where(Story.signature_id.in_(signature_ids))).all())


def find_locked(session: Session, story_id: int) -> Story | None:
    """Return a story that nobody else changes until the transaction ends, or None; its signature is locked first."""
    theirs = select(Story.signature_id).where(Story.id == story_id).scalar_subquery()
    session.execute(select(Signature.id).where(Signature.id == theirs).with_for_update())
    return session.get(Story, story_id, with_for_update=True, populate_existing=True)


def move_to(session: Session, signature: Signature, country: str | None) -> None:
    """Let the story of a signature that is shown stand under another country."""
    if not signature.story:
        return
    shown = session.execute(
        select(PublishedStory.language, PublishedStory.country)
        .where(PublishedStory.story_id == signature.story.id)
        .with_for_update()
    ).one_or_none()
    if shown:
        session.execute(
            update(PublishedStory).where(PublishedStory.story_id == signature.story.id).values(country=country or "")
        )
        story_tallies.move(session, [(signature.call_id, *shown)], -1)
        story_tallies.move(session, [(signature.call_id, shown.language, country or "")], +1)


def published_revision(session: Session, signature: Signature) -> int | None:
    """Return which revision of what was told with a signature the public sees, or None."""
    row = session.get(PublishedStory, signature.story.id) if signature.story else None
    return row.revision if row else None


def published(session: Session, call_id: int) -> list[tuple[str, str, int]]:
    """Return ``(language, country, published)`` of one call, where any story is shown; '' is no country."""
    rows = session.execute(
        select(StoryTally.language, StoryTally.country, StoryTally.published)
        .where(StoryTally.call_id == call_id, StoryTally.published > 0)
        .order_by(StoryTally.language, StoryTally.country)
    )
    return [(row.language, row.country, row.published) for row in rows]
