"""What partners report counts beside the signatures, by rules of its own."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from petition.domain import partner_reports, totals
from petition.domain.partner_reports import Doubt
from petition.errors import NotFound
from petition.models import AuditEntry, Call, Dimension, Organiser, Partner, PartnerReport, Tally, Team
from tests.conftest import StoppedClock
from tests.factories import confirm, make_call, make_partner
from tests.organisers import make_organiser, make_team

DAY = date(2026, 5, 20)


@pytest.fixture(name="team")
def _team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture(name="call")
def _call(session: Session, team: Team) -> Call:
    return make_call(session, team=team)


@pytest.fixture(name="partner")
def _partner(session: Session, team: Team) -> Partner:
    return make_partner(session, team)


@pytest.fixture(name="ann")
def _ann(session: Session) -> Organiser:
    return make_organiser(session)


def put(
    session: Session, partner: Partner, call: Call, number: int, day: date = DAY, source: str = "Lists on paper"
) -> PartnerReport:
    report, _is_new = partner_reports.put(session, partner, call, day, countries={"NL": number}, source=source)
    session.commit()
    return report


def reported(session: Session, call: Call) -> int:
    assert totals.drift(session) == []
    return totals.for_call(session, call).partner_reported


def states(session: Session) -> list[str]:
    session.expire_all()
    return [report.state.value for report in session.scalars(select(PartnerReport).order_by(PartnerReport.id))]


def test_what_partners_report_is_a_part_of_the_total_and_of_no_other_figure(session: Session, team: Team) -> None:
    call = make_call(session, team=team, partner_reported=100)
    confirm(session, call)
    put(session, make_partner(session, team), call, 20)
    put(session, make_partner(session, team, "library"), call, 3)

    total = totals.for_call(session, call)

    assert (total.confirmed, total.partner_reported, total.total, total.today) == (1, 123, 124, 1)
    assert totals.figures(session, call, Dimension.REPORTED) == [("library", 3), ("museum", 20)]
    assert totals.figures(session, call, Dimension.COUNTRY) == [("NL", 1)]
    assert totals.figures(session, call, Dimension.PARTNER) == []


def test_the_same_table_again_changes_nothing(session: Session, partner: Partner, call: Call) -> None:
    first, is_new = partner_reports.put(session, partner, call, DAY, countries={"NL": 2, "": 1}, source="Paper")
    again, is_new_again = partner_reports.put(
        session, partner, call, DAY, countries={"": 1, "FR": 0, "NL": 2}, source="Paper"
    )

    assert (is_new, is_new_again) == (True, False)
    assert first.id == again.id
    assert reported(session, call) == 3


def test_a_correction_takes_the_place_of_what_counted_which_stays_known(
    session: Session, partner: Partner, call: Call
) -> None:
    put(session, partner, call, 20)
    report = put(session, partner, call, 25)

    assert (report.revision, reported(session, call)) == (2, 25)
    assert states(session) == ["replaced", "counted"]


def test_while_a_correction_waits_what_counted_goes_on_counting(
    session: Session, partner: Partner, call: Call, ann: Organiser
) -> None:
    put(session, partner, call, 20)
    report = put(session, partner, call, 1001)

    assert (states(session), reported(session, call)) == (["counted", "waiting"], 20)

    partner_reports.decide(session, ann, report, shown="waiting", accept=True)
    session.commit()

    assert (states(session), reported(session, call)) == (["replaced", "counted"], 1001)
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.thing_id, entry.old, entry.new) == ("take_partner_report", report.id, "20", "1001")


def test_of_a_day_one_counts_and_one_waits(session: Session, partner: Partner, call: Call) -> None:
    put(session, partner, call, 20)
    put(session, partner, call, 1001)
    put(session, partner, call, 1002)

    assert (states(session), reported(session, call)) == (["counted", "replaced", "waiting"], 20)

    put(session, partner, call, 20)

    assert (states(session), reported(session, call)) == (["replaced", "replaced", "replaced", "counted"], 20)


def test_what_is_refused_does_not_count_and_can_be_corrected(
    session: Session, partner: Partner, call: Call, ann: Organiser
) -> None:
    report = put(session, partner, call, 1001)
    partner_reports.decide(session, ann, report, shown="waiting", accept=False)
    session.commit()
    put(session, partner, call, 1001)

    assert (states(session), reported(session, call)) == (["refused"], 0)

    put(session, partner, call, 101)

    assert (states(session), reported(session, call)) == (["refused", "counted"], 101)


def test_an_organiser_takes_out_what_counts_and_back_in(
    session: Session, partner: Partner, call: Call, ann: Organiser
) -> None:
    report = put(session, partner, call, 20)
    partner_reports.decide(session, ann, report, shown="counted", accept=False)
    session.commit()
    assert reported(session, call) == 0

    partner_reports.decide(session, ann, report, shown="refused", accept=True)
    session.commit()
    assert reported(session, call) == 20


@pytest.mark.parametrize(
    ("shown", "accept"), [("counted", True), ("counted", False), ("replaced", False), ("", True), ("refused", True)]
)
def test_a_button_that_showed_another_state_decides_nothing(
    session: Session, partner: Partner, call: Call, ann: Organiser, shown: str, accept: bool
) -> None:
    report = put(session, partner, call, 1001)

    with pytest.raises(partner_reports.ReportChanged):
        partner_reports.decide(session, ann, report, shown=shown, accept=accept)

    assert states(session) == ["waiting"]


def test_what_was_refused_is_not_accepted_after_a_newer_report_of_its_day(
    session: Session, partner: Partner, call: Call, ann: Organiser
) -> None:
    report = put(session, partner, call, 1001)
    partner_reports.decide(session, ann, report, shown="waiting", accept=False)
    put(session, partner, call, 10)

    with pytest.raises(partner_reports.ReportChanged):
        partner_reports.decide(session, ann, report, shown="refused", accept=True)

    assert reported(session, call) == 10


@pytest.mark.parametrize(
    ("earlier", "number", "doubts"),
    [
        ([], 1000, []),
        ([], 1001, [Doubt.MANY]),
        ([10], 100, []),
        ([10], 101, [Doubt.UNUSUAL]),
        ([10, 10, 80], 101, [Doubt.UNUSUAL]),
        ([10, 50, 80], 500, []),
        ([0], 500, []),
        ([1000] * 4, 1000, []),
        ([1000] * 4 + [500], 501, [Doubt.MANY_AT_ONCE]),
        ([10], 1001, [Doubt.MANY, Doubt.UNUSUAL]),
    ],
)
def test_what_is_implausible_waits_for_an_organiser(
    session: Session, partner: Partner, call: Call, earlier: list[int], number: int, doubts: list[Doubt]
) -> None:
    for ago, before in enumerate(earlier, 1):
        put(session, partner, call, before, DAY - timedelta(days=ago))
    report = put(session, partner, call, number)

    assert partner_reports.doubts(session, report) == ([] if report.state == "counted" else doubts)
    assert report.state == ("waiting" if doubts else "counted")
    assert reported(session, call) == sum(earlier) + (0 if doubts else number)


def test_after_a_day_as_many_may_come_again(
    session: Session, partner: Partner, call: Call, stopped_clock: StoppedClock
) -> None:
    for ago in range(1, 6):
        put(session, partner, call, 1000, DAY - timedelta(days=ago))
    assert put(session, partner, call, 1).state == "waiting"

    stopped_clock.tick(hours=24)

    assert put(session, partner, call, 2).state == "counted"


def test_what_one_partner_and_one_call_bring_says_nothing_of_others(
    session: Session, team: Team, partner: Partner, call: Call
) -> None:
    for ago in range(1, 6):
        put(session, partner, call, 1000, DAY - timedelta(days=ago))
    other_call, other_partner = make_call(session, slug="other", team=team), make_partner(session, team, "library")

    assert put(session, partner, other_call, 900).state == "counted"
    assert put(session, other_partner, call, 900).state == "counted"


@pytest.mark.parametrize(("number", "state"), [(100, "counted"), (99, "waiting"), (0, "waiting"), (200, "counted")])
def test_a_correction_that_takes_more_than_half_away_waits(
    session: Session, partner: Partner, call: Call, number: int, state: str
) -> None:
    put(session, partner, call, 200)

    assert put(session, partner, call, number, source="Counted again").state == state


def test_what_was_accepted_can_be_corrected_a_little_without_asking(
    session: Session, partner: Partner, call: Call, ann: Organiser
) -> None:
    report = put(session, partner, call, 4000)
    partner_reports.decide(session, ann, report, shown="waiting", accept=True)

    assert put(session, partner, call, 3999).state == "counted"
    assert reported(session, call) == 3999


def test_a_partner_reports_for_calls_of_its_team_only(session: Session, partner: Partner) -> None:
    other = make_call(session, slug="other", team=make_team(session, "City library"))

    with pytest.raises(NotFound):
        put(session, partner, other, 1)


def test_a_recount_finds_and_repairs_what_partners_report(session: Session, partner: Partner, call: Call) -> None:
    put(session, partner, call, 20)
    session.execute(update(Tally).where(Tally.dimension == Dimension.REPORTED).values(confirmed=7))
    assert totals.drift(session) == [totals.Figure(call.id, Dimension.REPORTED, "museum", 13)]

    totals.repair(session)
    session.commit()
    assert reported(session, call) == 20

    session.execute(delete(PartnerReport))
    assert totals.drift(session) == [totals.Figure(call.id, Dimension.REPORTED, "museum", -20)]


def test_a_team_sees_what_waits_and_what_was_decided_of_its_own_partners(
    session: Session, team: Team, partner: Partner, call: Call, stopped_clock: StoppedClock
) -> None:
    put(session, partner, call, 20)
    report, began = put(session, partner, call, 1001), stopped_clock.now
    stopped_clock.tick(hours=1)
    put(session, partner, call, 2000, DAY - timedelta(days=1))
    stranger = make_team(session, "City library")

    (first, _second) = partner_reports.waiting(session, team)
    assert (first.report.id, first.before, first.doubts) == (report.id, 20, [Doubt.MANY])
    assert partner_reports.count_waiting(session, team) == (2, began)
    assert [one.signatures for one in partner_reports.newest(session, team)] == [20]
    assert partner_reports.titles(session, [report]) == {call.id: "Keep culture open"}
    assert [*partner_reports.waiting(session, stranger), *partner_reports.newest(session, stranger)] == []
    assert partner_reports.count_waiting(session, stranger) == (0, None)
    with pytest.raises(NotFound):
        partner_reports.get_report(session, stranger, report.id)
