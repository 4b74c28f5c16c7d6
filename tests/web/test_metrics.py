"""What Prometheus reads, and who else may not."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from petition.http.cacheable import LIVE, Cacheable
from petition.http.cached_response import CachedResponse
from petition.lib import tokens
from petition.models import Letter, LetterState
from tests import factories
from tests.conftest import StoppedClock
from tests.visitor import press, sign

LATER = timedelta(hours=1)
TOKEN = "a token for the tests"


def read(client: FlaskClient) -> dict[str, float]:
    """Give every sample by its name and labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_a_program_on_this_machine_may_read_and_nobody_keeps_the_answer(client: FlaskClient) -> None:
    answer = client.get("/metrics")

    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("203.0.113.7", {}),
        ("10.0.0.7", {}),
        ("203.0.113.7", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"X-Forwarded-For": "::1, 127.0.0.1"}),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}),
        ("127.0.0.1", {"Authorization": "Bearer ", "X-Forwarded-For": "203.0.113.7"}),
        ("203.0.113.7", {"Authorization": "Bearer "}),
        ("203.0.113.7", {"Authorization": f"Bearer {TOKEN}x"}),
        ("203.0.113.7", {"Authorization": "Bearer é"}),
    ],
)
@pytest.mark.parametrize(
    "_settings",
    [
        "default",
        pytest.param("proxy", marks=pytest.mark.settings(trusted_proxies=1)),
        pytest.param("proxies, token", marks=pytest.mark.settings(trusted_proxies=2, metrics_token=TOKEN)),
    ],
)
def test_for_everybody_else_there_is_nothing(
    client: FlaskClient, peer: str, headers: dict[str, str], _settings: str
) -> None:
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})

    assert answer.status_code == 404
    assert "petition_" not in answer.text


@pytest.mark.settings(metrics_token=TOKEN)
def test_a_token_opens_it_from_anywhere(client: FlaskClient) -> None:
    answer = client.get(
        "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, environ_base={"REMOTE_ADDR": "203.0.113.7"}
    )

    assert answer.status_code == 200


def test_requests_are_counted_by_endpoint_method_and_status(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    factories.make_call(session)
    before = read(client)

    client.get("/en/calls/open-culture")
    client.get("/en/calls/unknown")
    client.get("/nothing-here")
    client.open("/en/", method="BREW")
    sign(client, stopped_clock, email="ann@example.org")

    after = read(client)
    new = {name for name in after if after[name] > before.get(name, 0) and "_count" in name}
    kinds = {tuple(re.findall(r'"([^"]*)"', name)) for name in new}
    assert kinds >= {
        ("calls.call", "GET", "200"),
        ("calls.call", "GET", "404"),
        ("none", "GET", "404"),
        ("none", "other", "405"),
        ("signing.sign", "POST", "303"),
    }


def test_sign_ups_and_pressed_buttons_are_counted(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    call = factories.make_call(session)
    token = tokens.make("confirm", factories.sign(session, call).id)
    before = read(client)

    sign(client, stopped_clock, email="ann@example.org")
    press(client, f"/fr/confirm/{token}")

    after = read(client)
    for name in ('petition_signups_total{language="en"}', 'petition_confirmations_total{language="fr"}'):
        assert after[name] == before.get(name, 0) + 1


def test_hits_of_the_page_cache_are_counted_when_their_response_is_replaced(client: FlaskClient) -> None:
    cached = CachedResponse(
        ("/", ""), Cacheable(1.0, {}), "200 OK", [("Cache-Control", LIVE)], b"a page", rendered_at=time.monotonic()
    )
    before = read(client)

    for _time in range(3):
        cached.send({"REQUEST_METHOD": "GET"}, lambda _status, _headers, _error=None: lambda _bytes: None)
    cached.record_metrics()

    after = read(client)
    for name, new in {
        'petition_page_cache_hits_total{ttl="1"}': 3,
        'petition_page_cache_age_seconds_count{ttl="1"}': 1,
        'petition_page_cache_age_seconds_bucket{le="2.0",ttl="1"}': 1,
    }.items():
        assert after[name] == before.get(name, 0) + new


def test_letters_and_totals_are_read_from_the_tables(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    call = factories.make_call(session)
    factories.confirm(session, call)
    stopped_clock.tick(minutes=2)
    factories.sign(session, call, email="ann@example.org")
    factories.sign(session, call, email="bob@example.org", due_at=stopped_clock.now + LATER)
    stopped_clock.tick(minutes=1)

    found = read(client)

    assert found["petition_database_up"] == 1
    assert found["petition_letters_waiting"] == 3
    assert found["petition_letters_due"] == 2
    assert found["petition_letters_oldest_seconds"] == 180
    assert found['petition_signatures{call="open-culture"}'] == 1


def test_drafts_are_not_named(client: FlaskClient, session: Session) -> None:
    factories.make_call(session, slug="secret-plan", state="draft")

    assert "secret-plan" not in client.get("/metrics").text


def test_a_database_that_is_away_is_an_answer_too(client: FlaskClient, session: Session) -> None:
    session.execute(text("alter table letter rename to letter_away"))
    session.commit()
    try:
        found = read(client)
    finally:
        session.execute(text("alter table letter_away rename to letter"))
        session.commit()

    assert found["petition_database_up"] == 0
    assert any(name.startswith("petition_request_seconds_count") for name in found)


def test_no_sample_holds_an_address_a_name_or_a_token(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    token = tokens.make("me", factories.confirm(session, factories.make_call(session)).id)
    sign(client, stopped_clock, email="ann@example.org", name="Ann Archivist")
    client.get(f"/en/me/{token}")
    client.get("/en/ann@example.org")

    found = client.get("/metrics").text

    for secret in ("ann@", "example.org", "Ann", "Suzie", token):
        assert secret not in found


def test_a_scrape_reads_waiting_letters_and_leaves_the_others_alone(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    call = factories.make_call(session)
    session.execute(insert(Letter), [_sent(call.id, number, stopped_clock) for number in range(2000)])
    session.commit()
    session.execute(text("analyze"))
    session.commit()
    explain = "explain query plan" if session.get_bind().dialect.name == "sqlite" else "explain"

    plan = session.execute(
        text(f"{explain} select count(*), min(created_at) from letter where state = 'waiting'")
    ).all()

    assert "ix_letter_due" in str(plan)
    assert read(client)["petition_letters_waiting"] == 0


def _sent(call_id: int, number: int, clock: StoppedClock) -> dict[str, Any]:
    moments = dict.fromkeys(("created_at", "due_at", "sent_at"), clock.now)
    return moments | {
        "template": "confirm_signature",
        "priority": 0,
        "state": LetterState.SENT,
        "call_id": call_id,
        "email_digest": str(number).encode(),
        "language": "en",
    }
