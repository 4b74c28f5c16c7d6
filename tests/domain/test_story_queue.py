"""The order in which stories are read, what holds them, and teams that publish before anybody has read."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import hold_lists, moderation, publications, story_care, story_queue, story_tallies, supporters
from petition.domain.story_queue import REPEATED, Filter, cursor
from petition.errors import WordsChanged
from petition.models import (
    AuditEntry,
    Call,
    CallKind,
    Decision,
    Organiser,
    PublishedStory,
    Signature,
    Story,
    StoryLicence,
    StoryState,
    StoryWords,
    Team,
)
from tests.conftest import StoppedClock
from tests.factories import confirm, make_call
from tests.organisers import make_organiser, make_team


@pytest.fixture
def team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture
def bob(session: Session, team: Team) -> Organiser:
    return make_organiser(session, "Bob")


@pytest.fixture
def call(session: Session, team: Team) -> Call:
    return make_call(session, kind=CallKind.DREAM, team=team)


def tell(session: Session, call: Call, text: str, language: str = "en", **changes: Any) -> Story:
    """Return a story, told by somebody of its own address."""
    words = StoryWords(
        call.kind, language, text, changes.pop("details", {}), StoryLicence.CC_BY, changes.pop("credit", None)
    )
    number = len(session.scalars(select(Story.id)).all())
    found = confirm(session, call, email=f"{number}@example.org", story=words, **changes).story
    assert found
    return found


def told(stories: list[Story]) -> list[str]:
    return [story.text for story in stories]


def shown(session: Session) -> list[str]:
    assert story_tallies.drift(session) == []
    return list(session.scalars(select(PublishedStory.text).order_by(PublishedStory.story_id)))


def test_the_oldest_is_read_first_whatever_its_call_and_a_page_goes_on_after_the_last(
    session: Session, team: Team, call: Call, stopped_clock: StoppedClock
) -> None:
    other = make_call(session, slug="other", kind=CallKind.HERO, team=team)
    foreign = make_call(session, slug="foreign", kind=CallKind.DREAM, team=make_team(session, "Others"))
    for number, place in enumerate([call, other, call, foreign, other]):
        # Two at one moment are told apart by their numbers.
        stopped_clock.tick(minutes=number % 3)
        tell(session, place, f"{number} www.a.eu" if number == 2 else str(number))
    calls = [one for one, _title in story_queue.calls(session, team)]

    page = story_queue.read(session, calls, Filter(), limit=2)
    rest = story_queue.read(session, calls, Filter(), after=cursor(page[-1]))

    assert (told(page), told(rest)) == (["0", "1"], ["2 www.a.eu", "4"])
    assert told(story_queue.read_before(session, calls, Filter(), cursor(rest[-1]), 2)) == ["1", "2 www.a.eu"]
    assert told(story_queue.read(session, calls, Filter(kind=CallKind.HERO))) == ["1", "4"]
    assert told(story_queue.read(session, calls, Filter(call_id=call.id))) == ["0", "2 www.a.eu"]
    assert told(story_queue.read(session, calls, Filter(call_id=foreign.id))) == []


def test_the_queue_is_read_by_language_by_what_holds_a_story_and_by_what_was_said_before(
    session: Session, team: Team, call: Call
) -> None:
    tell(session, call, "Une culture ouverte.", "fr")
    tell(session, call, "une CULTURE ouverte !", "fr")
    tell(session, call, "\U0001f600", "fr")
    tell(session, call, "\U0001f680", "fr")
    tell(session, call, "See www.example.org")
    calls = [call]

    assert told(story_queue.read(session, calls, Filter(language="en"))) == ["See www.example.org"]
    assert told(story_queue.read(session, calls, Filter(flag="link"))) == ["See www.example.org"]
    assert story_queue.read(session, calls, Filter(flag="phone")) == []
    repeated = story_queue.read(session, calls, Filter(flag=REPEATED))
    assert told(repeated) == ["Une culture ouverte.", "une CULTURE ouverte !"]
    assert [story_queue.surroundings(session, story).same for story in story_queue.read(session, calls, Filter())] == [
        1,
        1,
        0,
        0,
        0,
    ]


def test_what_was_decided_is_listed_newest_first_and_what_was_withdrawn_is_not_listed(
    session: Session, bob: Organiser, call: Call, stopped_clock: StoppedClock
) -> None:
    for number in range(4):
        stopped_clock.tick(minutes=1)
        story = tell(session, call, str(number))
        moderation.decide(session, bob, story, revision=1, decision=Decision.REFUSE if number else Decision.APPROVE)
    supporters.withdraw(session, session.scalars(select(Signature).order_by(Signature.id)).all()[1])
    session.commit()
    refused = Filter(StoryState.REFUSED)

    page = story_queue.read(session, [call], refused)

    assert told(page) == ["3", "2"]
    assert told(story_queue.read_before(session, [call], refused, cursor(page[1]))) == ["3"]


def test_the_next_story_is_one_that_nobody_else_reads(session: Session, bob: Organiser, call: Call) -> None:
    first, second = tell(session, call, "First."), tell(session, call, "Second.")
    ann = make_organiser(session, "Ann")
    moderation.lock(session, ann, first)

    assert story_queue.next_free(session, [call], Filter(), bob.id) is second
    assert story_queue.next_free(session, [call], Filter(), bob.id, cursor(second)) is second
    assert story_queue.next_free(session, [call], Filter(), ann.id, cursor(second)) is first


def test_the_words_of_a_list_hold_stories_of_their_language(
    session: Session, team: Team, bob: Organiser, call: Call
) -> None:
    hold_lists.change(session, bob, team, {"de": ["Gift"], "": ["buy now"]})
    texts = {"Das ist Gift.": "de", "A gift for all.": "en", "Buy now!": "fr"}
    stories = [tell(session, call, text, language) for text, language in texts.items()]

    assert [story.held_because for story in stories] == ["word", None, "word"]
    assert [story.state for story in stories] == [StoryState.HELD, StoryState.WAITING, StoryState.HELD]
    assert hold_lists.found(session, team, stories[0]) == ["Gift"]
    hold_lists.change(session, bob, team, {"de": ["Gift"]})
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.old, entry.new) for entry in entries] == [("* 0", "* 1"), ("de 0", "de 1"), ("* 1", "* 0")]


def test_every_field_and_the_name_can_hold_a_story(session: Session, call: Call) -> None:
    in_a_field = tell(session, call, "A dream.", details={"affiliation": "call +33 1 23 45 67 89"})
    in_the_name = tell(session, call, "A dream of mine.", credit="Suzie www.shop.example.com")

    assert (in_a_field.held_because, in_the_name.held_because) == ("phone", "link")


def test_a_team_can_publish_before_anybody_has_read_what_nothing_holds(
    session: Session, team: Team, bob: Organiser, call: Call
) -> None:
    team.publishes_unread = True
    unread = tell(session, call, "Everybody reads.")
    held = tell(session, call, "See www.example.org")
    session.commit()
    assert shown(session) == ["Everybody reads."]
    assert (unread.state, held.state) == (StoryState.WAITING, StoryState.HELD)
    assert told(story_queue.read(session, [call], Filter())) == ["Everybody reads.", "See www.example.org"]

    decision = moderation.decide(session, bob, unread, revision=1, decision=Decision.ASK, sentence="Who?")
    assert shown(session) == []
    moderation.undo(session, bob, decision)
    assert shown(session) == ["Everybody reads."]
    moderation.undo(session, bob, moderation.decide(session, bob, unread, revision=1, decision=Decision.APPROVE))
    assert shown(session) == ["Everybody reads."]


def test_what_was_public_unread_is_so_again_when_a_withdrawal_is_undone(
    session: Session, team: Team, call: Call
) -> None:
    team.publishes_unread = True
    story = tell(session, call, "Everybody reads.")
    signature = session.get_one(Signature, story.signature_id)
    supporters.withdraw(session, signature)
    session.commit()
    assert shown(session) == []

    supporters.restore(session, signature)
    session.commit()

    assert shown(session) == ["Everybody reads."]


def test_only_the_language_of_a_story_is_corrected_and_its_figures_follow(
    session: Session, team: Team, bob: Organiser, call: Call
) -> None:
    story = tell(session, call, "Une culture ouverte.", country="FR")
    moderation.decide(session, bob, story, revision=1, decision=Decision.APPROVE)

    story_care.change_language(session, bob, team, story, revision=1, language="fr")
    session.commit()

    assert shown(session) == ["Une culture ouverte."]
    assert publications.published(session, call.id) == [("fr", "FR", 1)]
    with pytest.raises(WordsChanged):
        story_care.change_language(session, bob, team, story, revision=2, language="fr")


def test_notes_and_translations_name_their_authors(session: Session, team: Team, bob: Organiser, call: Call) -> None:
    story = tell(session, call, "Une culture ouverte.", "fr")
    story_care.add_note(session, bob, team, story, "Seen on the wall of 2013.")
    story_care.translate(session, bob, team, story, revision=1, language="en", text="An open culture.", credit="Bob B.")

    (note,) = story_care.notes(session, story)
    (translation,) = story_care.translations(session, story)
    assert (note.row.text, note.author) == ("Seen on the wall of 2013.", bob)
    assert (translation.row.text, translation.row.credit, translation.row.revision) == ("An open culture.", "Bob B.", 1)

    story_care.translate(session, bob, team, story, revision=1, language="en", text="", credit="")
    assert story_care.translations(session, story) == []
    with pytest.raises(WordsChanged):
        story_care.translate(
            session, bob, team, story, revision=2, language="en", text="An open culture.", credit="Bob"
        )
