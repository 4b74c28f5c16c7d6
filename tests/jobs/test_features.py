"""A new feature's jobs and letters are found without a change to any file that is there."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from petition import domain, jobs
from petition.domain import letters
from petition.jobs import worker
from petition.lib import clock
from petition.lib.modules import import_all
from petition.models import Letter, LetterState
from tests.conftest import StoppedClock
from tests.factories import make_call, sign, the_letter
from tests.servers import MailServer

JOB = """
left = [3, 3, 1]


def water_plants(session, limit=3):
    return left.pop(0)


def count_plants(session):
    return 1_000_000


JOBS = (water_plants, count_plants)
"""

LETTER = """
from datetime import timedelta
from typing import NamedTuple

from petition.domain import letters
from petition.domain.letters import Content, Entry, LetterKind


class Team(NamedTuple):
    name: str


def invitations(session, batch):
    return {letter.id: Content("invite", (Entry(Team("Ann's team"), 42),)) for letter in batch}


letters.register(LetterKind("invite", 0, invitations, links={"join-team": timedelta(days=2)}))
"""

TEMPLATES = {
    "mail/invite.txt": "Join {{ entries[0].name }}\n{{ entries[0].join_team_url }}",
    "mail/invite.html": "{% extends 'mail/_letter.html' %}",
}


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget afterwards what a test registers and imports."""
    monkeypatch.setattr(letters, "KINDS", dict(letters.KINDS))
    monkeypatch.setattr(letters, "LINK_LIFETIMES", dict(letters.LINK_LIFETIMES))
    yield
    for name in ("petition.jobs.plants", "petition.domain.gardens"):
        sys.modules.pop(name, None)


def enqueue(session: Session, template: str) -> None:
    letters.enqueue(session, [letters.NewLetter(template, "ann@example.org", b"ann", "en")])
    session.commit()


def make_unknown(session: Session, **values: object) -> None:
    """Let all letters be of a kind that only a newer version knows."""
    session.execute(update(Letter).values(template="from_the_future", **values))
    session.commit()


def test_a_job_in_a_new_file_runs_again_while_there_is_more_to_do(
    app: Flask, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plants.py").write_text(JOB)
    monkeypatch.setattr(jobs, "__path__", [*jobs.__path__, str(tmp_path)])

    done = worker.run(app, once=True)

    assert (done["water_plants"], done["count_plants"], done["report_drift"]) == (7, 1_000_000, 0)


def test_a_letter_in_a_new_file_is_sent_with_its_link(
    app: Flask, session: Session, smtp: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gardens.py").write_text(LETTER)
    monkeypatch.setattr(domain, "__path__", [*domain.__path__, str(tmp_path)])
    app.jinja_env.loader = ChoiceLoader([DictLoader(TEMPLATES), app.jinja_env.loader])  # type: ignore[list-item]
    import_all(domain)
    enqueue(session, "invite")

    assert worker.run(app, once=True)["sent"] == 1

    ((_, recipients, message),) = smtp.messages
    assert (recipients, message["Subject"]) == (["ann@example.org"], "Join Ann's team")
    assert "http://localhost/en/join-team/42." in message.as_string().replace("=\n", "")


def test_a_letter_that_this_version_does_not_know_is_given_back_and_holds_up_nobody(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petition.jobs.letters.BATCH_SIZE", 3)
    call = make_call(session)
    for number in range(5):
        sign(session, call, email=f"future-{number}@example.org")
    make_unknown(session)
    stopped_clock.tick(seconds=1)
    sign(session, call)

    with capture_logs() as lines:
        done = worker.run(app, once=True)

    assert (done["sent"], done["letters_due"], len(smtp.messages)) == (1, 0, 1)
    assert {line["template"] for line in lines if line["event"] == "letters_of_unknown_kind"} == {"from_the_future"}
    waiting = session.scalars(select(Letter).where(Letter.template == "from_the_future")).all()
    assert {(letter.state, letter.attempts) for letter in waiting} == {(LetterState.WAITING, 0)}
    assert {(letter.due_at - clock.now()).total_seconds() for letter in waiting} == {60}
    assert {letter.error for letter in waiting} == {"This version does not know this kind of letter."}


def test_letters_that_no_version_knows_use_up_nothing_of_what_may_leave_in_a_minute(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock
) -> None:
    app.config["PETITION"] = app.config["PETITION"].model_copy(update={"mail_per_minute": 2})
    call = make_call(session)
    for number in range(4):
        sign(session, call, email=f"future-{number}@example.org")
    make_unknown(session)
    stopped_clock.tick(seconds=1)
    sign(session, call)

    assert worker.run(app, once=True)["sent"] == 1


def test_a_letter_that_no_version_knows_has_failed_after_72_hours(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock
) -> None:
    sign(session, make_call(session))
    make_unknown(session)
    stopped_clock.tick(hours=72)

    worker.run(app, once=True)

    letter = the_letter(session)
    assert (letter.state, letter.recipient) == (LetterState.FAILED, None)
    assert letter.error == "This version does not know this kind of letter."
