"""Stories as their authors tell them: with a signature, in the queue once it counts, and changed afterwards."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, literal, or_, select, update
from sqlalchemy.orm import Session

from petition import db
from petition.domain import publications
from petition.lib import clock, hold_reasons, texts
from petition.models import (
    IS_PENDING,
    REPORTED,
    Call,
    Campaign,
    CaseState,
    HoldList,
    Letter,
    LetterState,
    Report,
    ReportCase,
    ReportDecision,
    ReportedThing,
    Signature,
    Story,
    StoryState,
    StoryWords,
    Team,
    columns_of,
)


def insert(session: Session, told: Sequence[Mapping[str, Any]]) -> None:
    """Write stories beside the signatures that wait for the same ``call_id``, ``email_digest`` and ``version``.

    Each has its words as ``story`` too. A story that is there already is left alone.
    """
    rows = [
        {
            "call": one["call_id"],
            "mailbox": one["email_digest"],
            "words": one["version"],
            **columns_of(one["story"]),
        }
        for one in told
    ]
    names = list(columns_of(told[0]["story"]))
    column = Story.__table__.c
    values = [bindparam(name, type_=column[name].type) for name in names]
    theirs = select(
        Signature.id, Signature.call_id, literal(StoryState.TOLD, column["state"].type), literal(1), *values
    ).where(
        Signature.call_id == bindparam("call"),
        Signature.email_digest == bindparam("mailbox"),
        Signature.version == bindparam("words"),
        IS_PENDING,
    )
    statement = db.insert(db.is_sqlite(session), Story).from_select(
        ["signature_id", "call_id", "state", "revision", *names], theirs
    )
    session.connection().execute(statement.on_conflict_do_nothing(index_elements=[Story.signature_id]), rows)


def submit(session: Session, signature_ids: Sequence[int]) -> None:
    """Let stories of signatures that count now wait for a moderator, where their authors agreed to publish them.

    A story that was public before its signature was withdrawn is so again.
    """
    rows = session.execute(
        select(Story, Signature.country)
        .join(Signature, Signature.id == Story.signature_id)
        .where(Story.signature_id.in_(signature_ids), Story.consent_version.is_not(None))
    ).all()
    # In the order of the tally, so that transactions that publish several queue.
    for story, _country in sorted(rows, key=lambda row: (row[0].call_id, row[0].language, row[1] or "", row[0].id)):
        if story.state == StoryState.APPROVED:
            publications.publish(session, story)
        elif story.state in {StoryState.TOLD, StoryState.WAITING}:
            _queue(session, story)


def forget(session: Session, signature_ids: Sequence[int]) -> None:
    """Take the words of stories that are about to be deleted out of what others wrote about them.

    What is reported, why and what was decided stays by its class.
    """
    story_ids = session.scalars(select(Story.id).where(Story.signature_id.in_(signature_ids))).all()
    about = ReportCase.thing == ReportedThing.STORY, ReportCase.thing_id.in_(story_ids)
    cases = select(ReportCase.id).where(*about)
    for change in (
        update(Report).where(Report.case_id.in_(cases)).values(text=""),
        update(ReportDecision).where(ReportDecision.case_id.in_(cases)).values(sentence=""),
        update(ReportCase).where(*about).values(appeal=""),
    ):
        session.execute(change.execution_options(synchronize_session=False))


def drop_letters(session: Session, signature: Signature) -> None:
    """Delete what waits to tell an author how their story stands."""
    about_it = and_(Letter.template == "story_decided", Letter.call_id == signature.call_id)
    held = and_(Letter.template == "story_held", Letter.version == str(signature.story.id if signature.story else ""))
    theirs = Letter.email_digest == signature.email_digest, Letter.state == LetterState.WAITING
    session.execute(delete(Letter).where(*theirs, or_(about_it, held)).execution_options(synchronize_session=False))


def replace(session: Session, signature: Signature, words: StoryWords | None, *, stays: bool = True) -> None:
    """Put an author's new words in the place of the old, as a new revision that a moderator reads again.

    What is published stays until then, unless ``stays`` is false or nothing is to be published any more.
    """
    if story := signature.story:
        session.refresh(story, with_for_update=True)
    if words == signature.told and (stays or not story):
        return
    signature.reason = None
    if story and not (stays and words and words.licence):
        publications.retract(session, [story.id])
    if words:
        _write(session, signature, story, words)
    elif story:
        drop_letters(session, signature)
        forget(session, [signature.id])
        session.delete(story)
    session.flush()
    session.expire(signature, ["story"])


def _write(session: Session, signature: Signature, story: Story | None, words: StoryWords) -> None:
    if story is None:
        story = Story(signature_id=signature.id, call_id=signature.call_id, revision=0)
        session.add(story)
    for name, value in columns_of(words).items():
        setattr(story, name, value)
    story.revision += 1
    story.state, story.held_because, story.is_repeated = StoryState.TOLD, None, False
    story.submitted_at = story.decided_at = story.locked_by = story.locked_until = None
    if signature.is_confirmed and words.licence:
        session.flush()
        _queue(session, story)


def _queue(session: Session, story: Story) -> None:
    """Let a story wait for a moderator; where its team wants that, it is public meanwhile if nothing holds it."""
    rules = session.execute(
        select(Team.publishes_unread, HoldList.words)
        .select_from(Call)
        .join(Campaign, Campaign.id == Call.campaign_id)
        .join(Team, Team.id == Campaign.team_id)
        .outerjoin(HoldList, and_(HoldList.team_id == Team.id, HoldList.language.in_([story.language, ""])))
        .where(Call.id == story.call_id)
    ).all()
    story.held_because = hold_reasons.reason(story.parts, [word for rule in rules for word in rule.words or ()])
    if not story.held_because and _is_held_by_reports(session, story):
        story.held_because = REPORTED
    story.state = StoryState.HELD if story.held_because else StoryState.WAITING
    story.submitted_at = story.submitted_at or clock.now()
    _mark_repeated(session, story)
    if not story.held_because and any(rule.publishes_unread for rule in rules):
        publications.publish(session, story)


def _is_held_by_reports(session: Session, story: Story) -> bool:
    """Whether a report holds a story until somebody decides: then its author's newer words are not public unread."""
    case = select(ReportCase.id).where(
        ReportCase.thing == ReportedThing.STORY,
        ReportCase.thing_id == story.id,
        ReportCase.state == CaseState.OPEN,
        ReportCase.held_at.is_not(None),
    )
    return session.scalar(case) is not None


def _mark_repeated(session: Session, story: Story) -> None:
    """Mark a story, and the one that is found, where another of the call says the same."""
    if not texts.fold(story.text):
        return
    # One that a moderator or its author has in hand is not waited for.
    other = session.scalar(
        select(Story)
        .where(
            Story.call_id == story.call_id,
            Story.text_digest == story.text_digest,
            Story.id != story.id,
            Story.state != StoryState.TOLD,
        )
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if other:
        story.is_repeated = other.is_repeated = True
