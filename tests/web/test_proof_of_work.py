"""Proof of work: who asks for a letter pays with a little work, or with a little time; nobody is kept out."""

import re
from html import unescape
from itertools import count

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.domain import letters
from petition.http import proof_of_work
from petition.models import Call, Letter, RateCount
from tests.conftest import StoppedClock
from tests.factories import signatures, text_told
from tests.visitor import FORM, form_token

PATH = "/en/calls/open-culture"

pytestmark = pytest.mark.settings(proof_of_work="on")


@pytest.fixture(autouse=True)
def _easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests solve puzzles in no time."""
    monkeypatch.setattr(proof_of_work, "COST", 1)
    monkeypatch.setattr(proof_of_work, "BITS", 4)


def solve(token: str, email: str = FORM["email"], start: int = 0) -> str:
    return next(answer for answer in map(str, count(start)) if proof_of_work.is_solved(f"{token}\n{email}", answer))


def send(client: FlaskClient, token: str, **changes: str) -> TestResponse:
    return client.post(f"{PATH}/sign", data=FORM | {"token": token} | changes)


def typed(page: TestResponse) -> dict[str, str]:
    """Give what a browser would send from the page that asks to wait."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in fields}


def test_a_form_with_a_proof_is_taken(client: FlaskClient, session: Session, token: str) -> None:
    assert send(client, token, proof=solve(token)).status_code == 303
    assert len(signatures(session)) == 1


def test_a_proof_is_good_for_one_address_and_one_form(
    client: FlaskClient, session: Session, token: str, stopped_clock: StoppedClock
) -> None:
    later = form_token(client.get(PATH))
    stopped_clock.tick(seconds=3)
    start = next(n for n in count() if not proof_of_work.is_solved(f"{token}\nann@example.org", solve(token, start=n)))
    proof = solve(token, start=start)
    other = next(
        p
        for p in (solve(token, start=n) for n in count())
        if not proof_of_work.is_solved(f"{later}\n{FORM['email']}", p)
    )

    assert send(client, token, proof=proof, email="ann@example.org").status_code == 422
    assert send(client, later, proof=other).status_code == 422
    assert signatures(session) == []


def test_a_proof_is_good_once_in_all_processes_but_another_one_may_be_made(
    client: FlaskClient, session: Session, token: str
) -> None:
    first = solve(token)

    assert send(client, token, proof=first).status_code == 303
    assert send(client, token, proof=first).status_code == 422
    assert send(client, token, proof=solve(token, start=int(first) + 1)).status_code == 303
    session.rollback()
    assert all(FORM["email"].encode() not in key for key in session.scalars(select(RateCount.key_digest)))


@pytest.mark.parametrize("spelling", ["{}\0", " {}", "{} ", "0{}", "+{}", "{}.0", "{}\n"])
def test_a_proof_that_was_used_is_not_good_in_another_spelling(
    client: FlaskClient, session: Session, token: str, spelling: str
) -> None:
    answer = solve(token)
    assert send(client, token, proof=answer).status_code == 303

    assert send(client, token, proof=spelling.format(answer)).status_code == 422


def test_a_form_that_could_not_be_taken_keeps_its_proof(client: FlaskClient, session: Session, token: str) -> None:
    proof = solve(token)

    assert send(client, token, proof=proof, name="").status_code == 422
    assert send(client, token, proof=proof).status_code == 303


@pytest.mark.parametrize("proof", ["", "0", "x" * 41, "9" * 4300, "\x00", "٣", "-1", "1_0"])
def test_without_a_proof_people_are_asked_to_wait_and_then_sign(
    client: FlaskClient, session: Session, token: str, stopped_clock: StoppedClock, proof: str
) -> None:
    proof = "" if proof_of_work.is_solved(f"{token}\n{FORM['email']}", proof) else proof
    page = send(client, token, proof=proof, story="My reason.")
    assert (page.status_code, page.headers["Retry-After"]) == (422, "15")
    assert "My reason." in page.text
    assert signatures(session) == []

    stopped_clock.tick(seconds=15)

    assert client.post(f"{PATH}/sign", data=typed(page)).status_code == 303
    assert [text_told(signature) for signature in signatures(session)] == ["My reason."]


def test_who_presses_too_early_goes_on_waiting_for_the_rest_only(
    client: FlaskClient, token: str, stopped_clock: StoppedClock
) -> None:
    page = send(client, token)
    stopped_clock.tick(seconds=14)

    early = client.post(f"{PATH}/sign", data=typed(page))
    assert (early.status_code, early.headers["Retry-After"]) == (422, "2")
    assert typed(early)["ticket"] == typed(page)["ticket"]

    stopped_clock.tick(seconds=1)
    assert client.post(f"{PATH}/sign", data=typed(early)).status_code == 303


def test_having_waited_counts_once_and_for_one_address(
    client: FlaskClient, session: Session, token: str, stopped_clock: StoppedClock
) -> None:
    fields = typed(send(client, token))
    stopped_clock.tick(seconds=15)

    assert client.post(f"{PATH}/sign", data=fields | {"email": "ann@example.org"}).status_code == 422
    assert client.post(f"{PATH}/sign", data=fields | {"ticket": "forged"}).status_code == 422
    assert client.post(f"{PATH}/sign", data=fields).status_code == 303
    assert client.post(f"{PATH}/sign", data=fields).status_code == 422
    assert len(signatures(session)) == 1


@pytest.mark.settings(proof_of_work="on", rate_limits="on")
def test_few_of_one_network_can_wait_instead_of_work(
    client: FlaskClient, token: str, stopped_clock: StoppedClock
) -> None:
    pages = [send(client, token, email=f"suzie{number}@example.org") for number in range(11)]
    stopped_clock.tick(seconds=15)

    statuses = [client.post(f"{PATH}/sign", data=typed(page)).status_code for page in pages]

    assert statuses == [303] * 10 + [429]


def test_the_link_to_ones_signatures_costs_the_same(
    client: FlaskClient, session: Session, call: Call, stopped_clock: StoppedClock
) -> None:
    token = form_token(client.get("/en/my-signatures"))
    stopped_clock.tick(seconds=3)
    fields = {"token": token, "email": FORM["email"]}

    page = client.post("/en/my-signatures", data=fields)
    assert page.status_code == 422
    assert client.post("/en/my-signatures", data=fields | {"proof": solve(token)}).status_code == 303
    letters.mark_sent(session, letters.claim(session, 1))
    session.commit()
    stopped_clock.tick(seconds=15)
    assert client.post("/en/my-signatures", data=typed(page)).status_code == 303
    assert len(session.scalars(select(Letter.id)).all()) == 2


def test_pages_ask_for_it_in_every_language(client: FlaskClient, call: Call) -> None:
    for language in ("en", "fr", "de"):
        for path in (f"/{language}/calls/open-culture", f"/{language}/my-signatures"):
            page = client.get(path).text
            assert "js/proof.js" in page
            assert 'name="proof"' in page


@pytest.mark.settings(proof_of_work="off")
def test_pages_say_nothing_of_it_when_it_is_off(client: FlaskClient, call: Call) -> None:
    for path in (PATH, "/en/my-signatures"):
        assert "proof" not in client.get(path).text
