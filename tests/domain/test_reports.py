"""Reports: what they do by themselves, who decides, who is told, and how they are forgotten."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import report_cases, report_decisions, reports, supporters, telling
from petition.domain.report_decisions import AlreadyDecided, NoSecondLook, OwnDecision, Verdict
from petition.errors import NotFound, StaleRevision
from petition.models import (
    AuditEntry,
    Call,
    CallState,
    CaseState,
    Decision,
    Organiser,
    Picture,
    ReportCase,
    ReportedThing,
    ReportOutcome,
    ReportReason,
    Role,
    Signature,
    StoryState,
    Team,
)
from tests.conftest import StoppedClock
from tests.factories import letters, make_call
from tests.organisers import join, make_organiser, make_team
from tests.reporting import WORDS, file_report, is_public, publish

KEEP = Verdict(ReportOutcome.KEPT, None, "It names nobody.", 1)
HIDE = Verdict(ReportOutcome.HIDDEN, ReportReason.PRIVACY, "It names where a person lives.", 1)


@pytest.fixture(name="team")
def _team(session: Session) -> Team:
    return make_team(session)


@pytest.fixture(name="call")
def _call(session: Session, team: Team) -> Call:
    return make_call(session, team=team)


@pytest.fixture(name="bob")
def _bob(session: Session, team: Team) -> Organiser:
    bob = make_organiser(session, "Bob")
    join(session, team, bob, Role.MODERATOR)
    return bob


def decide(session: Session, person: Organiser, case: ReportCase, decision: Verdict) -> None:
    report_decisions.decide(session, person, case, decision)
    session.commit()


def acts(session: Session) -> list[tuple[str, str, str]]:
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(row.action, row.thing, row.new) for row in rows]


def templates(session: Session) -> list[str]:
    return [letter.template for letter in letters(session) if letter.template != "confirm_signature"]


def test_eight_reports_from_eight_networks_leave_an_approved_story_where_it_is(session: Session, call: Call) -> None:
    story = publish(session, call, StoryState.APPROVED)

    case = [file_report(session, f"story:{story.id}", network) for network in range(8)][-1].case

    assert is_public(session, story)
    assert (case.state, case.reports, case.held_at) == (CaseState.OPEN, 8, None)
    assert case.rank_at == case.opened_at - 7 * reports.STEP


def test_the_first_report_holds_a_story_that_nobody_has_read(
    session: Session, call: Call, stopped_clock: StoppedClock
) -> None:
    story = publish(session, call, StoryState.WAITING)

    case = [file_report(session, f"story:{story.id}", 1)][0].case

    assert not is_public(session, story)
    assert (story.state, story.held_because, case.held_at) == (StoryState.HELD, "reported", stopped_clock.now)
    assert acts(session)[-2:] == [
        ("report", "report", f"story {story.id}"),
        ("hold_story", "story", f"report_case {case.id}"),
    ]


def test_words_that_were_approved_stay_while_newer_ones_of_their_author_wait(session: Session, call: Call) -> None:
    story = publish(session, call, StoryState.APPROVED)
    story.state, story.revision = StoryState.WAITING, 2
    session.commit()

    file_report(session, f"story:{story.id}")

    assert is_public(session, story)
    assert story.state == StoryState.WAITING


def test_reports_hide_neither_calls_nor_pictures(session: Session, call: Call, stopped_clock: StoppedClock) -> None:
    values: Any = {"name": "a" * 64, "width": 1, "height": 1, "credit": "-", "licence": "-"}
    picture = Picture(team_id=call.campaign.team_id, uploaded_at=stopped_clock.now, **values)
    session.add(picture)
    session.flush()
    call.picture_id = picture.id
    session.commit()

    for network in range(8):
        file_report(session, f"call:{call.slug}", network)
        file_report(session, f"picture:{picture.id}", network)

    cases = session.scalars(select(ReportCase).order_by(ReportCase.id)).all()
    assert [(case.thing, case.thing_id, case.reports) for case in cases] == [
        (ReportedThing.CALL, call.id, 8),
        (ReportedThing.PICTURE, picture.id, 8),
    ]
    assert (call.state, call.picture_id) == (CallState.PUBLISHED, picture.id)


@pytest.mark.parametrize("second", [{"network": 1}, {"network": 2, "email": "Chris@example.org"}])
def test_one_network_or_address_counts_once_and_each_gets_a_receipt(
    session: Session, call: Call, second: dict[str, Any]
) -> None:
    first = file_report(session, f"call:{call.slug}", 1, email="chris@example.org")

    again = file_report(session, f"call:{call.slug}", **second)

    assert (again.case_id, again.is_counted, again.case.reports) == (first.case_id, False, 1)
    assert reports.get_report(session, reports.token(again)) is again


@pytest.mark.parametrize("about", ["", "call:", "call:unknown", "story:1", "story:x", "picture:" + "9" * 30, "team:1"])
def test_only_what_is_public_can_be_reported(session: Session, call: Call, about: str) -> None:
    with pytest.raises(NotFound):
        reports.get_reported(session, about)


def test_what_waited_longest_or_is_reported_most_comes_first(
    session: Session, team: Team, call: Call, stopped_clock: StoppedClock
) -> None:
    others = [make_call(session, slug=f"call-{number}", team=team) for number in range(2)]
    file_report(session, f"call:{call.slug}")
    stopped_clock.tick(hours=6)
    file_report(session, f"call:{others[0].slug}")
    stopped_clock.tick(hours=5)
    for network in (1, 2):
        file_report(session, f"call:{others[1].slug}", network, ReportReason.SPAM)

    page = report_cases.queue(session, team, limit=2)
    rest = report_cases.queue(session, team, after=page.after, limit=2)

    shown = [row.case.call_id for row in (*page.rows, *rest.rows)]
    assert shown == [others[1].id, call.id, others[0].id]
    assert page.rows[0].reasons == [(ReportReason.SPAM, 2)]
    assert rest.after == ""
    assert report_cases.queue(session, team, after="x.y", limit=2).rows == page.rows


def test_the_outcome_is_told_and_who_reported_is_forgotten(session: Session, call: Call, bob: Organiser) -> None:
    report = file_report(session, f"call:{call.slug}", email="chris@example.org", name="Chris")

    decide(session, bob, report.case, KEEP._replace(revision=0))

    assert (report.name, report.email, report.email_digest, report.network_digest) == ("", None, None, None)
    assert templates(session) == ["report_receipt", "report_outcome"]
    assert acts(session)[-1] == ("decide_report", "report_case", "kept")


@pytest.mark.parametrize(
    ("state", "outcome", "wanted"),
    [
        (StoryState.WAITING, ReportOutcome.KEPT, Decision.APPROVE),
        (StoryState.WAITING, ReportOutcome.HIDDEN, Decision.HIDE),
        (StoryState.APPROVED, ReportOutcome.KEPT, None),
        (StoryState.APPROVED, ReportOutcome.HIDDEN, Decision.HIDE),
    ],
)
def test_an_outcome_is_what_moderators_decide_about_the_story(
    session: Session, call: Call, state: StoryState, outcome: ReportOutcome, wanted: Decision | None
) -> None:
    story = publish(session, call, state)
    case = file_report(session, f"story:{story.id}").case

    assert report_decisions.story_decision(session, case, outcome) == ((story, wanted) if wanted else None)

    supporters.withdraw(session, session.get_one(Signature, story.signature_id))
    session.commit()
    assert report_decisions.story_decision(session, case, ReportOutcome.KEPT) is None


def test_older_words_are_hidden_and_newer_ones_still_wait(session: Session, call: Call, bob: Organiser) -> None:
    story = publish(session, call, StoryState.APPROVED)
    story.state, story.revision = StoryState.WAITING, 2
    session.commit()
    case = file_report(session, f"story:{story.id}").case
    assert report_decisions.story_decision(session, case, ReportOutcome.HIDDEN) is None

    decide(session, bob, case, HIDE)

    assert not is_public(session, story)
    assert story.state == StoryState.WAITING


def test_a_second_look_is_another_moderators_where_there_is_one(
    session: Session, team: Team, call: Call, bob: Organiser
) -> None:
    ann = make_organiser(session, "Ann")
    join(session, team, ann)
    report = file_report(session, f"call:{call.slug}")
    decide(session, bob, report.case, KEEP._replace(revision=0))
    report_decisions.ask_again(session, report, "Read it once more.")
    session.commit()

    with pytest.raises(OwnDecision):
        report_decisions.decide(session, bob, report.case, KEEP._replace(revision=0))
    session.rollback()
    decide(session, ann, report.case, KEEP._replace(revision=0))

    assert report.case.state == CaseState.CLOSED


def test_a_decision_names_the_words_that_were_seen(session: Session, call: Call, bob: Organiser) -> None:
    story = publish(session, call, StoryState.WAITING)
    report = file_report(session, f"story:{story.id}")

    with pytest.raises(StaleRevision):
        report_decisions.decide(session, bob, report.case, HIDE._replace(revision=2))


def test_only_one_of_two_decides(session: Session, call: Call, bob: Organiser) -> None:
    report = file_report(session, f"call:{call.slug}")
    decide(session, bob, report.case, KEEP._replace(revision=0))

    with pytest.raises(AlreadyDecided):
        report_decisions.decide(session, bob, report.case, KEEP._replace(revision=0))


def test_who_decides_alone_takes_the_second_look_too(session: Session, call: Call, bob: Organiser) -> None:
    report = file_report(session, f"call:{call.slug}")
    decide(session, bob, report.case, KEEP._replace(revision=0))

    report_decisions.ask_again(session, report, "Read it once more.")
    session.commit()
    assert report.case.appealed_by == report.id
    decide(session, bob, report.case, KEEP._replace(revision=0))

    with pytest.raises(NoSecondLook):
        report_decisions.ask_again(session, report, "And again.")


def test_nobody_asks_for_a_second_look_at_what_is_not_decided(session: Session, call: Call) -> None:
    with pytest.raises(NoSecondLook):
        report_decisions.ask_again(session, file_report(session, f"call:{call.slug}"), "Hurry.")


def test_a_team_sees_its_own_cases_and_the_owners_of_the_site_those_of_calls(session: Session, call: Call) -> None:
    story = publish(session, call, StoryState.APPROVED)
    cases = [file_report(session, about).case for about in (f"story:{story.id}", f"call:{call.slug}")]
    other = make_team(session, "Other")

    assert report_cases.waiting(session, call.campaign.team).cases == 2
    assert report_cases.waiting(session, other).cases == 0
    assert [row.case for row in report_cases.queue(session, None).rows] == [cases[1]]
    for team, case in ((other, cases[0]), (None, cases[0])):
        with pytest.raises(NotFound):
            report_cases.get_case(session, team, case.id)


def test_newer_words_of_a_story_that_is_held_wait_with_it(session: Session, team: Team, call: Call) -> None:
    team.publishes_unread = True
    story = publish(session, call, StoryState.WAITING)
    file_report(session, f"story:{story.id}")

    telling.replace(session, session.get_one(Signature, story.signature_id), replace(WORDS, text="Ma tante."))
    session.commit()

    assert not is_public(session, story)
    assert (story.state, story.held_because, story.revision) == (StoryState.HELD, "reported", 2)
