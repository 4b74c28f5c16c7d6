"""One rule for who sees what: every state of a call × every face that it shows."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.models import CallState
from tests.conftest import StoppedClock
from tests.factories import make_call

SECRET = "keep-this-secret"

FACES = {
    "page": "/en/calls/{call}",
    "short address": "/c/{call}",
    "JSON": "/counters/{call}.json",
    "SVG": "/counters/{call}.svg",
    "PNG": "/counters/{call}.png",
    "oEmbed": "/oembed?url=http://localhost/en/calls/{call}",
    "form in a frame": "/embed/{call}",
    "card in a frame": "/embed/{call}/card",
    "generator": "/en/calls/{call}/embed",
    "changes": "/en/calls/{call}/changes",
    "story wall": "/en/calls/{call}/stories",
    "stories as JSON": "/api/v1/calls/{call}/stories",
    "stories as Atom": "/en/calls/{call}/stories.atom",
    "share card": "/en/calls/{call}/card.png",
    "look into the mailbox": "/en/calls/{call}/check-mail",
}
# What each state answers at every face: hidden like an unknown call, shown, or gone.
HIDDEN, SHOWN, GONE = 404, 200, 410
STATES: dict[str, tuple[int, dict[str, Any]]] = {
    "draft": (HIDDEN, {"state": CallState.DRAFT}),
    "in review": (HIDDEN, {"state": CallState.REVIEW}),
    "scheduled": (SHOWN, {"opens_in": 3}),
    "open": (SHOWN, {}),
    "paused": (SHOWN, {"state": CallState.PAUSED, "paused": 1}),
    "closed": (SHOWN, {"closes_in": -2}),
    "archived": (SHOWN, {"state": CallState.ARCHIVED, "closes_in": -2}),
    "taken down": (GONE, {"state": CallState.REMOVED}),
}


@pytest.mark.parametrize("state", STATES)
def test_every_face_answers_as_the_state_says(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock, state: str
) -> None:
    expected, changes = STATES[state]
    values, day = dict(changes), timedelta(days=1)
    now = stopped_clock.now
    values["opens_at"] = now + values.pop("opens_in", -30) * day
    if closes_in := values.pop("closes_in", 0):
        values["closes_at"] = now + closes_in * day
    if values.pop("paused", 0):
        values["paused_at"] = now - day
    make_call(session, slug=SECRET, **values)

    answers = {face: client.get(path.format(call=SECRET)) for face, path in FACES.items()}
    statuses = {face: 200 if answer.status_code == 302 else answer.status_code for face, answer in answers.items()}

    assert statuses == dict.fromkeys(FACES, expected)


@pytest.mark.parametrize("state", [name for name, (status, _changes) in STATES.items() if status == HIDDEN])
def test_a_hidden_call_cannot_be_told_from_one_that_never_was(
    client: FlaskClient, session: Session, state: str
) -> None:
    make_call(session, slug=SECRET, **STATES[state][1])

    for face, path in FACES.items():
        hidden, unknown = client.get(path.format(call=SECRET)), client.get(path.format(call="never-was-here"))
        assert hidden.status_code == unknown.status_code == 404, face
        assert hidden.data.replace(SECRET.encode(), b"X") == unknown.data.replace(b"never-was-here", b"X"), face


def test_every_public_address_of_a_call_is_in_the_table(client: FlaskClient) -> None:
    rules = client.application.url_map.iter_rules()
    public = {
        rule.rule.replace("<language:lang>", "en").replace("<slug:call>", "{call}")
        for rule in rules
        if "call" in rule.arguments and rule.arguments <= {"lang", "call"} and "GET" in (rule.methods or ())
    }
    left_out = {
        # They lead to the page, or need a picture or a kind of call.
        "/en/calls/{call}/sign",
        "/en/calls/{call}/card.jpg",
        "/en/calls/{call}/heroes",
    }
    assert {
        path for path in public - left_out if path not in {face.partition("?")[0] for face in FACES.values()}
    } == set()
