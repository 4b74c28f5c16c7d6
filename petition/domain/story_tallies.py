"""How many stories are published: moved in the transaction that publishes or retracts them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, delete, func, literal, select, type_coerce, union_all
from sqlalchemy.orm import Session

from petition import db
from petition.models import HeroTally, PublishedStory, StoryTally

# What the figures are of: the stories of a language and a country, whose codes are a key, or those about a hero.
STORIES, HEROES = DIMENSIONS = ("stories", "heroes")


class Figure(NamedTuple):
    """A number of published stories of one call, by one key of one of ``DIMENSIONS``."""

    call_id: int
    dimension: str
    key: str
    published: int


def move(session: Session, keys: Iterable[tuple[Any, ...]], by: int) -> None:
    """Move the figures of calls, languages and countries, in one order everywhere so that transactions queue."""
    rows = [
        {"call_id": call_id, "language": language, "country": country, "published": by}
        for call_id, language, country in sorted(keys)
    ]
    for row in rows:
        statement = db.insert(db.is_sqlite(session), StoryTally).values(row)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=[StoryTally.call_id, StoryTally.language, StoryTally.country],
                set_={"published": StoryTally.published + by},
            )
        )


def move_heroes(session: Session, keys: Iterable[tuple[int, str]], by: int) -> None:
    """Move the figures of calls and heroes; no hero stays of whom nothing is shown."""
    for call_id, hero in sorted(keys):
        if not hero:
            continue
        statement = db.insert(db.is_sqlite(session), HeroTally).values(call_id=call_id, hero=hero, published=by)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=[HeroTally.call_id, HeroTally.hero], set_={"published": HeroTally.published + by}
            )
        )
        if by < 0:
            session.execute(
                delete(HeroTally).where(HeroTally.call_id == call_id, HeroTally.hero == hero, HeroTally.published <= 0)
            )


def drift(session: Session) -> list[Figure]:
    """Return what each wrong figure lacks, compared with the stories that are shown; nothing when all is well.

    It is one statement and so one snapshot: what is published meanwhile does not look like drift.
    """
    by_language = [PublishedStory.call_id, literal(STORIES).label("dimension"), _place(PublishedStory).label("key")]
    by_hero = [PublishedStory.call_id, literal(HEROES), PublishedStory.hero]
    both = union_all(
        select(*by_language, func.count().label("published")).group_by(by_language[0], by_language[2]),
        select(*by_hero, func.count()).where(PublishedStory.hero != "").group_by(by_hero[0], by_hero[2]),
        select(StoryTally.call_id, literal(STORIES), _place(StoryTally), -StoryTally.published),
        select(HeroTally.call_id, literal(HEROES), HeroTally.hero, -HeroTally.published),
    ).subquery()
    key, missing = (both.c.call_id, both.c.dimension, both.c.key), func.sum(both.c.published)
    rows = session.execute(select(*key, missing).group_by(*key).having(missing != 0).order_by(*key))
    return [Figure(call_id, dimension, name, int(number)) for call_id, dimension, name, number in rows]


def repair(session: Session) -> list[Figure]:
    """Add what is missing to the tallies and return it; additions keep what is published meanwhile."""
    missing = drift(session)
    for call_id, dimension, key, number in missing:
        if dimension == HEROES:
            move_heroes(session, [(call_id, key)], number)
        else:
            move(session, [(call_id, *key.split(" "))], number)
    return missing


def _place(table: type[PublishedStory] | type[StoryTally]) -> ColumnElement[str]:
    return type_coerce(table.language, String) + " " + type_coerce(table.country, String)
