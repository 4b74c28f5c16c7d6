"""What a supporter wrote is nowhere any more after she erased herself, or a day after she withdrew."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petition.domain import moderation, report_decisions, story_care, supporters
from petition.domain.report_decisions import Verdict
from petition.jobs import retention
from petition.models import (
    Base,
    Call,
    CallKind,
    Decision,
    Letter,
    Organiser,
    Report,
    ReportDecision,
    ReportOutcome,
    ReportReason,
    Role,
    Signature,
    Story,
    StoryLicence,
    StoryWords,
)
from tests import factories
from tests.conftest import StoppedClock
from tests.organisers import join, make_organiser, make_team
from tests.reporting import file_report

# Each is in something that she told, or that others wrote about it.
HER_WORDS = ("zelmira", "grandmother", "orpheus", "lyrical", "greatmere", "grossmutter")
WORDS = StoryWords(
    CallKind.HERO,
    "en",
    "My grandmother sang.",
    {"hero": "Orpheus", "tagline": "lyrical", "item": "/agent/1"},
    StoryLicence.CC_BY,
    "Zelmira G.",
    wants_letter=True,
)


def traces(session: Session, folder: Path) -> set[str]:
    """Return where something of her words stands: ``table.column`` of any row of any table, and names of files."""
    session.rollback()
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for value in session.scalars(select(column))
        if any(word in str(value).casefold() for word in HER_WORDS)
    }
    return found | {path.name for path in folder.rglob("*.card")}


@pytest.fixture
def zelmira(client: FlaskClient, session: Session, stopped_clock: StoppedClock) -> Signature:
    """Give a signature whose story was approved, noted, translated, reported, decided about, edited, reported again."""
    team, bob = make_team(session), make_organiser(session, "Bob")
    join(session, team, bob, Role.MODERATOR)
    team.publishes_unread = True
    call = factories.make_call(session, kind=CallKind.HERO, team=team)
    who = {"name": "Zelmira Greatmere", "email": "zelmira@example.org", "show_name": True, "wants_updates": True}
    signature = factories.confirm(session, call, story=WORDS, **who)
    assert signature.story
    story = signature.story
    # The letter that asked to confirm was sent.
    session.execute(delete(Letter))

    def decide(decision: Decision, sentence: str) -> None:
        moderation.decide(session, bob, story, revision=story.revision, decision=decision, sentence=sentence)

    decide(Decision.APPROVE, "")
    session.commit()
    for language in ("en", "fr"):
        assert client.get(f"/{language}/stories/{story.id}/card.png").status_code == 200
    bob, story = session.get_one(Organiser, bob.id), session.get_one(Story, story.id)
    call, signature = session.get_one(Call, call.id), session.get_one(Signature, signature.id)
    assert call.campaign.team
    story_care.add_note(session, bob, call.campaign.team, story, "Is “grandmother” meant?")
    story_care.translate(
        session, bob, call.campaign.team, story, revision=1, language="de", text="Meine Großmutter.", credit="Bob"
    )
    report = file_report(
        session, f"story:{story.id}", reason=ReportReason.OTHER, text="She calls her grandmother Orpheus."
    )
    verdict = Verdict(ReportOutcome.KEPT, None, "“Orpheus” is a name.", revision=1)
    report_decisions.decide(session, bob, report.case, verdict)
    report_decisions.ask_again(session, report, "Zelmira means me.")
    decide(Decision.ASK, "Which grandmother?")
    session.commit()
    words = replace(WORDS, text="My grandmother sang well.")
    supporters.tell(session, signature, shown=signature.version, words=words)
    session.commit()
    # Nobody has read the newer words: a report holds them, and a letter says so.
    file_report(session, f"story:{story.id}", 2, ReportReason.HATRED, text="Still the grandmother.")
    return session.get_one(Signature, signature.id)


EVERYWHERE = {
    "signature.name",
    "signature.email",
    "story.text",
    "story.details",
    "story.credit",
    "story_note.text",
    "story_translation.text",
    "story_decision.sentence",
    "report.text",
    "report_decision.sentence",
    "report_case.appeal",
    "letter.recipient",
}


def test_nothing_that_she_told_is_left_after_erasing(session: Session, tmp_path: Path, zelmira: Signature) -> None:
    assert traces(session, tmp_path) == EVERYWHERE

    supporters.erase(session, session.get_one(Signature, zelmira.id))
    session.commit()

    assert traces(session, tmp_path) == set()
    # By design, as docs/privacy.md says: that there were reports, why, and what was decided, each by its class.
    assert [report.reason for report in session.scalars(select(Report))] == [ReportReason.OTHER, ReportReason.HATRED]
    assert session.scalars(select(ReportDecision.outcome)).all() == [ReportOutcome.KEPT]


def test_withdrawn_she_is_forgotten_at_once_and_her_words_a_day_later(
    session: Session, tmp_path: Path, stopped_clock: StoppedClock, zelmira: Signature
) -> None:
    supporters.withdraw(session, session.get_one(Signature, zelmira.id))
    session.commit()
    assert traces(session, tmp_path) == EVERYWHERE - {"signature.email", "letter.recipient"}

    stopped_clock.tick(hours=25)
    assert retention.forget_withdrawn(session) == 1

    assert traces(session, tmp_path) == set()


def test_a_deleted_text_is_quoted_nowhere(session: Session, tmp_path: Path, zelmira: Signature) -> None:
    signature = session.get_one(Signature, zelmira.id)
    supporters.tell(session, signature, shown=signature.version, words=None)
    session.commit()

    assert traces(session, tmp_path) == {"signature.name", "signature.email"}
