"""The form of a call in a frame on other people's pages."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from petition.models import Call, CallKind, CallState, Partner, Team
from tests import factories
from tests.conftest import StoppedClock
from tests.factories import signatures
from tests.organisers import make_team
from tests.visitor import FORM, form_token

PATH = "/embed/open-culture"
FOREIGN = {"Sec-Fetch-Site": "cross-site", "Origin": "null"}


@pytest.fixture
def team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture
def call(session: Session, team: Team) -> Call:
    return factories.make_call(session, team=team)


@pytest.fixture
def museum(session: Session, team: Team, call: Call) -> Partner:
    return factories.make_partner(session, team)


def token_of(client: FlaskClient, clock: StoppedClock, path: str = PATH) -> dict[str, str]:
    token = form_token(client.get(path))
    clock.tick(seconds=3)
    return {"token": token}


def ancestors(policy: str) -> str:
    return policy.rpartition("frame-ancestors ")[2]


def test_any_site_may_show_the_form_and_no_other_page(client: FlaskClient, call: Call) -> None:
    framed, page = client.get(PATH), client.get("/en/calls/open-culture")

    assert ancestors(framed.headers["Content-Security-Policy"]) == "*"
    assert framed.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert framed.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert ancestors(page.headers["Content-Security-Policy"]) == "'none'"
    assert "Cross-Origin-Embedder-Policy" not in page.headers


def test_organisers_name_the_sites_that_may(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock, call: Call
) -> None:
    call.frame_origins = "https://museum.example https://library.example"
    session.commit()
    named = "'self' https://museum.example https://library.example"
    fields = FORM | token_of(client, stopped_clock)

    answers = [client.get(PATH), client.post(PATH, data={}), client.post(PATH, data=fields)]

    assert [answer.status_code for answer in answers] == [200, 422, 200]
    assert {ancestors(answer.headers["Content-Security-Policy"]) for answer in answers} == {named}


def test_a_signature_is_taken_in_the_frame_and_credited(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock, museum: Partner
) -> None:
    path = f"{PATH}?lang=de&partner=museum&theme=dark&fbclid=x"
    answer = client.post(path, data=FORM | token_of(client, stopped_clock, path))

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    assert 'lang="de"' in answer.text
    assert FORM["email"] in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "/de/calls/open-culture?via=embed&amp;partner=museum" in answer.text
    (signature,) = signatures(session)
    assert (signature.partner, signature.via, signature.language) == ("museum", "embed", "de")


def test_it_can_be_sent_again_from_the_answer(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock, call: Call
) -> None:
    first = client.post(PATH, data=FORM | token_of(client, stopped_clock))
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', first.text))

    assert fields.items() >= FORM.items()
    assert client.post(PATH, data=fields).status_code == 200
    assert len(signatures(session)) == 1


def test_pages_for_all_partners_are_one(client: FlaskClient, museum: Partner) -> None:
    queries = ("", "partner=museum", "partner=nobody", "utm_source=x", "lang=xx", "theme=<script>", "lang=en&lang=fr")
    pages = [re.sub(r'value="[^"]{20,}"', "", client.get(f"{PATH}?{query}").text) for query in queries]

    assert len(set(pages)) == 1


def test_a_refused_form_stays_in_the_frame(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock, call: Call
) -> None:
    answer = client.post(f"{PATH}?lang=fr", data=FORM | token_of(client, stopped_clock) | {"name": "", "email": "x"})

    assert answer.status_code == 422
    assert 'lang="fr"' in answer.text
    assert ancestors(answer.headers["Content-Security-Policy"]) == "*"
    assert signatures(session) == []


@pytest.mark.parametrize("fields", [{}, {"token": "x"}, {"email": "x" * 60_000}, {"kind": "none"}, {"name": "\0"}])
def test_what_is_no_form_of_ours_gets_a_page_for_the_frame(
    client: FlaskClient, call: Call, fields: dict[str, str]
) -> None:
    answer = client.post(PATH, data=fields)

    assert 400 <= answer.status_code < 500
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "site-header" not in answer.text


def test_a_sandbox_without_an_origin_gets_the_way_on_and_no_refusal(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock, museum: Partner
) -> None:
    fields = FORM | token_of(client, stopped_clock)
    answer = client.post(f"{PATH}?partner=museum", data=fields, headers=FOREIGN)

    assert answer.status_code == 200
    assert "nothing is signed yet" in answer.text
    assert answer.text.count("/en/calls/open-culture?via=embed&amp;partner=museum") >= 2
    assert signatures(session) == []


@pytest.mark.parametrize("kind", CallKind)
def test_each_kind_of_call_has_its_form(client: FlaskClient, session: Session, call: Call, kind: CallKind) -> None:
    call.kind = kind
    session.commit()
    page = client.get(PATH)

    assert page.status_code == 200
    assert f'name="kind" type="hidden" value="{kind}"' in page.text
    assert "formaction" not in page.text


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [
        (CallState.PAUSED, 200, "Signing is paused"),
        (CallState.ARCHIVED, 200, "This petition is closed"),
        (CallState.DRAFT, 404, "This page is not here"),
        (CallState.REVIEW, 404, "This page is not here"),
        (CallState.REMOVED, 410, "Removed"),
    ],
)
def test_what_cannot_be_signed_says_so(
    client: FlaskClient,
    session: Session,
    stopped_clock: StoppedClock,
    call: Call,
    state: CallState,
    status: int,
    words: str,
) -> None:
    fields = FORM | token_of(client, stopped_clock)
    changes = {
        CallState.ARCHIVED: {"closes_at": factories.OPENED + timedelta(days=1)},
        CallState.PAUSED: {"paused_at": factories.OPENED},
    }
    session.execute(update(Call).values(state=state, **changes.get(state, {})))
    session.commit()
    page, answer = client.get(PATH), client.post(PATH, data=fields)

    assert (page.status_code, words in page.text) == (status, True)
    assert answer.status_code == (409 if status == 200 else status)
    assert ancestors(answer.headers["Content-Security-Policy"]) == "*"
    assert signatures(session) == []


def test_an_unknown_call_looks_like_a_hidden_one(client: FlaskClient, session: Session, call: Call) -> None:
    call.state = CallState.DRAFT
    session.commit()

    assert client.get(PATH).data == client.get("/embed/no-such-call").data
