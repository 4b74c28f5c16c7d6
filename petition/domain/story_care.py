"""What moderators do around a story without touching its words: its language, notes of the team, translations."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import audit, publications
from petition.errors import WordsChanged
from petition.lib import clock
from petition.models import (
    Organiser,
    PublishedStory,
    Story,
    StoryDecision,
    StoryNote,
    StoryTranslation,
    Team,
)

Row = TypeVar("Row", StoryNote, StoryDecision, StoryTranslation)


class Written(NamedTuple, Generic[Row]):
    """A note, a decision or a translation with who wrote it; ``author`` is None for nobody and former organisers."""

    row: Row
    author: Organiser | None


def change_language(
    session: Session, actor: Organiser, team: Team, story: Story, *, revision: int, language: str
) -> None:
    """Say in which language a story is, the only thing of it that a moderator may change; raises WordsChanged."""
    found = publications.find_locked(session, story.id)
    if not found or found.revision != revision:
        raise WordsChanged
    if story.language == language:
        return
    old, story.language = story.language, language
    if session.scalar(select(PublishedStory.revision).where(PublishedStory.story_id == story.id)) == revision:
        publications.publish(session, story)
    audit.record(session, actor, "change_story_language", story, team_id=team.id, old=old, new=language)


def add_note(session: Session, actor: Organiser, team: Team, story: Story, text: str) -> None:
    """Write a note that only the team reads."""
    session.add(StoryNote(story_id=story.id, by=actor.id, at=clock.now(), text=text))
    audit.record(session, actor, "note_story", story, team_id=team.id)


def translate(
    session: Session,
    actor: Organiser,
    team: Team,
    story: Story,
    *,
    revision: int,
    language: str,
    text: str,
    credit: str,
) -> None:
    """Add a translation, or write it anew; without ``text`` take it away. Raises WordsChanged for another revision."""
    session.refresh(story, with_for_update=True)
    if story.revision != revision:
        raise WordsChanged
    row = session.get(StoryTranslation, (story.id, language))
    if not text:
        if row:
            session.delete(row)
            audit.record(session, actor, "remove_story_translation", story, team_id=team.id, old=language)
        return
    row = row or StoryTranslation(story_id=story.id, language=language)
    row.revision, row.text, row.credit, row.by, row.at = revision, text, credit, actor.id, clock.now()
    session.add(row)
    audit.record(session, actor, "translate_story", story, team_id=team.id, new=language)


def notes(session: Session, story: Story) -> list[Written[StoryNote]]:
    """Return the notes about a story, oldest first."""
    return _written(
        session, session.scalars(select(StoryNote).where(StoryNote.story_id == story.id).order_by(StoryNote.id)).all()
    )


def decisions(session: Session, story: Story) -> list[Written[StoryDecision]]:
    """Return what was decided about a story and not undone, oldest first."""
    rows = session.scalars(
        select(StoryDecision)
        .where(StoryDecision.story_id == story.id, StoryDecision.undone_at.is_(None))
        .order_by(StoryDecision.id)
    )
    return _written(session, rows.all())


def translations(session: Session, story: Story) -> list[Written[StoryTranslation]]:
    """Return the translations of a story by language; one of an older revision says so itself."""
    rows = session.scalars(
        select(StoryTranslation).where(StoryTranslation.story_id == story.id).order_by(StoryTranslation.language)
    )
    return _written(session, rows.all())


def find_holder(session: Session, story: Story) -> Organiser | None:
    """Return who reads a story at the moment, or None."""
    return session.get(Organiser, story.lock_holder) if story.lock_holder else None


def _written(session: Session, rows: Sequence[Row]) -> list[Written[Row]]:
    ids = {row.by for row in rows if row.by}
    people = (
        {person.id: person for person in session.scalars(select(Organiser).where(Organiser.id.in_(ids)))} if ids else {}
    )
    return [Written(row, people.get(row.by) if row.by else None) for row in rows]
