"""Partners' programs report signatures collected elsewhere, and everything wrong is answered with a sentence."""

import itertools
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.domain import partner_reports, partner_tokens, totals
from petition.models import Call, CallState, Partner, PartnerReport, PartnerReportState, PartnerToken, Tally, Team
from tests.conftest import StoppedClock
from tests.factories import confirm, make_call, make_partner
from tests.organisers import make_organiser, make_team

PATH = "/api/v1/partners/museum/calls/open-culture/reports/2026-05-20"
TABLE = {"countries": {"NL": 12, "FR": 3, "": 2}, "source": "Lists on paper at the desk"}


@pytest.fixture
def team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture
def call(session: Session, team: Team) -> Call:
    return make_call(session, team=team)


@pytest.fixture
def museum(session: Session, team: Team, call: Call) -> Partner:
    return make_partner(session, team)


@pytest.fixture
def token(session: Session, museum: Partner) -> str:
    _row, text = partner_tokens.make_token(session, make_organiser(session), museum, "The desk")
    session.commit()
    return text


def put(client: FlaskClient, token: str, table: Any = None, path: str = PATH, **options: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"}
    return client.put(path, json=TABLE if table is None else table, headers=headers, **options)


def test_a_table_counts_as_a_part_of_its_own(client: FlaskClient, session: Session, call: Call, token: str) -> None:
    confirm(session, call)
    answer = put(client, token)

    assert answer.status_code == 201
    said = answer.json or {}
    assert (said["state"], said["signatures"], said["counted"], said["revision"]) == ("counted", 17, 17, 1)
    assert said["countries"] == {"": 2, "FR": 3, "NL": 12}
    counter = client.get("/counters/open-culture.json").json or {}
    assert (counter["confirmed"], counter["partner_reported"], counter["total"]) == (1, 17, 18)
    assert "17 of them were reported by partners." in client.get("/en/calls/open-culture").text


def test_again_it_changes_nothing_and_a_correction_is_kept(client: FlaskClient, token: str) -> None:
    answers = [put(client, token), put(client, token), put(client, token, TABLE | {"countries": {"NL": 10}})]
    shown = client.get(PATH, headers={"Authorization": f"Bearer {token}"})

    assert [answer.status_code for answer in answers] == [201, 200, 201]
    said = shown.json or {}
    assert (said["revision"], said["counted"]) == (2, 10)
    assert [(one["revision"], one["state"], one["signatures"]) for one in said["earlier"]] == [(1, "replaced", 17)]
    assert shown.headers["Cache-Control"] == "no-store"


def test_what_is_implausible_waits_and_says_why(client: FlaskClient, token: str) -> None:
    said = put(client, token, TABLE | {"countries": {"NL": 5000}}).json or {}

    assert (said["state"], said["counted"], said["doubts"]) == ("waiting", 0, ["many_for_one_day"])
    assert (client.get("/counters/open-culture.json").json or {})["total"] == 0


def test_a_wrong_figure_is_found_and_repaired(client: FlaskClient, session: Session, token: str) -> None:
    put(client, token)
    session.execute(update(Tally).values(confirmed=99))
    session.commit()

    assert [(one.key, one.confirmed) for one in totals.drift(session)] == [("museum", -82)]
    totals.repair(session)
    session.commit()
    assert totals.drift(session) == []


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer pt_wrong"}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}]
)
def test_without_its_token_nobody_learns_anything(
    client: FlaskClient, session: Session, token: str, headers: dict[str, str]
) -> None:
    known, unknown = (client.put(path, json=TABLE, headers=headers) for path in (PATH, PATH.replace("museum", "other")))

    assert (known.status_code, known.json) == (401, unknown.json)
    assert known.headers["WWW-Authenticate"].startswith("Bearer")
    assert session.scalars(select(PartnerReport)).all() == []


def test_a_token_is_of_one_partner_and_ends_with_it(
    client: FlaskClient, session: Session, team: Team, museum: Partner, token: str
) -> None:
    make_partner(session, team, "library")
    of_another = put(client, token, path=PATH.replace("museum", "library"))
    session.execute(update(Partner).where(Partner.slug == "museum").values(is_paused=True))
    session.commit()
    paused = put(client, token)
    session.execute(update(Partner).values(is_paused=False))
    session.execute(update(PartnerToken).values(revoked_at=PartnerToken.created_at))
    session.commit()

    assert [of_another.status_code, paused.status_code, put(client, token).status_code] == [401, 401, 401]
    assert token.encode() not in of_another.data + paused.data


@pytest.mark.parametrize(
    ("state", "status"), [(CallState.DRAFT, 404), (CallState.REVIEW, 404), (CallState.REMOVED, 410)]
)
def test_only_for_calls_that_the_public_sees(
    client: FlaskClient, session: Session, token: str, state: CallState, status: int
) -> None:
    session.execute(update(Call).values(state=state))
    session.commit()

    assert put(client, token).status_code == status


def test_a_call_of_another_team_is_none(client: FlaskClient, session: Session, token: str) -> None:
    make_call(session, slug="elsewhere", team=make_team(session, "Others"))

    assert put(client, token, path=PATH.replace("open-culture", "elsewhere")).status_code == 404


@pytest.mark.parametrize(
    "day", ["2026-06-02", "2999-01-01", "2025-12-31", "2026-02-30", "today", "2026-5-2", "2026-05-20%00", "٢٠٢٦-٠٥-٢٠"]
)
def test_a_day_that_cannot_be_is_refused_with_a_sentence(client: FlaskClient, token: str, day: str) -> None:
    answer = put(client, token, path=PATH.replace("2026-05-20", day))

    assert answer.status_code == 422
    assert (answer.json or {})["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 9_000, 400),
        (b'{"a":' * 3_000, 400),
        (b'{"countries":{"NL":1,"NL":2},"source":"x"}', 400),
        (b'{"countries":{"NL":NaN},"source":"x"}', 400),
        (b'{"countries":{"NL":' + b"9" * 5_000 + b'},"source":"x"}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"x"', 422),
        (b'{"countries":{},"source":"x","day":1}', 422),
        (b'{"countries":[],"source":"x"}', 422),
        (b'{"countries":{"nl":1},"source":"x"}', 422),
        (b'{"countries":{"XX":1},"source":"x"}', 422),
        (b'{"countries":{"NL":-1},"source":"x"}', 422),
        (b'{"countries":{"NL":1.5},"source":"x"}', 422),
        (b'{"countries":{"NL":true},"source":"x"}', 422),
        (b'{"countries":{"NL":"1"},"source":"x"}', 422),
        (b'{"countries":{"NL":1e400},"source":"x"}', 422),
        (b'{"countries":{"NL":999999,"FR":999999},"source":"x"}', 422),
        (b'{"countries":{"NL":1},"source":""}', 422),
        (b'{"countries":{"NL":1},"source":7}', 422),
        (b'{"countries":{"NL":1},"source":"\\u0000"}', 422),
        (b'{"countries":{"NL":1},"source":"\\ud800"}', 422),
        (json.dumps({"countries": {"NL": 1}, "source": "x" * 600}).encode(), 422),
        (b" " * 30_000 + b"{}", 413),
    ],
    ids=itertools.count(),
)
def test_bad_input_is_refused_and_counts_nothing(
    client: FlaskClient, session: Session, token: str, body: bytes, status: int
) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = client.put(PATH, data=body, headers=headers)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert (answer.json or {})["detail"]
    assert session.scalars(select(PartnerReport)).all() == []


def test_it_must_say_that_it_is_json(client: FlaskClient, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}

    assert client.put(PATH, data=json.dumps(TABLE), headers=headers).status_code == 415


def test_a_day_of_which_nothing_was_said_is_none(client: FlaskClient, token: str) -> None:
    assert client.get(PATH, headers={"Authorization": f"Bearer {token}"}).status_code == 404


def test_what_an_organiser_takes_out_is_refused_in_the_answer(
    client: FlaskClient, session: Session, team: Team, token: str
) -> None:
    put(client, token)
    report = session.scalars(select(PartnerReport)).one()
    partner_reports.decide(
        session, make_organiser(session, "bob@demo.example"), report, shown=PartnerReportState.COUNTED, accept=False
    )
    session.commit()
    said = client.get(PATH, headers={"Authorization": f"Bearer {token}"}).json or {}

    assert (said["state"], said["counted"]) == ("refused", 0)
