"""What moderators decide about stories, and how it is undone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import moderation, story_queue, story_tallies, supporters, waiting_stories
from petition.domain.moderation import DecidedMeanwhile, Locked, NothingToUndo
from petition.domain.publications import NotCounted
from petition.errors import NotFound, WordsChanged
from petition.lib import clock
from petition.models import (
    AuditEntry,
    Call,
    CallKind,
    Decision,
    Organiser,
    PublishedStory,
    Signature,
    Story,
    StoryDecision,
    StoryLicence,
    StoryState,
    StoryWords,
    Team,
)
from tests.conftest import StoppedClock
from tests.factories import confirm, make_call
from tests.organisers import make_organiser, make_team

APPROVE, REFUSE, ASK, HIDE = Decision.APPROVE, Decision.REFUSE, Decision.ASK, Decision.HIDE


def words(text: str = "Everybody reads.", **changes: Any) -> StoryWords:
    """Return a dream that may be published."""
    return StoryWords(CallKind.DREAM, changes.pop("language", "en"), text, {}, StoryLicence.CC_BY, **changes)


@pytest.fixture
def team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture
def bob(session: Session, team: Team) -> Organiser:
    return make_organiser(session, "Bob")


@pytest.fixture
def story(session: Session, team: Team) -> Story:
    return tell(session, make_call(session, kind=CallKind.DREAM, team=team))


def tell(session: Session, call: Any, email: str = "suzie@example.org", **changes: Any) -> Story:
    """Return a story that waits."""
    found = confirm(session, call, email=email, story=words(**changes)).story
    assert found
    return found


def change(session: Session, story: Story, text: str) -> None:
    """Let the author write other words."""
    signature = session.scalars(select(Signature).where(Signature.id == story.signature_id)).one()
    supporters.tell(session, signature, shown=signature.version, words=words(text))
    session.commit()


def shown(session: Session) -> list[str]:
    assert story_tallies.drift(session) == []
    return list(session.scalars(select(PublishedStory.text).order_by(PublishedStory.story_id)))


def test_what_is_approved_is_public_and_who_did_it_is_in_the_log(
    session: Session, bob: Organiser, story: Story
) -> None:
    decision = moderation.decide(session, bob, story, revision=1, decision=APPROVE)
    session.commit()

    assert shown(session) == ["Everybody reads."]
    assert (story.state, story.decided_at, decision.by) == (StoryState.APPROVED, clock.now(), bob.id)
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.thing_id, entry.old, entry.new) == ("approve_story", story.id, "waiting", "approved")


@pytest.mark.parametrize("decision", [REFUSE, ASK, HIDE])
def test_what_is_not_approved_is_not_public_and_undone_it_waits_again(
    session: Session, bob: Organiser, story: Story, decision: Decision
) -> None:
    row = moderation.decide(
        session, bob, story, revision=1, decision=decision, reason_class="private", sentence="Names a neighbour."
    )
    session.commit()
    assert (shown(session), moderation.latest_decision(session, story)) == ([], row)
    assert story.state not in {StoryState.WAITING, StoryState.APPROVED}

    moderation.undo(session, bob, row)
    session.commit()

    assert (story.state, story.decided_at, shown(session)) == (StoryState.WAITING, None, [])
    assert moderation.latest_decision(session, story) is None


def test_a_decision_names_the_words_it_saw(session: Session, bob: Organiser, story: Story) -> None:
    change(session, story, "Buy now.")

    with pytest.raises(WordsChanged):
        moderation.decide(session, bob, story, revision=1, decision=APPROVE)
    session.rollback()

    assert shown(session) == []


def test_who_decides_after_another_is_told(session: Session, bob: Organiser, story: Story) -> None:
    moderation.decide(session, bob, story, revision=1, decision=APPROVE)

    with pytest.raises(DecidedMeanwhile):
        moderation.decide(session, bob, story, revision=1, decision=REFUSE, seen=StoryState.WAITING)


def test_a_refusal_takes_older_words_down_and_a_question_lets_them_stand(
    session: Session, bob: Organiser, story: Story
) -> None:
    moderation.decide(session, bob, story, revision=1, decision=APPROVE)
    change(session, story, "Everybody writes.")

    row = moderation.decide(session, bob, story, revision=2, decision=ASK, sentence="Who?")
    assert shown(session) == ["Everybody reads."]
    moderation.undo(session, bob, row)
    assert shown(session) == ["Everybody reads."]

    moderation.decide(session, bob, story, revision=2, decision=REFUSE)
    assert shown(session) == []


def test_undoing_gives_a_hidden_story_its_place_back(
    session: Session, bob: Organiser, story: Story, stopped_clock: StoppedClock
) -> None:
    moderation.decide(session, bob, story, revision=1, decision=APPROVE)
    row = session.get_one(PublishedStory, story.id)
    published_at, row.featured_at = row.published_at, clock.now()
    session.commit()
    stopped_clock.tick(hours=1)
    hidden = moderation.decide(session, bob, story, revision=1, decision=HIDE)
    assert shown(session) == []

    moderation.undo(session, bob, hidden)
    session.commit()

    row = session.get_one(PublishedStory, story.id)
    assert (row.published_at, row.featured_at) == (published_at, published_at)
    assert (story.state, story.decided_at) == (StoryState.APPROVED, published_at)


def test_only_the_newest_decision_is_undone_and_only_once(session: Session, bob: Organiser, story: Story) -> None:
    first = moderation.decide(session, bob, story, revision=1, decision=APPROVE)
    second = moderation.decide(session, bob, story, revision=1, decision=HIDE)

    with pytest.raises(NothingToUndo):
        moderation.undo(session, bob, first)
    moderation.undo(session, bob, second)
    with pytest.raises(NothingToUndo):
        moderation.undo(session, bob, second)
    moderation.undo(session, bob, first)

    assert (story.state, shown(session)) == (StoryState.WAITING, [])


def test_what_was_withdrawn_is_neither_published_nor_comes_back_by_undoing(
    session: Session, bob: Organiser, story: Story
) -> None:
    signature = session.scalars(select(Signature)).one()
    hidden = moderation.decide(session, bob, story, revision=1, decision=HIDE)
    supporters.withdraw(session, signature)
    session.commit()

    moderation.undo(session, bob, hidden)
    with pytest.raises(NotCounted):
        moderation.decide(session, bob, story, revision=1, decision=APPROVE)
    session.rollback()

    assert shown(session) == []


def test_one_reads_at_a_time_for_five_minutes_or_until_another_takes_over(
    session: Session, bob: Organiser, story: Story, stopped_clock: StoppedClock
) -> None:
    ann = make_organiser(session, "Ann")
    moderation.lock(session, bob, story)
    moderation.lock(session, bob, story)
    with pytest.raises(Locked):
        moderation.lock(session, ann, story)
    with pytest.raises(Locked):
        moderation.decide(session, ann, story, revision=1, decision=APPROVE)

    moderation.lock(session, ann, story, takes_over=True)
    with pytest.raises(Locked):
        moderation.decide(session, bob, story, revision=1, decision=APPROVE)
    stopped_clock.tick(minutes=5)
    moderation.decide(session, bob, story, revision=1, decision=APPROVE)

    assert story.lock_holder is None


def test_many_are_decided_at_once_except_what_changed_meanwhile(
    session: Session, bob: Organiser, story: Story, team: Team
) -> None:
    call = session.get_one(Call, story.call_id)
    stories = [story, *(tell(session, call, f"{n}@example.org", text=f"Dream {n}") for n in range(3))]
    change(session, stories[1], "Buy now.")
    moderation.lock(session, make_organiser(session, "Ann"), stories[2])
    stories.append(tell(session, call, "gone@example.org", text="Gone."))
    supporters.withdraw(session, session.get_one(Signature, stories[-1].signature_id))

    decisions = moderation.decide_many(session, bob, stories, {one.id: 1 for one in stories}, decision=APPROVE)
    session.commit()

    assert shown(session) == ["Everybody reads.", "Dream 2"]
    assert list(session.scalars(select(StoryDecision).order_by(StoryDecision.id))) == decisions
    for decision in decisions:
        moderation.undo(session, bob, decision)
    session.commit()
    assert shown(session) == []


def test_the_team_sees_how_many_wait_and_since_when_and_authors_how_long_it_usually_takes(
    session: Session, bob: Organiser, story: Story, team: Team, stopped_clock: StoppedClock
) -> None:
    since = story.submitted_at
    call = session.get_one(Call, story.call_id)
    stopped_clock.tick(hours=2)
    later = tell(session, call, "other@example.org", text="Another.")
    assert waiting_stories.waiting(session, team) == (2, since)
    assert waiting_stories.waiting(session, make_team(session, "Others")) == (0, None)
    assert waiting_stories.usual_wait(session, call.id) is None

    stopped_clock.tick(hours=2)
    moderation.decide(session, bob, story, revision=1, decision=APPROVE)
    moderation.decide(session, bob, later, revision=1, decision=REFUSE)
    session.commit()

    assert waiting_stories.waiting(session, team) == (0, None)
    assert waiting_stories.usual_wait(session, call.id) == timedelta(hours=3)
    stopped_clock.tick(days=7)
    assert waiting_stories.usual_wait(session, call.id) is None


def test_a_story_of_another_team_or_its_authors_alone_is_not_found(session: Session, story: Story, team: Team) -> None:
    assert story_queue.get_story(session, team, story.id) is story
    with pytest.raises(NotFound):
        story_queue.get_story(session, make_team(session, "Others"), story.id)
    story.state = StoryState.TOLD
    with pytest.raises(NotFound):
        story_queue.get_story(session, team, story.id)
