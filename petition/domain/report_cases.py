"""The queue of reports, and all that there is to know about one case, for those who decide."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from petition.errors import NotFound
from petition.lib import cursors
from petition.lib.cursors import BadCursor
from petition.models import (
    SHOWN,
    Call,
    CallText,
    Campaign,
    CaseState,
    Picture,
    PublishedStory,
    Report,
    ReportCase,
    ReportDecision,
    ReportedThing,
    ReportReason,
    Story,
    Team,
)

PAGE_SIZE = 25

_WAITING = ReportCase.state.in_([CaseState.OPEN, CaseState.APPEALED])


class Row(NamedTuple):
    """A case in the queue: the title of its call with its language, and how often each reason was given."""

    case: ReportCase
    title: str
    language: str
    reasons: list[tuple[ReportReason, int]]


class Page(NamedTuple):
    """Some cases in the order of the queue; ``after`` is what the next page asks for, empty on the last."""

    rows: list[Row]
    after: str


def queue(session: Session, team: Team | None, *, after: str = "", limit: int = PAGE_SIZE) -> Page:
    """Return the cases that wait: of a team, or with None those that the owners of the site may decide.

    Each report of another network counts as twelve hours of waiting, and the longest wait comes first. ``after`` is the
    place of a case; one that cannot be read is the beginning.
    """
    query = _of(team).where(_WAITING)
    # What cannot be read is the beginning.
    with suppress(BadCursor):
        query = query.where(tuple_(ReportCase.rank_at, ReportCase.id) > tuple_(*cursors.read(after)))
    cases = session.scalars(query.order_by(ReportCase.rank_at, ReportCase.id).limit(limit + 1)).all()
    shown = cases[:limit]
    titles, reasons = _titles(session, [case.call for case in shown]), _reasons(session, [case.id for case in shown])
    rows = [Row(case, *titles[case.call_id], reasons.get(case.id, [])) for case in shown]
    return Page(rows, place_of(shown[-1]) if len(cases) > limit else "")


def place_of(case: ReportCase) -> str:
    """Return where a case stands in the queue, for ``after``."""
    return cursors.write(case.rank_at, case.id)


class Waiting(NamedTuple):
    """How many cases wait, and since when the oldest does."""

    cases: int
    since: datetime | None


def waiting(session: Session, team: Team | None) -> Waiting:
    """Return how many cases of a team wait, or with None of the site."""
    theirs = _of(team).where(_WAITING).with_only_columns(func.count(ReportCase.id), func.min(ReportCase.opened_at))
    return Waiting(*session.execute(theirs).one())


def get_case(session: Session, team: Team | None, case_id: int) -> ReportCase:
    """Return a case of a team, or with None one of the site; raises NotFound for any other."""
    case = session.scalar(_of(team).where(ReportCase.id == case_id))
    if case is None:
        raise NotFound
    return case


class Subject(NamedTuple):
    """What a case is about as it stands now: the title of its call; of a story the words, and which revision.

    ``revision`` is 0 for what has none and for what is gone; ``is_public`` whether people see it.
    """

    title: str
    title_language: str
    is_public: bool
    revision: int
    words: PublishedStory | Story | None
    picture: Picture | None


def subject(session: Session, case: ReportCase) -> Subject:
    """Return what a case is about."""
    title, language = _titles(session, [case.call])[case.call_id]
    call_is_shown, words, picture = case.call.state in SHOWN, None, None
    if case.thing == ReportedThing.STORY:
        shown = session.get(PublishedStory, case.thing_id)
        words = shown or session.get(Story, case.thing_id)
        return Subject(title, language, shown is not None, words.revision if words else 0, words, None)
    if case.thing == ReportedThing.PICTURE:
        picture = session.get(Picture, case.thing_id)
        call_is_shown = call_is_shown and case.call.picture_id == case.thing_id
    return Subject(title, language, call_is_shown, 0, None, picture)


def reports_of(session: Session, case: ReportCase) -> Sequence[Report]:
    """Return the reports of a case, the oldest first."""
    return session.scalars(select(Report).where(Report.case_id == case.id).order_by(Report.id)).all()


def earlier(session: Session, case: ReportCase) -> Sequence[ReportDecision]:
    """Return what was decided about the same thing in earlier cases, the newest first."""
    return session.scalars(
        select(ReportDecision)
        .join(ReportCase, ReportCase.id == ReportDecision.case_id)
        .where(ReportCase.thing == case.thing, ReportCase.thing_id == case.thing_id, ReportCase.id != case.id)
        .order_by(ReportDecision.decided_at.desc())
    ).all()


def _of(team: Team | None) -> Select[ReportCase]:
    """Return a query for the cases of a team; or those about calls and pictures, and all of calls without a team."""
    cases = select(ReportCase).join(Call, Call.id == ReportCase.call_id).join(Campaign, Campaign.id == Call.campaign_id)
    if team:
        return cases.where(Campaign.team_id == team.id)
    return cases.where((ReportCase.thing != ReportedThing.STORY) | Campaign.team_id.is_(None))


def _titles(session: Session, calls: Sequence[Call]) -> dict[int, tuple[str, str]]:
    """Return by id the titles of calls in their own languages, and these."""
    rows = session.execute(
        select(CallText.call_id, CallText.language, CallText.title).where(
            CallText.call_id.in_([call.id for call in calls])
        )
    )
    found = {(call_id, language): title for call_id, language, title in rows}
    return {call.id: (found.get((call.id, call.language), call.slug), call.language) for call in calls}


def _reasons(session: Session, case_ids: Sequence[int]) -> dict[int, list[tuple[ReportReason, int]]]:
    """Return by case how often each reason was given, the most frequent first."""
    number = func.count()
    rows = session.execute(
        select(Report.case_id, Report.reason, number)
        .where(Report.case_id.in_(case_ids))
        .group_by(Report.case_id, Report.reason)
        .order_by(number.desc(), Report.reason)
    )
    reasons: dict[int, list[tuple[ReportReason, int]]] = {}
    for case_id, reason, times in rows:
        reasons.setdefault(case_id, []).append((reason, times))
    return reasons
