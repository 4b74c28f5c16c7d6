"""Published stories: pages of the wall, figures, heroes, what organisers chose, files of share cards."""

from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from petition.domain import publications, stories, story_tallies
from petition.domain.stories import Filter, StoryNotPublic, TooManyFeatured
from petition.errors import Gone
from petition.jobs.stories import delete_retracted_cards
from petition.lib import media_store
from petition.lib.cursors import BadCursor
from petition.models import CallKind, CallState, HeroTally, StoryLicence, StoryTally, card_files
from tests.conftest import StoppedClock
from tests.factories import make_call
from tests.organisers import make_organiser
from tests.stories import publish


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two stories stand on a page."""
    monkeypatch.setattr(stories, "PAGE_SIZE", 2)
    monkeypatch.setattr(stories, "FEATURED", 2)


def texts(page: stories.Page) -> list[str]:
    return [story.text for story in page.stories]


def test_one_turns_the_pages_of_a_wall_forth_and_back(
    session: Session, stopped_clock: StoppedClock, small_pages: None
) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    for _number in range(5):
        publish(session, call)

    first = stories.page(session, call, Filter())
    second = stories.page(session, call, Filter(), after=first.older)
    third = stories.page(session, call, Filter(), after=second.older)

    assert [texts(page) for page in (first, second, third)] == [
        ["Story 4", "Story 3"],
        ["Story 2", "Story 1"],
        ["Story 0"],
    ]
    assert (first.newer, third.older) == ("", "")
    back = stories.page(session, call, Filter(), before=third.newer)
    assert (texts(back), back.newer != "", back.older) == (texts(second), True, second.older)
    front = stories.page(session, call, Filter(), before=back.newer)
    assert (texts(front), front.newer) == (texts(first), "")


def test_stories_of_the_same_moment_stand_once_each(session: Session, small_pages: None) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    shown = [publish(session, call) for _number in range(5)]
    for story in shown:
        story.published_at = shown[0].published_at
    session.commit()

    seen, after = [], ""
    while True:
        page = stories.page(session, call, Filter(), after=after)
        seen += texts(page)
        if not (after := page.older):
            break

    assert sorted(seen) == [f"Story {number}" for number in range(5)]


def test_a_wall_is_filtered_by_language_and_country_with_figures_that_agree(session: Session) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    for language, country in (("fr", "FR"), ("fr", "BE"), ("nl", "BE"), ("nl", None)):
        publish(session, call, language=language, country=country)

    for chosen, number in ((Filter("fr"), 2), (Filter("", "BE"), 2), (Filter("nl", "BE"), 1), (Filter("de"), 0)):
        figures = stories.figures(session, call, chosen)
        assert (len(stories.page(session, call, chosen).stories), figures.total) == (number, number)
    figures = stories.figures(session, call, Filter("fr"))
    assert (figures.languages, figures.countries) == ({"fr": 2, "nl": 2}, {"FR": 1, "BE": 1})


@pytest.mark.parametrize("cursor", ["x", "1-0", "01-1", "-1-1", "9" * 18 + "-1", "1-1'", "1–1", "1-1-1", "\u0661-1"])
def test_a_cursor_that_we_did_not_make_is_refused(session: Session, cursor: str) -> None:
    call = make_call(session)

    for place in ({"after": cursor}, {"before": cursor}):
        with pytest.raises(BadCursor):
            stories.page(session, call, Filter(), **place)


def test_a_recount_finds_wrong_figures_of_stories_and_repairs_them(session: Session) -> None:
    call = make_call(session, kind=CallKind.HERO)
    for country, hero in (("NL", "Ada"), ("NL", "Ada"), (None, "Maria")):
        publish(session, call, country=country, details={"hero": hero})
    session.execute(update(StoryTally).where(StoryTally.country == "NL").values(published=5))
    session.execute(update(HeroTally).where(HeroTally.hero == "ada").values(published=1))
    session.execute(delete(HeroTally).where(HeroTally.hero == "maria"))
    session.execute(update(StoryTally).where(StoryTally.country == "").values(published=0))
    session.add(StoryTally(call_id=call.id, language="en", country="FR", published=3))
    session.add(HeroTally(call_id=call.id, hero="nobody", published=2))
    session.commit()

    wrong = [
        ("heroes", "ada", 1),
        ("heroes", "maria", 1),
        ("heroes", "nobody", -2),
        ("stories", "en ", 1),
        ("stories", "en FR", -3),
        ("stories", "en NL", -3),
    ]
    assert sorted(story_tallies.drift(session)) == [(call.id, *figure) for figure in wrong]
    story_tallies.repair(session)
    session.commit()

    assert story_tallies.drift(session) == []
    assert [hero.key for hero in stories.heroes(session, call)[0]] == ["ada", "maria"]


def test_a_hero_is_counted_once_however_it_is_spelled_and_goes_with_the_last_story(session: Session) -> None:
    call = make_call(session, kind=CallKind.HERO)
    spellings = ("Maria Sibylla Merian", "MARIA SIBYLLA MERIAN", "Ada Lovelace", "🎭")
    shown = [publish(session, call, details={"hero": name}) for name in spellings]

    found, more = stories.heroes(session, call)
    assert [(hero.name, hero.published) for hero in found] == [
        ("MARIA SIBYLLA MERIAN", 2),
        ("Ada Lovelace", 1),
        ("🎭", 1),
    ]
    assert more == ""
    assert texts(stories.page(session, call, Filter(hero=found[0].key))) == ["Story 1", "Story 0"]

    publications.retract(session, [story.story_id for story in shown[1:3]])
    session.commit()

    assert [(hero.name, hero.published) for hero in stories.heroes(session, call)[0]] == [
        ("Maria Sibylla Merian", 1),
        ("🎭", 1),
    ]
    assert story_tallies.drift(session) == []


def test_every_hero_is_on_some_page_of_the_gallery(session: Session) -> None:
    call = make_call(session, kind=CallKind.HERO)
    for name in ("Ada", "Ada", "Berthe", "Clara", "Dora"):
        publish(session, call, details={"hero": name})

    seen, after = [], ""
    while True:
        found, after = stories.heroes(session, call, after=after, limit=2)
        seen += [hero.name for hero in found]
        if not after:
            break

    assert seen == ["Ada", "Berthe", "Clara", "Dora"]
    for cursor in ("x", "0-ada", "-ada", "1-"):
        with pytest.raises(BadCursor):
            stories.heroes(session, call, after=cursor)


def test_organisers_choose_as_many_stories_as_stand_on_a_page(
    session: Session, stopped_clock: StoppedClock, small_pages: None
) -> None:
    call, ann = make_call(session, kind=CallKind.DREAM), make_organiser(session)
    shown = [publish(session, call) for _number in range(3)]

    for story in shown[:2]:
        stopped_clock.tick(seconds=1)
        stories.feature(session, ann, call, story.story_id, is_featured=True)
    with pytest.raises(TooManyFeatured):
        stories.feature(session, ann, call, shown[2].story_id, is_featured=True)
    session.commit()

    assert [story.text for story in stories.featured(session, call)] == ["Story 1", "Story 0"]
    assert [story.text for story in stories.featured_anywhere(session, 1)] == ["Story 1"]
    stories.feature(session, ann, call, shown[1].story_id, is_featured=False)
    assert [story.text for story in stories.featured(session, call)] == ["Story 0"]
    with pytest.raises(StoryNotPublic):
        stories.feature(session, ann, make_call(session, slug="other"), shown[0].story_id, is_featured=True)


def test_what_its_author_shows_here_only_is_not_for_others_to_take(session: Session) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    publish(session, call, licence=StoryLicence.HERE_ONLY)
    publish(session, call, licence=StoryLicence.CC0)

    assert texts(stories.licensed(session, call, limit=10)) == ["Story 1"]
    assert len(stories.page(session, call, Filter()).stories) == 2


def test_a_story_is_as_public_as_its_call(session: Session) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    story = publish(session, call)
    assert stories.get_story(session, story.story_id).text == "Story 0"
    assert [number for _call, number in stories.walls(session)] == [1]

    call.state = CallState.REMOVED
    session.commit()

    with pytest.raises(Gone):
        stories.get_story(session, story.story_id)
    assert stories.walls(session) == []
    assert stories.featured_anywhere(session, 3) == []


def test_the_files_of_share_cards_go_with_a_story_also_those_that_were_being_drawn(
    session: Session, stopped_clock: StoppedClock, tmp_path: Path
) -> None:
    media_store.configure(tmp_path / "media")
    story = publish(session, make_call(session, kind=CallKind.DREAM))
    name = card_files(story.story_id)[0]
    media_store.save(name, b"card")

    publications.retract(session, [story.story_id])
    session.commit()
    assert media_store.read(name) is None

    media_store.save(name, b"late")
    assert delete_retracted_cards(session) == 0
    stopped_clock.tick(minutes=2)
    assert delete_retracted_cards(session) == 1
    assert media_store.read(name) is None
    assert delete_retracted_cards(session) == 0
