"""Reporting without an account, the receipt, the queue of moderators, the outcome and a second look."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.domain import letters as outbox
from petition.lib import tokens
from petition.mail.rendering import render
from petition.models import (
    Call,
    CallState,
    Letter,
    Organiser,
    Report,
    ReportCase,
    Signature,
    StoryState,
)
from tests.conftest import StoppedClock
from tests.factories import make_call
from tests.organisers import add_picture, join, make_organiser, make_team, sign_in
from tests.reporting import HIDE, decide, file_report, is_public, publish
from tests.visitor import form_token

TYPED = {
    "reason": "privacy",
    "text": "It says where my aunt lives.",
    "name": "Chris",
    "email": "chris@example.org",
    "good_faith": "y",
}


@pytest.fixture(name="call")
def _call(session: Session) -> Call:
    return make_call(session, team=make_team(session))


@pytest.fixture(name="ann")
def _ann(session: Session, call: Call) -> Organiser:
    ann = make_organiser(session)
    assert call.campaign.team
    join(session, call.campaign.team, ann)
    return ann


def report(
    client: FlaskClient, clock: StoppedClock, about: str, address: str = "192.0.2.1", **changes: Any
) -> TestResponse:
    """Fill the form as Chris would, and send it three seconds later."""
    path = f"/en/report?about={about}"
    token = form_token(client.get(path))
    clock.tick(seconds=3)
    fields = TYPED | {"token": token} | changes
    sent = {name: value for name, value in fields.items() if value is not None}
    return client.post(path, data=sent, environ_base={"REMOTE_ADDR": address})


def mailed(app: Flask, session: Session, template: str) -> list[str]:
    """Return the letters of a kind as they would go out now."""
    batch = list(session.scalars(select(Letter).where(Letter.template == template).order_by(Letter.id)))
    contents = outbox.current_contents(session, batch)
    with app.test_request_context():
        return [
            render(letter, contents[letter.id], app.config["PETITION"]).content.decode()
            for letter in batch
            if letter.id in contents
        ]


def test_the_page_of_a_call_leads_to_the_form(client: FlaskClient, session: Session, call: Call) -> None:
    page = client.get("/en/calls/open-culture").text

    assert 'href="/en/report?about=call:open-culture"' in page
    assert "Keep culture open" in client.get("/en/report?about=call:open-culture").text


def test_a_picture_is_reported_where_a_call_shows_it(
    client: FlaskClient, session: Session, call: Call, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    picture = add_picture(session, call, ann)
    call.picture_id, call.image = picture.id, f"media/{picture.name}.webp"
    session.commit()

    assert f'href="/en/report?about=picture:{picture.id}"' in client.get("/en/calls/open-culture").text
    assert f"{picture.name}.webp" in client.get(f"/en/report?about=picture:{picture.id}").text
    assert report(client, stopped_clock, f"picture:{picture.id}").status_code == 303


def test_a_report_without_an_account_has_a_receipt_and_an_outcome(
    app: Flask, client: FlaskClient, session: Session, call: Call, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    moderator = app.test_client()
    token = sign_in(moderator, session, ann)
    story = publish(session, call, StoryState.WAITING)

    answer = report(client, stopped_clock, f"story:{story.id}")

    assert answer.status_code == 303
    receipt = urlsplit(answer.location).path
    assert not is_public(session, story)
    for part in (
        "Report no. 1",
        "Nobody has decided yet",
        "hidden, automatically",
        "We write to you too",
        TYPED["text"],
    ):
        assert part in client.get(receipt).text
    assert client.get(receipt).headers["Referrer-Policy"] == "no-referrer"
    (letter,) = mailed(app, session, "report_receipt")
    assert "report no. 1" in letter
    assert not {TYPED["text"], "aunt"} & set(letter.split())

    case = session.scalars(select(ReportCase)).one()
    queue = f"/organise/teams/{session.get_one(Call, case.call_id).campaign.team_id}/reports"
    assert "1 report to decide" in moderator.get("/organise/").text
    assert "Hidden until you decide" in moderator.get(queue).text
    shown = moderator.get(f"{queue}/{case.id}").text
    assert "Ma tante habite rue Verte." in shown
    assert "chris@example.org" not in shown
    assert decide(moderator, token, f"{queue}/{case.id}", **HIDE).location == queue

    page = client.get(receipt).text
    for part in ("It is hidden", HIDE["sentence"], "by a person", "Digital Services Coordinator"):
        assert part in page
    (letter,) = mailed(app, session, "report_outcome")
    assert "It names where a person lives." in letter
    session.expire_all()
    row = session.scalars(select(Report)).one()
    assert (row.name, row.email) == ("", None)


def test_the_author_reads_the_reasons_and_asks_for_a_second_look(
    app: Flask, client: FlaskClient, session: Session, call: Call, ann: Organiser
) -> None:
    moderator = app.test_client()
    token = sign_in(moderator, session, ann)
    story = publish(session, call, StoryState.WAITING)
    me = f"/en/me/{tokens.make('me', session.get_one(Signature, story.signature_id).link_id)}"
    case = file_report(session, f"story:{story.id}", name="Mallory").case
    (letter,) = mailed(app, session, "story_held")
    assert "hidden automatically" in " ".join(letter.split())
    assert "it was hidden automatically until one has" in client.get(me).text
    path = f"/organise/teams/{session.get_one(Call, case.call_id).campaign.team_id}/reports/{case.id}"

    assert decide(moderator, token, path, **HIDE).status_code == 303

    page = client.get(me).text
    for part in ("Your text was reported", HIDE["sentence"], "by a person", "Digital Services Coordinator"):
        assert part in page
    assert "Mallory" not in page
    named = re.search(r'name="decision" value="(\d+)"', page)
    assert named
    assert client.post(f"{me}/story/second-look", data={"decision": named[1]}).status_code == 303
    assert "It waits for a second look" in client.get(me).text
    assert mailed(app, session, "story_held") == []
    assert len(mailed(app, session, "story_decided")) == 1


def test_who_reported_asks_for_a_second_look_once(
    app: Flask, client: FlaskClient, session: Session, call: Call, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    receipt = urlsplit(report(client, stopped_clock, "call:open-culture").location).path
    case = session.scalars(select(ReportCase)).one()
    moderator = app.test_client()
    token = sign_in(moderator, session, ann)
    path = f"/organise/teams/{call.campaign.team_id}/reports/{case.id}"
    assert client.post(receipt, data={"words": "Hurry."}).status_code == 409
    decide(moderator, token, path, outcome="kept", sentence="It is all right.")

    assert client.post(receipt, data={"words": ""}).status_code == 422
    assert client.post(receipt, data={"words": "x" * 2001}).status_code == 422
    assert client.post(receipt, data={"words": "Look at line 3."}).status_code == 303
    assert client.post(receipt, data={"words": "Look at line 3."}).status_code == 409

    assert "Look at line 3." in moderator.get(path).text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("reason", None, "Please choose what is wrong."),
        ("reason", "boring", "Please choose what is wrong."),
        ("text", " \n", "Please explain it in a sentence or two."),
        ("text", "x" * 2001, "2000"),
        ("text", "a\x00b", "cannot be shown"),
        ("text", "a\u202eb", "cannot be shown"),
        ("email", "nobody", "name@example.org"),
        ("email", "chris@example.org\r\nBcc: all@example.org", "name@example.org"),
        ("name", "=1+1", "cannot begin with"),
        ("good_faith", None, "Please tick this box"),
        ("website", "https://spam.example", "leave this field empty"),
        ("token", "forged", "did not come from this page"),
    ],
)
def test_what_can_be_mended_is_said_beside_it_and_nothing_is_lost(
    client: FlaskClient,
    session: Session,
    call: Call,
    stopped_clock: StoppedClock,
    field: str,
    value: Any,
    sentence: str,
) -> None:
    changes: dict[str, Any] = {field: value}
    answer = report(client, stopped_clock, "call:open-culture", **changes)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Error: Report this petition" in answer.text
    if field != "text":
        assert TYPED["text"] in answer.text
    assert session.scalars(select(Report)).all() == []


def test_what_was_typed_is_inert(
    app: Flask, client: FlaskClient, session: Session, call: Call, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    script = "<script>alert(1)</script> {{ 7*7 }} \u0645\u0631\u062d\u0628\u0627"
    receipt = report(client, stopped_clock, "call:open-culture", text=script).location
    case = session.scalars(select(ReportCase)).one()
    moderator = app.test_client()
    sign_in(moderator, session, ann)

    for page in (
        client.get(receipt).text,
        moderator.get(f"/organise/teams/{call.campaign.team_id}/reports/{case.id}").text,
    ):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page


@pytest.mark.parametrize(
    "about", ["", "call:unknown", "call:draft", "story:1", "story:999999999999999999999", "x" * 3000]
)
def test_what_is_not_public_cannot_be_reported(client: FlaskClient, session: Session, call: Call, about: str) -> None:
    make_call(session, slug="draft", state=CallState.DRAFT)

    assert client.get(f"/en/report?about={about}").status_code == 404
    assert client.post(f"/en/report?about={about}", data=TYPED).status_code == 404


@pytest.mark.parametrize("token", ["cut", "1.nonce", "x.y.z"])
def test_a_receipt_that_is_not_ours_is_not_there(client: FlaskClient, call: Call, token: str) -> None:
    for answer in (client.get(f"/en/report/{token}"), client.post(f"/en/report/{token}", data={"words": "x"})):
        assert answer.status_code == 404
        assert "There is no receipt at this address" in answer.text


def test_a_report_from_elsewhere_is_not_lost(client: FlaskClient, session: Session, call: Call) -> None:
    answer = client.post(
        "/en/report?about=call:open-culture", data=TYPED, headers={"Origin": "https://translate.example"}
    )

    assert answer.status_code == 403
    assert TYPED["text"] in answer.text
    assert session.scalars(select(Report)).all() == []


@pytest.mark.settings(rate_limits="on")
def test_one_household_reports_ten_things_in_ten_minutes(
    client: FlaskClient, session: Session, call: Call, stopped_clock: StoppedClock
) -> None:
    answers = [report(client, stopped_clock, "call:open-culture").status_code for _ in range(11)]

    assert answers == [303] * 10 + [429]
    assert report(client, stopped_clock, "call:open-culture", address="198.51.100.1").status_code == 303
    # Chris's address counted once already.
    assert session.scalars(select(ReportCase.reports)).all() == [1]
    assert report(client, stopped_clock, "call:open-culture", "203.0.113.1", email="").status_code == 303
    assert session.scalars(select(ReportCase.reports)).all() == [2]


def test_eight_networks_are_eight_reports_and_their_addresses_are_not_kept(
    client: FlaskClient, session: Session, call: Call, stopped_clock: StoppedClock
) -> None:
    story = publish(session, call, StoryState.APPROVED)

    for number in range(8):
        report(client, stopped_clock, f"story:{story.id}", f"192.0.{number}.1", email="")
    report(client, stopped_clock, f"story:{story.id}", "192.0.7.99", email="")

    rows = session.scalars(select(Report).order_by(Report.id)).all()
    assert ([row.is_counted for row in rows], rows[0].case.reports) == ([True] * 8 + [False], 8)
    assert is_public(session, story)
    assert not any(b"192.0" in (row.network_digest or b"") for row in rows)
