"""What is decided about reports: the decision with its reasons, who is told, and one second look for who reported.

EU 2022/2065 Art. 16 (5, 6). The author of a story is told by the rules of moderation (Art. 17), and objects there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from petition.domain import audit, letters, publications
from petition.domain.letters import NewLetter
from petition.errors import Conflict, StaleRevision
from petition.lib import clock
from petition.models import (
    MODERATORS,
    NOBODY,
    REPORTED,
    SHOWN,
    Call,
    CaseState,
    Decision,
    Membership,
    Organiser,
    PublishedStory,
    ReasonClass,
    Report,
    ReportCase,
    ReportDecision,
    ReportedThing,
    ReportOutcome,
    ReportReason,
    Signature,
    SignatureState,
    Story,
    StoryState,
)

# The ground of a decision as moderators of stories name it.
REASON_CLASSES = {
    ReportReason.ILLEGAL: ReasonClass.LAW,
    ReportReason.PRIVACY: ReasonClass.PRIVATE,
    ReportReason.HATRED: ReasonClass.HATE,
    ReportReason.SPAM: ReasonClass.ADVERTISING,
    ReportReason.COPYRIGHT: ReasonClass.COPIED,
    ReportReason.NOT_OWN: ReasonClass.COPIED,
    ReportReason.OTHER: ReasonClass.OTHER,
}


class AlreadyDecided(Conflict):
    """Raised when somebody else has decided a case meanwhile."""


class OwnDecision(Conflict):
    """Raised when somebody would look a second time at what they decided, while another moderator can."""


class NoSecondLook(Conflict):
    """Raised when a second look is asked for that was asked for already, or where nothing was decided."""


def decisions(session: Session, case: ReportCase) -> Sequence[ReportDecision]:
    """Return what was decided about a case, the newest last."""
    return session.scalars(
        select(ReportDecision).where(ReportDecision.case_id == case.id).order_by(ReportDecision.number)
    ).all()


def may_decide(session: Session, person: Organiser, case: ReportCase) -> bool:
    """Whether somebody may decide now: a second look is another moderator's, where there is one."""
    if case.state != CaseState.APPEALED:
        return case.is_waiting
    first = decisions(session, case)[0]
    return first.decided_by != person.id or not _has_another(session, case, person)


class Verdict(NamedTuple):
    """A decision and its reasons; ``ground`` is None where the thing stays. ``revision`` is what the decider saw."""

    outcome: ReportOutcome
    ground: ReportReason | None
    sentence: str
    revision: int = 0


def decide(session: Session, person: Organiser, case: ReportCase, verdict: Verdict) -> None:
    """Decide a case, tell who reported it what was decided, and forget them.

    What becomes of a story, a call or a picture, and that its author is told, is for their own rules, which stand
    beside this in the same transaction; ``story_decision`` says which. Raises AlreadyDecided, OwnDecision, and
    StaleRevision where the story has other words by now.
    """
    session.refresh(case, with_for_update={"of": ReportCase})
    if not case.is_waiting:
        raise AlreadyDecided
    if not may_decide(session, person, case):
        raise OwnDecision
    before = list(decisions(session, case))
    if case.thing == ReportedThing.STORY:
        _retract_older(session, case, verdict)
    is_final = bool(before) or verdict.outcome == ReportOutcome.REMOVED
    _write(session, person, case, verdict, CaseState.CLOSED if is_final else CaseState.DECIDED)
    old = before[-1].outcome if before else ""
    new = f"{verdict.outcome} {verdict.ground or ''}".strip()
    audit.record(session, person, "decide_report", case, team_id=case.team_id, old=old, new=new)


def close_gone(session: Session, *, limit: int) -> int:
    """Decide up to ``limit`` cases by themselves about what is not public any more, and tell who reported it."""
    gone = select(ReportCase).where(ReportCase.state == CaseState.OPEN, _is_gone()).order_by(ReportCase.id).limit(limit)
    cases = session.scalars(gone.with_for_update(of=ReportCase, skip_locked=True)).all()
    for case in cases:
        _write(session, None, case, Verdict(ReportOutcome.GONE, None, ""), CaseState.CLOSED)
        audit.record(session, None, "close_report", case, team_id=case.team_id, new=ReportOutcome.GONE)
    return len(cases)


def may_ask_again(case: ReportCase, decided: Sequence[ReportDecision]) -> bool:
    """Whether who reported may ask for a second look: once, after what they reported was left as it is."""
    return case.state == CaseState.DECIDED and decided[-1].outcome == ReportOutcome.KEPT


def ask_again(session: Session, report: Report, words: str) -> None:
    """Ask for a second look at a report after which nothing was done; raises NoSecondLook."""
    session.refresh(report.case, with_for_update={"of": ReportCase})
    if not may_ask_again(report.case, decisions(session, report.case)):
        raise NoSecondLook
    case = report.case
    case.state, case.appealed_at, case.appealed_by, case.appeal = CaseState.APPEALED, clock.now(), report.id, words
    audit.record(session, None, "ask_for_second_look", case, team_id=case.team_id)


def find_about(session: Session, signature: Signature) -> ReportCase | None:
    """Return the newest case because of which the story of a signature was held or hidden, or None."""
    if signature.story is None:
        return None
    hidden = select(ReportDecision.case_id).where(ReportDecision.outcome == ReportOutcome.HIDDEN)
    return session.scalar(
        select(ReportCase)
        .where(
            ReportCase.thing == ReportedThing.STORY,
            ReportCase.thing_id == signature.story.id,
            ReportCase.held_at.is_not(None) | ReportCase.id.in_(hidden),
        )
        .order_by(ReportCase.id.desc())
        .limit(1)
    )


def story_decision(session: Session, case: ReportCase, outcome: ReportOutcome) -> tuple[Story, Decision] | None:
    """Return the story of a case, and what its moderators decide about it so that it stands where an outcome says.

    None where it stands there already, or its newest words are not those that are public. A story that was held, or
    that nobody had read, is approved by staying.
    """
    story = session.get(Story, case.thing_id) if case.thing == ReportedThing.STORY else None
    if story is None:
        return None
    shown = session.get(PublishedStory, story.id)
    if shown and shown.revision != story.revision:
        return None
    is_held = story.state == StoryState.HELD and story.held_because == REPORTED
    if outcome == ReportOutcome.HIDDEN:
        return (story, Decision.HIDE) if shown or is_held else None
    is_counted = session.get_one(Signature, story.signature_id).is_confirmed
    is_unread = is_held or (shown and story.state == StoryState.WAITING)
    return (story, Decision.APPROVE) if is_unread and is_counted else None


def _retract_older(session: Session, case: ReportCase, verdict: Verdict) -> None:
    """Take older words of a story from the public, while newer ones wait for a moderator as they would without this.

    Raises StaleRevision unless the words that are public, or the newest, are those that the decider saw.
    """
    story = publications.find_locked(session, case.thing_id)
    shown = session.get(PublishedStory, case.thing_id, populate_existing=True)
    words = shown or story
    if verdict.revision != (words.revision if words else 0):
        raise StaleRevision
    if verdict.outcome == ReportOutcome.HIDDEN and story and shown and shown.revision != story.revision:
        publications.retract(session, [story.id])


def _write(session: Session, person: Organiser | None, case: ReportCase, verdict: Verdict, state: CaseState) -> None:
    """Keep a decision, write to who reported, and forget them."""
    now, number = clock.now(), 2 if case.state == CaseState.APPEALED else 1
    session.add(
        ReportDecision(
            case_id=case.id,
            number=number,
            outcome=verdict.outcome,
            ground=verdict.ground,
            sentence=verdict.sentence,
            language=person.language if person else case.call.language,
            decided_by=person.id if person else None,
            decided_at=now,
        )
    )
    case.state, case.decided_at = state, now
    session.flush()
    told = session.scalars(select(Report).where(Report.case_id == case.id, Report.email.is_not(None))).all()
    letters.enqueue(session, [_outcome(report) for report in told])
    session.execute(update(Report).where(Report.case_id == case.id).values(**NOBODY))


def _outcome(report: Report) -> NewLetter:
    return NewLetter(
        "report_outcome", report.email or "", report.email_digest or b"", report.language, version=str(report.id)
    )


def _has_another(session: Session, case: ReportCase, person: Organiser) -> bool:
    """Whether somebody else may decide about what this team shows; the owners of the site, where there is no team."""
    others = select(Organiser.id).where(Organiser.id != person.id)
    if case.team_id is None:
        others = others.where(Organiser.is_site_owner)
    else:
        others = others.join(Membership, Membership.organiser_id == Organiser.id).where(
            Membership.team_id == case.team_id, Membership.role.in_(MODERATORS)
        )
    return session.scalar(others.limit(1)) is not None


def _is_gone() -> ColumnElement[bool]:
    """Return an SQL condition: what a case is about is not public any more, and not because of the case."""
    is_shown = Call.state.in_(SHOWN)
    is_held = exists().where(
        Story.id == ReportCase.thing_id,
        Story.state == StoryState.HELD,
        Story.held_because == REPORTED,
        Signature.id == Story.signature_id,
        Signature.state == SignatureState.CONFIRMED,
    )
    there = {
        ReportedThing.STORY: exists().where(PublishedStory.story_id == ReportCase.thing_id) | is_held,
        ReportedThing.CALL: exists().where(Call.id == ReportCase.thing_id, is_shown),
        ReportedThing.PICTURE: exists().where(Call.picture_id == ReportCase.thing_id, is_shown),
    }
    return or_(*(and_(ReportCase.thing == thing, ~is_there) for thing, is_there in there.items()))
