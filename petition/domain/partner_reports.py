"""Signatures that partners collected elsewhere, one table a day: what counts, corrections, and what organisers decide.

A report is a row that never changes but for its state. What counts moves the tally in the same transaction, as a figure
of its own; see ``Dimension.REPORTED``.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import NamedTuple

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import audit, totals
from petition.errors import Conflict, NotFound, PetitionError
from petition.lib import clock
from petition.models import Call, CallText, Organiser, Partner, PartnerReport, PartnerReportState, Team

# So many stand on the page of organisers: of those that wait the oldest, of the others the newest.
MOST_SHOWN = 50

_DAY = timedelta(days=1)
# In these states one report of a day may be at a time.
_ALIVE = (PartnerReportState.COUNTED, PartnerReportState.WAITING)


class DayRefused(PetitionError):
    """Raised for a day on which nobody can have signed."""


class FutureDay(DayRefused):
    """Raised for a day that has not begun in UTC."""


class DayBeforeOpening(DayRefused):
    """Raised for a UTC day before the one on which the call opened."""


class DayAfterClosing(DayRefused):
    """Raised for a UTC day after the last on which the call was open."""


class ReportChanged(Conflict):
    """Raised when a button names another state of a report than it has, or asks for what that does not allow."""


class Doubt(StrEnum):
    """Why a report waits for an organiser."""

    MANY = "many_for_one_day"
    MANY_AT_ONCE = "many_in_24_hours"
    UNUSUAL = "unusual_for_this_partner"
    FEWER = "less_than_half_of_before"


class Waiting(NamedTuple):
    """A report that waits, how many signatures of its day count meanwhile, and what is doubtful about it."""

    report: PartnerReport
    before: int
    doubts: list[Doubt]


def put(
    session: Session, partner: Partner, call: Call, day: date, *, countries: Mapping[str, int], source: str
) -> tuple[PartnerReport, bool]:
    """Take what a partner reports for a day of a call that the public sees; returns the report, and whether it is new.

    The same as it said last changes nothing. Anything else is a correction: it takes the place of what waits, and of
    what counts once it counts itself, which is at once unless something is doubtful. Raises NotFound for a call of
    another team, and DayRefused.
    """
    if call.campaign.team_id != partner.team_id:
        raise NotFound
    _check_day(call, day)
    _lock(session, partner.id)
    numbers = {code: number for code, number in sorted(countries.items()) if number}
    last = next(iter(of_day(session, partner, call, day, limit=1)), None)
    if last and (last.countries, last.source) == (numbers, source):
        return last, False
    report = PartnerReport(
        partner=partner,
        call=call,
        day=day,
        revision=last.revision + 1 if last else 1,
        state=PartnerReportState.WAITING,
        signatures=sum(numbers.values()),
        countries=numbers,
        source=source,
        received_at=clock.now(),
    )
    session.add(report)
    session.flush()
    for earlier in _alive(session, report):
        if earlier.id != report.id and earlier.state == PartnerReportState.WAITING:
            earlier.state = PartnerReportState.REPLACED
    if not doubts(session, report):
        _count(session, report)
    return report, True


def of_day(session: Session, partner: Partner, call: Call, day: date, *, limit: int) -> Sequence[PartnerReport]:
    """Return what a partner reported for a day of a call, newest first."""
    theirs = PartnerReport.partner_id == partner.id, PartnerReport.call_id == call.id, PartnerReport.day == day
    newest = select(PartnerReport).where(*theirs).order_by(PartnerReport.revision.desc()).limit(limit)
    return session.scalars(newest.execution_options(populate_existing=True)).all()


def counted(session: Session, report: PartnerReport) -> int:
    """Return how many signatures count for the day of a report, whichever report of it counts."""
    return sum(one.signatures for one in _alive(session, report) if one.state == PartnerReportState.COUNTED)


def doubts(session: Session, report: PartnerReport) -> list[Doubt]:
    """Return what is doubtful about a report beside what counts for the same partner and call; nothing is what counts.

    What does not add to its day can only be doubtful for taking most of it away.
    """
    number, before = report.signatures, _counted_now(session, report)
    its_day, others = before.get(report.day, 0), [n for day, n in before.items() if n and day != report.day]
    if number <= its_day:
        return [Doubt.FEWER] if number * 2 < its_day else []
    day_ago = _counted_at(session, report, report.received_at - _DAY)
    after = before | {report.day: number}
    raised = sum(max(0, number - day_ago.get(day, 0)) for day, number in after.items())
    usual = median(others) if others else number
    is_large = number > terms.PARTNER_REPORT_ASK_FROM
    found = {
        Doubt.MANY: number > terms.PARTNER_REPORT_AT_ONCE,
        Doubt.MANY_AT_ONCE: raised > terms.PARTNER_REPORTS_AT_ONCE,
        Doubt.UNUSUAL: is_large and number > usual * terms.PARTNER_REPORT_TIMES_USUAL,
    }
    return [doubt for doubt, is_found in found.items() if is_found]


def get_report(session: Session, team: Team, report_id: int) -> PartnerReport:
    """Return a report of a team's partner; raises NotFound."""
    report = session.get(PartnerReport, report_id)
    if report is None or report.partner.team_id != team.id:
        raise NotFound
    return report


def decide(session: Session, actor: Organiser, report: PartnerReport, *, shown: str, accept: bool) -> None:
    """Let a report count, or refuse it; one that counts already is taken out of the total by that.

    ``shown`` is the state in which the decider saw it. What was refused may be accepted while nothing newer is reported
    for its day. Raises ReportChanged.
    """
    _lock(session, report.partner_id)
    session.refresh(report)
    refused = PartnerReportState.REFUSED
    allowed = {refused, PartnerReportState.WAITING} if accept else {*_ALIVE}
    (newest,) = of_day(session, report.partner, report.call, report.day, limit=1)
    if report.state != shown or report.state not in allowed or (accept and newest.id != report.id):
        raise ReportChanged
    old = counted(session, report)
    if accept:
        _count(session, report, actor)
    else:
        if report.state == PartnerReportState.COUNTED:
            totals.add_reported(session, report.call_id, report.partner.slug, -report.signatures)
        report.state, report.decided_at, report.decided_by = refused, clock.now(), actor.id
    name = "take_partner_report" if accept else "refuse_partner_report"
    audit.record(session, actor, name, report, team_id=report.partner.team_id, old=old, new=counted(session, report))


def waiting(session: Session, team: Team) -> list[Waiting]:
    """Return up to MOST_SHOWN reports that wait for a team, oldest first."""
    rows = session.scalars(_of_team(team, waiting=True).order_by(PartnerReport.id).limit(MOST_SHOWN))
    return [Waiting(report, counted(session, report), doubts(session, report)) for report in rows]


def count_waiting(session: Session, team: Team) -> tuple[int, datetime | None]:
    """Return how many reports wait for a team, and since when the oldest does."""
    wait = _of_team(team, waiting=True).with_only_columns(func.count(), func.min(PartnerReport.received_at))
    number, oldest_at = session.execute(wait).one()
    return number, oldest_at


def newest(session: Session, team: Team) -> Sequence[PartnerReport]:
    """Return the MOST_SHOWN reports of a team's partners that were decided last, by an organiser or by the rules."""
    decided = _of_team(team, waiting=False).where(PartnerReport.decided_at.is_not(None))
    return session.scalars(
        decided.order_by(PartnerReport.decided_at.desc(), PartnerReport.id.desc()).limit(MOST_SHOWN)
    ).all()


def titles(session: Session, reports: Sequence[PartnerReport]) -> dict[int, str]:
    """Return the titles of the calls of reports, each in the call's own language, by the id of the call."""
    own = CallText.call_id == Call.id, CallText.language == Call.language
    ids = {report.call_id for report in reports}
    rows = session.execute(select(Call.id, CallText.title).join(CallText, own[0] & own[1]).where(Call.id.in_(ids)))
    return dict(rows.all())


def _check_day(call: Call, day: date) -> None:
    """Raise DayRefused for a UTC day that is to come, or on which the call was not open."""
    if day > clock.now().date():
        raise FutureDay
    if day < call.opens_at.astimezone(UTC).date():
        raise DayBeforeOpening
    if call.closes_at and day > (call.closes_at - timedelta.resolution).astimezone(UTC).date():
        raise DayAfterClosing


def _lock(session: Session, partner_id: int) -> None:
    """Let what one partner reports, and what is decided about it, happen one after the other in transactions."""
    session.execute(update(Partner).where(Partner.id == partner_id).values(slug=Partner.slug))


def _alive(session: Session, report: PartnerReport) -> Sequence[PartnerReport]:
    """Return the other reports of a day that count or wait, and this one if it does."""
    theirs = (
        PartnerReport.partner_id == report.partner_id,
        PartnerReport.call_id == report.call_id,
        PartnerReport.day == report.day,
        PartnerReport.state.in_(_ALIVE),
    )
    return session.scalars(select(PartnerReport).where(*theirs).order_by(PartnerReport.revision)).all()


def _count(session: Session, report: PartnerReport, actor: Organiser | None = None) -> None:
    """Let a report count in the place of the one that does."""
    before = counted(session, report)
    for earlier in _alive(session, report):
        if earlier.id != report.id:
            earlier.state = PartnerReportState.REPLACED
    report.state, report.decided_at, report.decided_by = PartnerReportState.COUNTED, clock.now(), None
    if actor:
        report.decided_by = actor.id
    totals.add_reported(session, report.call_id, report.partner.slug, report.signatures - before)


def _counted_now(session: Session, report: PartnerReport) -> dict[date, int]:
    """Return what counts of the partner and call of a report, by day."""
    theirs = PartnerReport.partner_id == report.partner_id, PartnerReport.call_id == report.call_id
    counts = PartnerReport.state == PartnerReportState.COUNTED
    rows = session.execute(select(PartnerReport.day, PartnerReport.signatures).where(*theirs, counts))
    return dict(rows.all())


def _counted_at(session: Session, report: PartnerReport, moment: datetime) -> dict[date, int]:
    """Return what counted at a moment, by day; what was taken out of the total since may still be in it."""
    last = (
        select(PartnerReport.day, func.max(PartnerReport.revision).label("revision"))
        .where(
            PartnerReport.partner_id == report.partner_id,
            PartnerReport.call_id == report.call_id,
            PartnerReport.state.in_([PartnerReportState.COUNTED, PartnerReportState.REPLACED]),
            PartnerReport.decided_at <= moment,
        )
        .group_by(PartnerReport.day)
        .subquery()
    )
    rows = session.execute(
        select(PartnerReport.day, PartnerReport.signatures)
        .join(last, (PartnerReport.day == last.c.day) & (PartnerReport.revision == last.c.revision))
        .where(PartnerReport.partner_id == report.partner_id, PartnerReport.call_id == report.call_id)
    )
    return dict(rows.all())


def _of_team(team: Team, *, waiting: bool) -> Select[PartnerReport]:
    """Return the query of the reports of a team's partners that wait, or of all others."""
    is_waiting = PartnerReport.state == PartnerReportState.WAITING
    return (
        select(PartnerReport)
        .join_from(PartnerReport, Partner)
        .where(Partner.team_id == team.id, is_waiting if waiting else ~is_waiting)
    )
