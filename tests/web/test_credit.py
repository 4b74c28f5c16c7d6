"""Who brought people, and how, travels from the address of a page to the confirmation, without a cookie."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.lib import tokens
from petition.models import Call, Partner, Signature, Team
from tests import factories
from tests.conftest import StoppedClock
from tests.factories import signatures
from tests.organisers import make_team
from tests.visitor import FORM, form_token

PATH = "/en/calls/open-culture"


@pytest.fixture
def team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture
def call(session: Session, team: Team) -> Call:
    return factories.make_call(session, team=team)


@pytest.fixture
def museum(session: Session, team: Team, call: Call) -> Partner:
    return factories.make_partner(session, team)


def send(client: FlaskClient, clock: StoppedClock, path: str, **fields: str) -> int:
    page = client.get(path)
    clock.tick(seconds=3)
    return client.post(path, data=FORM | {"token": form_token(page)} | fields).status_code


def test_a_form_goes_to_the_address_of_its_page(client: FlaskClient, call: Call) -> None:
    form = re.search(r"<form id=\"sign\"[^>]*>", client.get(PATH).text)

    assert form
    assert "action" not in form[0]


def confirmation(signature: Signature) -> str:
    return f"/en/confirm/{tokens.make('confirm', signature.link_id)}"


@pytest.mark.parametrize("path", [PATH, f"{PATH}/sign"])
def test_the_query_credits_a_partner_and_a_channel(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock, museum: Partner, path: str
) -> None:
    token = form_token(client.get(PATH))
    stopped_clock.tick(seconds=3)

    answer = client.post(f"{path}?partner=museum&via=whatsapp&fbclid=x", data=FORM | {"token": token})

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (303, False)
    (signature,) = signatures(session)
    assert (signature.partner, signature.via) == ("museum", "whatsapp")


@pytest.mark.parametrize(
    "query", ["partner=nobody&via=nothing", "partner=%00&via=%00", "partner=a/b", "partner=" + "a" * 500, "via=Qr"]
)
def test_what_is_unknown_credits_nobody(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock, museum: Partner, query: str
) -> None:
    assert send(client, stopped_clock, f"{PATH}?{query}") == 303
    (signature,) = signatures(session)
    assert (signature.partner, signature.via) == ("", "")


def test_a_refused_form_repeats_both(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock, museum: Partner
) -> None:
    token = form_token(client.get(PATH))
    stopped_clock.tick(seconds=3)
    refused = client.post(f"{PATH}?partner=museum&via=qr", data=FORM | {"token": token, "name": ""})

    assert refused.status_code == 422
    assert 'name="partner" type="hidden" value="museum"' in refused.text
    assert 'name="via" type="hidden" value="qr"' in refused.text
    again = client.post(f"{PATH}/sign", data=FORM | {"token": form_token(refused), "partner": "museum", "via": "qr"})
    assert again.status_code == 303
    assert [(row.partner, row.via) for row in signatures(session)] == [("museum", "qr")]


def test_pages_that_differ_in_their_credit_are_one_page(client: FlaskClient, museum: Partner) -> None:
    pages = [client.get(f"{PATH}?{query}").data for query in ("", "partner=museum", "via=qr", "fbclid=1&utm_source=x")]

    assert len(set(pages)) == 1


def test_the_confirmation_names_the_partner(client: FlaskClient, session: Session, call: Call, museum: Partner) -> None:
    museum.name = "Museum of <Bees>"
    session.commit()
    plain = client.get(confirmation(factories.sign(session, call, email="b@example.org")))
    credited = client.get(confirmation(factories.sign(session, call, partner="museum")))

    assert "Brought by" not in plain.text
    assert "Museum of &lt;Bees&gt;" in credited.text


def test_shared_links_name_a_channel_and_nobody(client: FlaskClient, call: Call) -> None:
    page = client.get(PATH).text

    assert "c%2Fopen-culture%3Fvia%3Dwhatsapp" in page
    assert "c%2Fopen-culture%3Fvia%3Demail" in page
    assert "partner%3D" not in page
