"""Published stories, as the public reads them; what is published is for ``publications`` to say."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, not_, select, tuple_
from sqlalchemy.orm import Session, contains_eager

from petition.domain import audit, publications
from petition.errors import Conflict, Gone, NotFound
from petition.lib import clock, cursors
from petition.lib.cursors import BadCursor
from petition.models import (
    IS_FEATURED,
    IS_LICENSED,
    SHOWN,
    Call,
    Campaign,
    HeroTally,
    Organiser,
    PublishedStory,
    Story,
    StoryTally,
    StoryTranslation,
    hidden_from_public,
)

PAGE_SIZE = 24
# Organisers choose as many stories of a call as stand on one page.
FEATURED = PAGE_SIZE
HEROES = 60

_PLACE = tuple_(PublishedStory.published_at, PublishedStory.story_id)
_NEWEST = PublishedStory.published_at.desc(), PublishedStory.story_id.desc()
_OLDEST = PublishedStory.published_at, PublishedStory.story_id


class StoryNotPublic(NotFound):
    """Raised for a story that is not public: unknown, not yet read by a moderator, hidden or taken back alike."""


class TooManyFeatured(Conflict):
    """Raised when one more story is to be featured than FEATURED."""


class Filter(NamedTuple):
    """Which stories of a call; what is empty matters not. With a hero, the others do not matter."""

    language: str = ""
    country: str = ""
    hero: str = ""


_ALL = Filter()


class Page(NamedTuple):
    """Stories, the newest first, and the cursors of the pages beside them, which are empty at the ends."""

    stories: Sequence[PublishedStory]
    newer: str = ""
    older: str = ""


class Figures(NamedTuple):
    """How many stories are published: those that a filter lets through, and what each choice of it would show.

    Languages and countries are by code, the most frequent first; the country '' is none.
    """

    total: int
    languages: dict[str, int]
    countries: dict[str, int]


class Hero(NamedTuple):
    """Whom stories of a call are about: the key, the name as it is written in the newest, and how many stories."""

    key: str
    name: str
    published: int


def get_story(session: Session, story_id: int) -> PublishedStory:
    """Return what is public of a story; raises StoryNotPublic, and Gone where its call was taken down."""
    story = session.scalar(_WITH_CALL.where(PublishedStory.story_id == story_id))
    refusal = hidden_from_public(story.call.state) if story else None
    if isinstance(refusal, Gone):
        raise refusal
    if story is None or refusal:
        raise StoryNotPublic
    return story


def translations(session: Session, story: PublishedStory) -> Sequence[StoryTranslation]:
    """Return what moderators translated of the very words that are public, by language."""
    theirs = StoryTranslation.story_id == story.story_id, StoryTranslation.revision == story.revision
    return session.scalars(select(StoryTranslation).where(*theirs).order_by(StoryTranslation.language)).all()


def page(session: Session, call: Call, chosen: Filter, *, after: str = "", before: str = "") -> Page:
    """Return PAGE_SIZE stories of a call: the newest, or those beside a cursor; raises BadCursor.

    Where nothing newer is left ``before`` a cursor the page may be short: it has no ``newer`` and is the first.
    """
    query = select(PublishedStory).where(PublishedStory.call_id == call.id, *_conditions(chosen))
    if before:
        newer = query.where(cursors.read(before) < _PLACE).order_by(*_OLDEST).limit(PAGE_SIZE + 1)
        rows = session.scalars(newer).all()
        stories = rows[:PAGE_SIZE][::-1]
        return Page(stories, _place(stories, 0) if len(rows) > PAGE_SIZE else "", _place(stories, -1) or before)
    return _from(session, query, after, PAGE_SIZE)


def licensed(session: Session, call: Call, *, after: str = "", limit: int) -> Page:
    """Return ``limit`` stories of a call that others may take, the newest or those after a cursor; raises BadCursor."""
    return _from(session, select(PublishedStory).where(PublishedStory.call_id == call.id, IS_LICENSED), after, limit)


def _from(session: Session, query: Select[PublishedStory], after: str, limit: int) -> Page:
    if after:
        query = query.where(cursors.read(after) > _PLACE)
    rows = session.scalars(query.order_by(*_NEWEST).limit(limit + 1)).all()
    stories = rows[:limit]
    return Page(stories, _place(stories, 0) if after else "", _place(stories, -1) if len(rows) > limit else "")


def _place(stories: Sequence[PublishedStory], index: int) -> str:
    return cursors.write(stories[index].published_at, stories[index].story_id) if stories else ""


def _conditions(chosen: Filter) -> list[ColumnElement[bool]]:
    if chosen.hero:
        return [PublishedStory.hero == chosen.hero]
    wanted = {PublishedStory.language: chosen.language, PublishedStory.country: chosen.country}
    return [column == value for column, value in wanted.items() if value]


def featured(session: Session, call: Call, chosen: Filter = _ALL) -> Sequence[PublishedStory]:
    """Return the stories of a call that organisers chose, the last choice first; FEATURED at most."""
    query = select(PublishedStory).where(PublishedStory.call_id == call.id, IS_FEATURED, *_conditions(chosen))
    return session.scalars(query.order_by(PublishedStory.featured_at.desc()).limit(FEATURED)).all()


def featured_anywhere(session: Session, limit: int) -> Sequence[PublishedStory]:
    """Return stories that organisers chose, of all calls that the public sees, the last choice first."""
    query = _WITH_CALL.where(IS_FEATURED, Call.state.in_(SHOWN))
    return session.scalars(query.order_by(PublishedStory.featured_at.desc()).limit(limit)).all()


def figures(session: Session, call: Call, chosen: Filter = _ALL) -> Figures:
    """Return how many stories of a call are published, from its tally; a hero is not looked at."""
    total, languages, countries = 0, Counter[str](), Counter[str]()
    for language, country, published in publications.published(session, call.id):
        is_language, is_country = chosen.language in {"", language}, chosen.country in {"", country}
        total += published if is_language and is_country else 0
        languages[language] += published if is_country else 0
        countries[country] += published if is_language else 0
    return Figures(total, *({code: n for code, n in both.most_common() if n} for both in (languages, countries)))


def walls(session: Session) -> list[tuple[Call, int]]:
    """Return the calls that the public sees with stories, and how many each has, the newest call first."""
    number = func.sum(StoryTally.published)
    rows = session.execute(
        select(Call, number)
        .join(StoryTally, StoryTally.call_id == Call.id)
        .where(Call.state.in_(SHOWN))
        .group_by(Call.id)
        .having(number > 0)
        .order_by(Call.opens_at.desc(), Call.id)
    )
    return [(call, int(published)) for call, published in rows]


def heroes(session: Session, call: Call, *, after: str = "", limit: int = HEROES) -> tuple[list[Hero], str]:
    """Return whom the stories of a call are about, the most told first, and the cursor of what follows, or ''.

    Raises BadCursor.
    """
    query = select(HeroTally.hero, _HERO_NAME, HeroTally.published).where(HeroTally.call_id == call.id)
    if after:
        published, key = _read_hero(after)
        is_before = and_(HeroTally.published == published, HeroTally.hero <= key)
        query = query.where(HeroTally.published <= published, not_(is_before))
    rows = session.execute(query.order_by(HeroTally.published.desc(), HeroTally.hero).limit(limit + 1)).all()
    found = [Hero(*row) for row in rows[:limit]]
    return found, f"{found[-1].published}-{found[-1].key}" if len(rows) > limit else ""


def find_hero(session: Session, call: Call, key: str) -> Hero | None:
    """Return one of them by its key, or None."""
    query = select(HeroTally.hero, _HERO_NAME, HeroTally.published)
    row = session.execute(query.where(HeroTally.call_id == call.id, HeroTally.hero == key)).one_or_none()
    return Hero(*row) if row else None


def _read_hero(cursor: str) -> tuple[int, str]:
    published, _dash, key = cursor.partition("-")
    if not key or not re.fullmatch("[1-9][0-9]{0,8}", published, re.ASCII):
        raise BadCursor
    return int(published), key


def feature(session: Session, person: Organiser, call: Call, story_id: int, *, is_featured: bool) -> None:
    """Choose a story of a call, or choose it no more; a second time changes nothing.

    Raises StoryNotPublic for one that is not public in this call, and TooManyFeatured.
    """
    ours = PublishedStory.story_id == story_id, PublishedStory.call_id == call.id
    story = session.scalar(select(PublishedStory).where(*ours).with_for_update())
    if story is None:
        raise StoryNotPublic
    if (story.featured_at is not None) == is_featured:
        return
    if is_featured and len(featured(session, call)) >= FEATURED:
        raise TooManyFeatured
    story.featured_at = clock.now() if is_featured else None
    action = "feature_story" if is_featured else "unfeature_story"
    audit.record(session, person, action, session.get_one(Story, story_id), team_id=call.campaign.team_id)


_WITH_CALL = (
    select(PublishedStory)
    .join(Call, Call.id == PublishedStory.call_id)
    .join(Campaign, Campaign.id == Call.campaign_id)
    .options(contains_eager(PublishedStory.call).contains_eager(Call.campaign))
)

# How the newest story about a hero writes the name.
_HERO_NAME = (
    select(PublishedStory.details["hero"].as_string())
    .where(PublishedStory.call_id == HeroTally.call_id, PublishedStory.hero == HeroTally.hero)
    .order_by(*_NEWEST)
    .limit(1)
    .correlate(HeroTally)
    .scalar_subquery()
)
