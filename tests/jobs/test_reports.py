"""What ends by itself: cases about what has gone, who reported, and reports that were decided long ago."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import report_decisions, supporters
from petition.domain.report_decisions import Verdict
from petition.jobs import reports as jobs
from petition.models import CaseState, Report, ReportCase, ReportOutcome, Signature, Story, StoryState
from tests.conftest import StoppedClock
from tests.factories import letters, make_call
from tests.organisers import make_organiser
from tests.reporting import file_report, publish


def test_who_reported_is_told_when_its_author_erased_a_story(session: Session) -> None:
    call = make_call(session)
    held = publish(session, call, StoryState.WAITING)
    shown = publish(session, call, StoryState.APPROVED, email="chris@example.org")
    for story in (held, shown):
        file_report(session, f"story:{story.id}", email="mallory@example.org")
    assert jobs.close_gone(session) == 0

    supporters.erase(session, session.get_one(Signature, shown.signature_id))
    session.commit()

    assert jobs.close_gone(session) == 1
    (case,) = session.scalars(select(ReportCase).where(ReportCase.state == CaseState.CLOSED))
    (decision,) = report_decisions.decisions(session, case)
    assert (decision.outcome, decision.decided_by) == (ReportOutcome.GONE, None)
    assert session.get(Story, held.id)
    assert letters(session)[-1].template == "report_outcome"


def test_who_reported_is_forgotten_after_thirty_days_and_the_report_half_a_year_after_its_outcome(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)
    report = file_report(session, f"call:{call.slug}", email="chris@example.org", name="Chris")
    stopped_clock.tick(days=30)
    assert jobs.forget_reporters(session) == 0

    stopped_clock.tick(seconds=1)

    assert (jobs.forget_reporters(session), jobs.forget_reporters(session)) == (1, 0)
    session.refresh(report)
    assert (report.name, report.email, report.email_digest, report.network_digest) == ("", None, None, None)
    report_decisions.decide(
        session, make_organiser(session), report.case, Verdict(ReportOutcome.KEPT, None, "It is all right.")
    )
    session.commit()
    stopped_clock.tick(days=180)
    assert jobs.forget_reports(session) == 0
    stopped_clock.tick(seconds=1)
    assert jobs.forget_reports(session) == 1
    assert session.scalars(select(Report)).all() == []
