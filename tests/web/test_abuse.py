"""Who asks too often is told when to come back; nobody else notices."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits import parse_many
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from petition.app import create_app
from petition.config import Settings
from petition.domain import letters
from petition.http.proof_of_work import WAIT
from petition.lib import clock, mail_providers
from petition.models import Call, Letter
from petition.web import taking
from petition.web.abuse import SIGN_LIMIT
from tests.conftest import StoppedClock
from tests.factories import signatures
from tests.visitor import FORM, form_token

PATH = "/en/calls/open-culture"


def send(
    client: FlaskClient, token: str, number: int = 0, address: str = "203.0.113.7", **changes: str
) -> TestResponse:
    fields = FORM | {"token": token, "email": f"suzie{number}@gmail.com"} | changes
    return client.post(f"{PATH}/sign", data=fields, environ_overrides={"REMOTE_ADDR": address})


def due(session: Session) -> list[float]:
    """Give how many hours after noon each letter is due, in the order in which they were written."""
    session.rollback()
    rows = session.execute(select(Letter.created_at, Letter.due_at).order_by(Letter.id))
    return [
        round((due_at - written_at.replace(minute=0, second=0)).total_seconds() / 3600, 2)
        for written_at, due_at in rows
    ]


@pytest.mark.settings(rate_limits="on")
def test_an_answer_says_how_long_the_rest_of_the_window_is(
    client: FlaskClient, token: str, stopped_clock: StoppedClock
) -> None:
    stopped_clock.tick(minutes=7)

    answers = [send(client, token, number) for number in range(61)]

    assert [answer.status_code for answer in answers] == [303] * 60 + [429]
    assert answers[-1].headers["Retry-After"] == "177"
    stopped_clock.tick(seconds=177)
    assert send(client, token, 61).status_code == 303


@pytest.mark.settings(rate_limits="on")
def test_a_household_has_one_limit_and_its_neighbours_their_own(client: FlaskClient, token: str) -> None:
    for number in range(60):
        assert send(client, token, number, f"2001:db8:1:2::{number:x}").status_code == 303

    assert send(client, token, 60, "2001:db8:1:2::ffff").status_code == 429
    assert send(client, token, 60, "2001:db8:1:3::1").status_code == 303
    assert send(client, token, 61, "203.0.113.7").status_code == 303


@pytest.mark.settings(rate_limits="on")
def test_a_network_has_a_wider_limit_of_its_own(
    client: FlaskClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "SIGN_LIMIT", SIGN_LIMIT._replace(network=parse_many("100/10minutes")))

    statuses = [send(client, token, 0, f"203.0.113.{number}").status_code for number in range(101)]

    assert statuses == [303] * 100 + [429]
    assert send(client, token, 0, "203.0.114.1").status_code == 303


@pytest.mark.settings(rate_limits="on")
def test_processes_count_together_and_a_new_one_knows_what_the_old_ones_counted(
    app: Flask, settings: Settings, client: FlaskClient, token: str
) -> None:
    for number in range(60):
        assert send(client, token, number).status_code == 303

    other = create_app(settings)
    statuses = [send(other.test_client(), token, number).status_code for number in range(60, 70)]
    other.extensions["engine"].dispose()

    assert statuses == [303] * 4 + [429] * 6


@pytest.mark.settings(rate_limits="on")
def test_a_request_that_fails_later_counts_too(client: FlaskClient, session: Session, token: str) -> None:
    session.execute(update(Call).values(closes_at=clock.now()))
    session.commit()

    statuses = [send(client, token, number).status_code for number in range(61)]

    assert statuses == [409] * 60 + [429]


@pytest.mark.settings(rate_limits="on", trusted_proxies=1)
@pytest.mark.parametrize("said", ["unknown", "203.0.113.9:4711", "[2001:db8::1]:80", "x" * 3000, "1.2.3.4, ", '"<a>"'])
def test_whatever_a_proxy_says_about_the_visitor_is_no_fault_of_ours(
    client: FlaskClient, token: str, said: str
) -> None:
    fields = FORM | {"token": token}

    assert client.post(f"{PATH}/sign", data=fields, headers={"X-Forwarded-For": said}).status_code == 303


@pytest.mark.settings(rate_limits="on", redis_url="redis://127.0.0.1:1/0")
def test_signing_goes_on_when_redis_is_away(client: FlaskClient, token: str) -> None:
    statuses = [send(client, token, number).status_code for number in range(61)]

    assert statuses == [303] * 60 + [429]


@pytest.mark.settings(rate_limits="on", mail_per_domain_per_hour=5)
def test_letters_for_one_domain_leave_in_turn_and_no_signature_is_lost(
    client: FlaskClient, session: Session, token: str
) -> None:
    for number in range(13):
        assert send(client, token, number, email=f"suzie{number}@victim.example").status_code == 303

    assert [int(hours) for hours in due(session)] == [0] * 5 + [1] * 5 + [2] * 3
    assert len(signatures(session)) == 13


@pytest.mark.settings(rate_limits="on", mail_per_domain_per_hour=5)
def test_an_attack_that_goes_on_fills_the_hours_to_come(
    client: FlaskClient, session: Session, token: str, stopped_clock: StoppedClock
) -> None:
    for hour in range(3):
        for number in range(10):
            send(client, token, 0, email=f"suzie{hour}-{number}@victim.example")
        stopped_clock.tick(hours=1)

    found = [(row.due_at.hour, 1) for row in session.scalars(select(Letter))]
    assert sorted(hour for hour, _one in found) == [12] * 5 + [13] * 5 + [14] * 5 + [15] * 5 + [16] * 5 + [17] * 5


@pytest.mark.settings(rate_limits="on", mail_per_domain_per_hour=5)
def test_major_providers_and_quiet_domains_do_not_wait(client: FlaskClient, session: Session, token: str) -> None:
    for number in range(10):
        send(client, token, number)
        send(client, token, number, email=f"suzie@quiet-{number}.example")

    assert {int(hours) for hours in due(session)} == {0}


@pytest.mark.settings(rate_limits="on", mail_per_domain_per_hour=1, proof_of_work="on")
def test_nothing_that_is_counted_waits_for_its_own_request(client: FlaskClient, token: str) -> None:
    with capture_logs() as lines:
        page = send(client, token, email="suzie@victim.example")
        clock.stop(clock.now() + WAIT)
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket
        assert send(client, token, email="suzie@victim.example", ticket=ticket[1]).status_code == 303

    assert [line["event"] for line in lines if line["event"] == "rate_counts_not_shared"] == []


@pytest.mark.settings(rate_limits="on", mail_per_domain_per_hour=1)
def test_a_letter_waits_two_days_at_most(client: FlaskClient, session: Session, token: str) -> None:
    for number in range(52):
        send(client, token, number, email=f"suzie{number}@victim.example")

    assert int(max(due(session))) == 48


@pytest.mark.settings(rate_limits="on", mail_per_domain_per_hour=1)
def test_links_to_signatures_wait_for_their_turn_too(
    client: FlaskClient, session: Session, call: Call, stopped_clock: StoppedClock
) -> None:
    token = form_token(client.get("/en/my-signatures"))
    stopped_clock.tick(seconds=3)

    for name in ("ann", "bob"):
        answer = client.post("/en/my-signatures", data={"token": token, "email": f"{name}@victim.example"})
        assert answer.status_code == 303

    assert [int(hours) for hours in due(session)] == [0, 1]


@pytest.mark.settings(rate_limits="on", mail_per_domain_per_hour=5)
def test_what_one_network_invents_delays_its_own_letters_and_not_the_next_persons(
    client: FlaskClient, session: Session, token: str
) -> None:
    for number in range(20):
        send(client, token, 0, email=f"invented{number}@firm.example")

    send(client, token, 0, "198.51.100.7", email="suzie@firm.example")

    assert [int(hours) for hours in due(session)] == [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5 + [0]


@pytest.mark.settings(rate_limits="on", mail_per_domain_per_hour=2)
def test_all_networks_together_have_ten_times_the_share_of_one(
    client: FlaskClient, session: Session, token: str
) -> None:
    for network in range(12):
        for number in range(2):
            send(client, token, 0, f"198.51.{network}.7", email=f"invented{network}-{number}@firm.example")

    assert [int(hours) for hours in due(session)] == [0] * 20 + [1] * 4


@pytest.mark.settings(rate_limits="on")
def test_one_household_alone_keeps_nobody_from_their_letter(client: FlaskClient, session: Session, token: str) -> None:
    statuses = [
        send(client, token, 0, email="s.u.zie@gmail.com", name=f"Mallory {letter}").status_code for letter in "abcdefg"
    ]

    assert statuses == [303] * 5 + [429] * 2
    assert send(client, token, 0, "198.51.100.7", email="suzie@gmail.com").status_code == 303
    assert [one.name for one in signatures(session)][-1] == "Suzie Signer"
    assert len(session.scalars(select(Letter.id)).all()) == 6


def test_hundreds_of_sign_ups_of_one_address_end_in_eight_letters(
    client: FlaskClient, session: Session, token: str
) -> None:
    statuses = set()
    for number in range(300):
        statuses.add(send(client, token, 0, f"198.51.100.{number % 250}").status_code)
        letters.mark_sent(session, letters.claim(session, 1))
        session.commit()

    assert statuses == {303}
    assert len(session.scalars(select(Letter.id)).all()) == letters.KINDS["confirm_signature"].per_call
    assert len(signatures(session)) == 1


def test_the_major_providers_are_written_as_addresses_are() -> None:
    assert {name for name in mail_providers.MAJOR if name != name.lower() or "." not in name} == set()
    assert {"gmail.com", "yahoo.co.uk", "web.de", "orange.fr"} <= mail_providers.MAJOR
