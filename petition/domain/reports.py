"""Reports by anybody: what can be reported, what a report does at once, its receipt, and how it is forgotten.

Notice and action, EU 2022/2065 Art. 16. What organisers decide is in ``report_cases.py``.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from petition import db, terms
from petition.domain import audit, letters, links, publications
from petition.domain.letters import NewLetter
from petition.errors import NotFound
from petition.lib import clock, email_addresses, tokens
from petition.models import (
    NOBODY,
    REPORTED,
    SHOWN,
    Call,
    CallAlias,
    CaseState,
    PublishedStory,
    Report,
    ReportCase,
    ReportedThing,
    ReportReason,
    Signature,
    StoryState,
)

STEP = timedelta(hours=terms.REPORT_STEP_HOURS)

LINK_LASTS = timedelta(days=terms.REPORT_LINK_DAYS)
_KEEP_ADDRESSES = timedelta(days=terms.REPORT_ADDRESS_DAYS)
_KEEP = timedelta(days=terms.REPORT_DAYS)


class NoReceipt(NotFound):
    """Raised for a link to a report that is damaged or too old, or whose report is deleted."""


class Reported(NamedTuple):
    """A thing that can be reported, as the public sees it; ``story`` is there for a story."""

    thing: ReportedThing
    thing_id: int
    call: Call
    story: PublishedStory | None = None


class Typed(NamedTuple):
    """What somebody reports, in the language of their page; name and address may be empty."""

    reason: ReportReason
    text: str
    name: str
    email: str
    language: str


def get_reported(session: Session, about: str) -> Reported:
    """Return the thing that ``story:<id>``, ``call:<slug>`` or ``picture:<id>`` names; raises NotFound.

    It must be public now, and so must its call be; a picture is where a call shows it.
    """
    kind, _, name = about.partition(":")
    number = int(name) if name.isascii() and name.isdecimal() and len(name) <= 18 else 0
    story = None
    about_it: ColumnElement[bool] | None = None
    if kind == ReportedThing.CALL:
        about_it = (Call.slug == name) | Call.id.in_(select(CallAlias.call_id).where(CallAlias.slug == name))
    elif kind == ReportedThing.PICTURE and number:
        about_it = Call.picture_id == number
    elif kind == ReportedThing.STORY and (story := session.get(PublishedStory, number)):
        about_it = Call.id == story.call_id
    if about_it is None:
        raise NotFound
    call = session.scalar(select(Call).where(about_it, Call.state.in_(SHOWN)).limit(1))
    if call is None:
        raise NotFound
    return Reported(ReportedThing(kind), call.id if kind == ReportedThing.CALL else number, call, story)


def submit(
    session: Session, reported: Reported, typed: Typed, *, network_digest: bytes, due_at: datetime | None = None
) -> Report:
    """Take a report, and write its receipt to the address that was left, if any, not before ``due_at``.

    It counts once for each address and each network. A story that no moderator has looked at is held by the first one;
    all else stays, and only moves up the queue.
    """
    case = _open_case(session, reported)
    email_digest = email_addresses.digest(typed.email) if typed.email else None
    is_same = Report.network_digest == network_digest
    if email_digest:
        is_same = is_same | (Report.email_digest == email_digest)
    is_counted = not session.scalar(select(exists().where(Report.case_id == case.id, is_same)))
    report = Report(
        case_id=case.id,
        reason=typed.reason,
        text=typed.text,
        language=typed.language,
        name=typed.name,
        email=typed.email or None,
        email_digest=email_digest,
        network_digest=network_digest,
        is_counted=is_counted,
        nonce=tokens.nonce(),
        created_at=clock.now(),
    )
    session.add(report)
    if is_counted:
        case.reports += 1
        case.rank_at = case.opened_at - STEP * (case.reports - 1)
    audit.record(session, None, "report", report, team_id=case.team_id, new=f"{case.thing} {case.thing_id}")
    if reported.story:
        _hold_unread(session, case)
    if email_digest:
        letter = NewLetter("report_receipt", typed.email, email_digest, typed.language, None, due_at, str(report.id))
        letters.enqueue(session, [letter])
    return report


def token(report: Report) -> str:
    """Return what stands in the address of a receipt."""
    return tokens.make("report", link_id(report))


def link_id(report: Report) -> str:
    """Return what a link to a receipt means."""
    return f"{report.id}.{report.nonce}"


def get_report(session: Session, token: str) -> Report:
    """Return the report that a link names; raises NoReceipt."""
    try:
        report_id, nonce = links.read_nonce("report", token, LINK_LASTS)
    except links.StaleLink:
        raise NoReceipt from None
    report = session.get(Report, report_id)
    if report is None or report.nonce != nonce:
        raise NoReceipt
    return report


def forget_people(session: Session) -> int:
    """Forget name, address and digests of reports older than REPORT_ADDRESS_DAYS; returns how many."""
    still_known = Report.name != "", Report.email.is_not(None), Report.network_digest.is_not(None)
    old = Report.created_at < clock.now() - _KEEP_ADDRESSES, or_(*still_known)
    gone = update(Report).where(*old).values(**NOBODY).returning(Report.id)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())


def delete_old(session: Session, *, limit: int) -> int:
    """Delete up to ``limit`` cases decided REPORT_DAYS ago, with their reports and decisions; returns how many."""
    is_over = (
        ReportCase.state.in_([CaseState.DECIDED, CaseState.CLOSED]),
        ReportCase.decided_at < clock.now() - _KEEP,
    )
    old = select(ReportCase.id).where(*is_over).limit(limit)
    gone = delete(ReportCase).where(ReportCase.id.in_(old)).returning(ReportCase.id)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())


def _open_case(session: Session, reported: Reported) -> ReportCase:
    """Return the open case of a thing, locked, a new one where there is none."""
    now = clock.now()
    insert = db.insert(db.is_sqlite(session), ReportCase).values(
        thing=reported.thing,
        thing_id=reported.thing_id,
        call_id=reported.call.id,
        state=CaseState.OPEN,
        reports=0,
        opened_at=now,
        rank_at=now,
        appeal="",
    )
    theirs = select(ReportCase).where(
        ReportCase.thing == reported.thing,
        ReportCase.thing_id == reported.thing_id,
        ReportCase.state == CaseState.OPEN,
    )
    locked = theirs.with_for_update(of=ReportCase).execution_options(populate_existing=True)
    case = None
    # Somebody may decide the case between the two statements.
    while case is None:
        session.execute(insert.on_conflict_do_nothing())
        case = session.scalar(locked)
    return case


def _hold_unread(session: Session, case: ReportCase) -> None:
    """Take a story from the public until a moderator has read it, if none has read the words that are shown."""
    story = publications.find_locked(session, case.thing_id)
    shown = session.get(PublishedStory, case.thing_id, populate_existing=True)
    # An author's newer words wait while older ones, which were approved, are shown.
    if story is None or shown is None or story.state != StoryState.WAITING or shown.revision != story.revision:
        return
    publications.retract(session, [story.id])
    story.state, story.held_because, case.held_at = StoryState.HELD, REPORTED, clock.now()
    audit.record(session, None, "hold_story", story, team_id=case.team_id, new=f"report_case {case.id}")
    author = session.get_one(Signature, story.signature_id)
    if story.wants_letter and author.email:
        # No letter about the call: strangers can use up all of those that go out.
        letter = NewLetter("story_held", author.email, author.email_digest, author.language, version=str(story.id))
        letters.enqueue(session, [letter])
