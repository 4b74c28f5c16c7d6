"""Moderation: what is decided about stories, how it is undone, and how long authors wait for it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import literal, or_, select, update
from sqlalchemy.orm import Session

from petition.domain import audit, letters, publications
from petition.domain.publications import NotCounted, Place
from petition.errors import Conflict, NotFound, WordsChanged
from petition.lib import clock
from petition.models import (
    DECIDED_STATES,
    IN_QUEUE,
    MODERATORS,
    Call,
    Campaign,
    Decision,
    Membership,
    Organiser,
    PublishedStory,
    Signature,
    SignatureState,
    Story,
    StoryDecision,
    StoryState,
)

LOCK_LASTS = timedelta(minutes=5)

# So long a decision can be undone before its author is written to.
TELL_AFTER = timedelta(minutes=10)


class Locked(Conflict):
    """Raised when another moderator reads a story at the moment; it can be taken over."""


class DecidedMeanwhile(Conflict):
    """Raised when a button names another state of a story than the one it has, for somebody else decided about it."""


class AskedBefore(Conflict):
    """Raised when a second look was asked for before, or there is nothing to look at."""


class OwnDecision(Conflict):
    """Raised when a moderator would look at their own decision a second time while there is another moderator."""


class NothingToUndo(Conflict):
    """Raised when a decision was undone before, or another one followed it."""


def decide(
    session: Session,
    actor: Organiser | None,
    story: Story,
    *,
    revision: int,
    decision: Decision,
    reason_class: str = "",
    sentence: str = "",
    seen: StoryState | None = None,
) -> StoryDecision:
    """Decide about the revision of a story that was seen; ``actor`` None is nobody: it happened by itself.

    Approved, its words are public. Refused or hidden, nothing of it is; asked for a change, words that were approved
    before stay. Raises WordsChanged for another revision, DecidedMeanwhile where ``seen`` is not its state, Locked
    while another moderator reads it, OwnDecision for a second look by the first moderator while there are others,
    NotFound when it is gone, and NotCounted when its signature does not count.
    """
    _lock_rows(session, [story])
    if story.revision != revision:
        raise WordsChanged
    if story.state == StoryState.TOLD:
        raise NotCounted
    if seen is not None and story.state != seen:
        raise DecidedMeanwhile
    if actor and story.lock_holder not in {None, actor.id}:
        raise Locked
    appealed = _appealed(session, story)
    if appealed and actor and appealed.by == actor.id and _has_another_moderator(session, story, actor):
        raise OwnDecision
    shown = session.execute(
        select(PublishedStory.revision, PublishedStory.published_at, PublishedStory.featured_at).where(
            PublishedStory.story_id == story.id
        )
    ).one_or_none()
    row = StoryDecision(
        story_id=story.id,
        revision=revision,
        decision=decision,
        reason_class=reason_class,
        sentence=sentence,
        by=actor.id if actor else None,
        decided_at=clock.now(),
        before=story.state,
        shown_revision=shown.revision if shown else None,
        shown_at=shown.published_at if shown else None,
        featured_at=shown.featured_at if shown else None,
        second_look_of=appealed.id if appealed else None,
    )
    if decision == Decision.APPROVE:
        publications.publish(session, story)
    elif decision != Decision.ASK or row.shown_revision == revision:
        publications.retract(session, [story.id])
    # Only now, for what cannot be published leaves no decision and no letter behind.
    session.add(row)
    session.flush()
    _tell_author(session, story, row)
    story.decided_at = row.decided_at
    _move(session, actor, story, f"{decision}_story", DECIDED_STATES[decision])
    return row


def _appealed(session: Session, story: Story) -> StoryDecision | None:
    """Return the decision that the author of a story asks to look at again, while nobody has."""
    decision = latest_decision(session, story)
    waits = decision and decision.appealed_at and decision.revision == story.revision and story.state in IN_QUEUE
    return decision if waits else None


def _has_another_moderator(session: Session, story: Story, actor: Organiser) -> bool:
    others = select(Membership.organiser_id).where(
        Membership.team_id == team_id_of(session, story),
        Membership.organiser_id != actor.id,
        Membership.role.in_(MODERATORS),
    )
    return session.scalar(others.limit(1)) is not None


def _tell_author(session: Session, story: Story, decision: StoryDecision) -> None:
    """Write to the author who asked for that, once the decision cannot be undone by a slip any more."""
    author = session.get_one(Signature, story.signature_id)
    if story.wants_letter and author.email:
        who = (author.email, author.email_digest, author.language, story.call_id)
        due_at = clock.now() + TELL_AFTER
        letters.enqueue(session, [letters.NewLetter("story_decided", *who, due_at, str(decision.id))])


def ask_again(session: Session, story: Story, *, decision_id: int) -> None:
    """Let a story that was refused or hidden wait once more, for a second look; for its author, once.

    Raises WordsChanged when that decision is not the newest any more, and AskedBefore when it cannot be asked again.
    """
    session.refresh(story, with_for_update=True)
    decision = latest_decision(session, story)
    if decision is None or decision.id != decision_id or decision.revision != story.revision:
        raise WordsChanged
    if not decision.can_be_asked_about(story):
        raise AskedBefore
    decision.appealed_at = clock.now()
    story.state, story.held_because, story.submitted_at = StoryState.HELD, "appeal", clock.now()


def undo(session: Session, actor: Organiser, decision: StoryDecision) -> None:
    """Let a story stand where it stood before its newest decision; what was public with these words is again.

    Older words that were approved before are not kept, so they do not come back. Raises NothingToUndo, WordsChanged
    when its author changed it since, and NotFound when it is gone.
    """
    story = session.get(Story, decision.story_id)
    if story is None:
        raise NotFound
    _lock_rows(session, [story])
    if story.revision != decision.revision:
        raise WordsChanged
    session.refresh(decision)
    if latest_decision(session, story) is not decision:
        raise NothingToUndo
    decision.undone_at = clock.now()
    session.flush()
    if decision.shown_revision != decision.revision:
        if decision.decision == Decision.APPROVE:
            publications.retract(session, [story.id])
    elif decision.shown_at and _counts(session, story):
        publications.publish(session, story, Place(decision.shown_at, decision.featured_at))
    earlier = latest_decision(session, story)
    story.decided_at = earlier.decided_at if earlier and earlier.revision == story.revision else None
    _move(session, actor, story, "undo_story", decision.before)


def decide_many(
    session: Session,
    actor: Organiser,
    stories: Sequence[Story],
    revisions: Mapping[int, int],
    **what: Any,
) -> list[StoryDecision]:
    """Decide the same, as ``decide`` takes it, about stories that wait; ``revisions`` has by id of each the one seen.

    Stories that others read, changed, withdrew or decided about meanwhile are left out.
    """
    decisions = []
    for story in _lock_rows(session, stories):
        try:
            if story.state in IN_QUEUE:
                decisions.append(decide(session, actor, story, revision=revisions[story.id], **what))
        except Conflict:
            continue
    return decisions


def undo_many(session: Session, actor: Organiser, decisions: Sequence[StoryDecision]) -> list[StoryDecision]:
    """Undo several decisions, the newest first; returns those that could be. Raises why where none could."""
    stories = session.scalars(select(Story).where(Story.id.in_([decision.story_id for decision in decisions]))).all()
    _lock_rows(session, stories)
    undone, refusal = [], None
    for decision in decisions[::-1]:
        try:
            undo(session, actor, decision)
            undone.append(decision)
        except (Conflict, NotFound) as error:
            refusal = error
    if refusal and not undone:
        raise refusal
    return undone


def latest_decision(session: Session, story: Story) -> StoryDecision | None:
    """Return the newest decision about a story that was not undone, or None."""
    return session.scalar(
        select(StoryDecision)
        .where(StoryDecision.story_id == story.id, StoryDecision.undone_at.is_(None))
        .order_by(StoryDecision.id.desc())
        .limit(1)
    )


def lock(session: Session, actor: Organiser, story: Story, *, takes_over: bool = False) -> None:
    """Let a moderator read a story for LOCK_LASTS, and let go of others; raises Locked where another one reads it."""
    now = clock.now()
    session.execute(
        update(Story)
        .where(Story.locked_by == actor.id, Story.id != story.id)
        .values(locked_by=None, locked_until=None)
        .execution_options(synchronize_session=False)
    )
    is_free = or_(Story.locked_by.is_(None), Story.locked_by == actor.id, Story.locked_until <= now)
    taken = session.execute(
        update(Story)
        .where(Story.id == story.id, or_(is_free, literal(takes_over)))
        .values(locked_by=actor.id, locked_until=now + LOCK_LASTS)
        .returning(Story.id)
    ).one_or_none()
    if taken is None:
        raise Locked
    session.refresh(story)
    if takes_over:
        audit.record(session, actor, "take_story_over", story, team_id=team_id_of(session, story))


def team_id_of(session: Session, story: Story) -> int | None:
    """Return the id of the team to whose call a story was told."""
    return session.scalar(select(Campaign.team_id).join(Call).where(Call.id == story.call_id))


def _lock_rows(session: Session, stories: Sequence[Story]) -> list[Story]:
    """Lock stories and first their signatures, as their authors' changes do; returns them in the order of the tally.

    Raises NotFound when one is gone.
    """
    by_signature = {story.signature_id: story for story in stories}
    rows = session.execute(
        select(Signature.id, Signature.country)
        .where(Signature.id.in_(by_signature))
        .order_by(Signature.id)
        .with_for_update()
    ).all()
    locked = session.scalars(
        select(Story)
        .where(Story.id.in_([story.id for story in stories]))
        .order_by(Story.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(locked) < len(stories):
        raise NotFound
    countries = {row.id: row.country or "" for row in rows}
    return sorted(locked, key=lambda story: (story.call_id, story.language, countries[story.signature_id], story.id))


def _counts(session: Session, story: Story) -> bool:
    state = session.scalar(select(Signature.state).where(Signature.id == story.signature_id))
    return state == SignatureState.CONFIRMED


def _move(session: Session, actor: Organiser | None, story: Story, action: str, state: StoryState) -> None:
    old, story.state = story.state, state
    story.locked_by = story.locked_until = None
    audit.record(session, actor, action, story, team_id=team_id_of(session, story), old=old, new=state)
