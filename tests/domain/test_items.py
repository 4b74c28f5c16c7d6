"""What searches found is kept for a day, what was chosen for as long as a story is about it."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import item_upkeep, items, publications, stories
from petition.lib.europeana_records import Record
from petition.models import CallKind, Item, ItemState, StoryLicence, StoryWords
from tests import factories
from tests.conftest import StoppedClock

PAINTING = Record("/9/painting", {"en": "Blue Horses", "de": "Blaue Pferde"}, creator="Élise Martin")
PERSON = Record("/agent/7", {"en": "Élise Martin"}, dates="1850–1900")
KEY = items.search_key("object", "horses", "en")
WORDS = StoryWords(CallKind.HERO, "en", "She saw.", {"hero": "Élise", "item": "/agent/7"}, StoryLicence.CC_BY)


def test_a_search_is_kept_for_a_day_in_its_order(session: Session, stopped_clock: StoppedClock) -> None:
    assert items.kept(session, KEY) is None

    items.keep(session, KEY, [PERSON, PAINTING])
    session.commit()

    assert [item.europeana_id for item in items.kept(session, KEY) or []] == ["/agent/7", "/9/painting"]
    stopped_clock.tick(days=1, seconds=1)
    assert items.kept(session, KEY) is None


def test_a_search_that_found_nothing_is_kept_too(session: Session, stopped_clock: StoppedClock) -> None:
    items.keep(session, KEY, [])

    assert items.kept(session, KEY) == []


def test_a_new_search_changes_what_nobody_chose_only(session: Session, stopped_clock: StoppedClock) -> None:
    items.keep(session, KEY, [PERSON, PAINTING])
    items.choose(session, "/agent/7")
    session.commit()

    items.keep(session, KEY, [PERSON._replace(dates="?"), PAINTING._replace(creator="?")])
    session.commit()
    session.expire_all()

    known = {item.europeana_id: item for item in session.scalars(select(Item))}
    assert (known["/agent/7"].dates, known["/9/painting"].creator) == ("1850–1900", "?")


def test_what_was_chosen_before_is_found_by_its_words_in_any_language(
    session: Session, stopped_clock: StoppedClock
) -> None:
    items.keep(session, KEY, [PERSON, PAINTING])
    assert items.search_chosen(session, "blaue", people=False) == []
    items.choose(session, "/9/painting")
    items.choose(session, "/agent/7")
    session.commit()

    assert [item.europeana_id for item in items.search_chosen(session, "pferde BLAUE", people=False)] == ["/9/painting"]
    assert [item.europeana_id for item in items.search_chosen(session, "élise", people=True)] == ["/agent/7"]
    assert items.search_chosen(session, "100%", people=True) == items.search_chosen(session, " _ ", people=True) == []


@pytest.mark.parametrize("text", ["", "Frida", "/9/../x", "https://www.europeana.eu/item/9/a", "/agent/x"])
def test_what_is_no_id_cannot_be_chosen(session: Session, text: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        items.choose(session, text)


def test_titles_are_given_in_the_language_of_the_reader_else_in_english(session: Session) -> None:
    item = Item(europeana_id="/9/a", state=ItemState.KNOWN, titles={"de": "Pferde", "en": "Horses"})

    assert item.title("de") == ("Pferde", "de") and item.title("fr") == ("Horses", "en")
    item.titles = {"": "Cheval"}
    assert item.title("fr") == ("Cheval", "")
    item.titles = {}
    assert item.title("fr") == ("", "")


def test_a_hero_who_was_chosen_is_one_however_the_name_is_written(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = factories.make_call(session, kind=CallKind.HERO)
    for number, name in enumerate(["Élise", "Elise Martin (painter)"]):
        words = replace(WORDS, details={"hero": name, "item": "/agent/7"})
        signature = factories.confirm(session, call, story=words, email=f"s{number}@example.org")
        assert signature.story
        publications.publish(session, signature.story)
    session.commit()

    assert [(hero.key, hero.published) for hero in stories.heroes(session, call)[0]] == [("/agent/7", 2)]


def test_what_a_story_is_about_is_not_forgotten_though_the_story_is_not_published(
    session: Session, stopped_clock: StoppedClock
) -> None:
    items.choose(session, "/agent/7")
    items.choose(session, "/agent/8")
    factories.confirm(session, factories.make_call(session, kind=CallKind.HERO), story=WORDS)
    stopped_clock.tick(days=40)

    now = stopped_clock.now
    assert item_upkeep.delete_unused(session, found_before=now, chosen_before=now, limit=10) == 1
    assert [item.europeana_id for item in session.scalars(select(Item))] == ["/agent/7"]
