"""Organisers keep partners; a partner sees its own figures and nobody else's."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import partner_figures, partner_reports, partners
from petition.domain.partner_figures import Brought
from petition.lib import tokens
from petition.models import Call, Letter, Organiser, Partner, PartnerToken, Role, Signature, Team
from tests.conftest import StoppedClock
from tests.factories import confirm, make_call, make_partner, sign
from tests.organisers import join, make_organiser, make_team, sign_in

FORM = {
    "name": "City Museum",
    "slug": "museum",
    "url": "museum.example",
    "contact": "desk@museum.example",
    "language": "fr",
    "is_listed": "y",
}
PATH = "/organise/teams/1/partners"


@pytest.fixture
def team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture
def ann(session: Session, team: Team) -> Organiser:
    person = make_organiser(session)
    join(session, team, person, Role.EDITOR)
    return person


@pytest.fixture
def token(client: FlaskClient, session: Session, ann: Organiser) -> dict[str, str]:
    return {"csrf_token": sign_in(client, session, ann)}


@pytest.fixture
def call(session: Session, team: Team) -> Call:
    return make_call(session, team=session.scalars(select(Team)).one())


@pytest.fixture
def museum(session: Session, call: Call) -> Partner:
    return make_partner(session, session.scalars(select(Team)).one(), contact="desk@museum.example")


def bring(session: Session, call: Call, number: int, partner: str = "museum") -> None:
    for one in range(number):
        confirm(session, call, email=f"{partner}{one}@example.org", partner=partner)


def test_an_editor_adds_a_partner(client: FlaskClient, session: Session, token: dict[str, str]) -> None:
    answer = client.post(f"{PATH}/new", data=FORM | token)

    assert (answer.status_code, answer.location) == (303, f"{PATH}/1")
    partner = session.scalars(select(Partner)).one()
    assert (partner.slug, partner.url, partner.language, partner.is_listed) == (
        "museum",
        "https://museum.example",
        "fr",
        True,
    )
    assert "City Museum" in client.get(PATH).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Please write a name."),
        ({"name": "=cmd()"}, "The name cannot begin with = + - or @."),
        ({"slug": "Über uns"}, "Please use a to z, digits and hyphens only"),
        ({"slug": "taken"}, "Another partner has this name in links."),
        ({"url": "javascript:alert(1)"}, "Please write a web address that begins with https://."),
        ({"contact": "nobody"}, "address"),
        ({"language": "xx"}, "Not a valid choice"),
    ],
)
def test_what_is_mistyped_is_said_beside_its_field(
    client: FlaskClient, session: Session, token: dict[str, str], team: Team, changes: dict[str, str], sentence: str
) -> None:
    make_partner(session, session.scalars(select(Team)).one(), "taken")
    answer = client.post(f"{PATH}/new", data=FORM | token | changes)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalars(select(Partner.slug)).all() == ["taken"]


def test_a_form_names_the_partner_that_it_showed(
    client: FlaskClient, session: Session, token: dict[str, str], museum: Partner
) -> None:
    form = {name: value for name, value in FORM.items() if name != "slug"} | token
    first = client.post(f"{PATH}/1/edit", data=form | {"revision": "0", "is_paused": "y"})
    second = client.post(f"{PATH}/1/edit", data=form | {"revision": "0", "name": "Another"})
    again = re.search(r'name="revision"[^>]*value="(\d+)"', second.text)

    assert (first.status_code, second.status_code, again and again[1]) == (303, 422, "1")
    assert "Another" in second.text
    session.expire_all()
    row = session.scalars(select(Partner)).one()
    assert (row.name, row.is_paused, row.slug) == ("City Museum", True, "museum")


def test_a_partner_reads_its_own_page_until_the_link_ends(
    client: FlaskClient,
    session: Session,
    token: dict[str, str],
    call: Call,
    museum: Partner,
    stopped_clock: StoppedClock,
) -> None:
    bring(session, call, 2)
    session.execute(update(Signature).values(confirmed_at=stopped_clock.now - timedelta(days=1)))
    assert client.post(f"{PATH}/1/link", data=token).status_code == 303
    recipient = session.scalars(select(Letter.recipient).where(Letter.template == "partner_link")).one()
    nonce = session.scalars(select(Partner.nonce)).one()
    link = tokens.make(partners.PURPOSE, f"1.{nonce}")
    stranger = client.application.test_client()
    page = stranger.get(f"/en/partner/{link}")

    assert recipient == "desk@museum.example"
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "The museum" in page.text
    assert "?partner=museum" in page.text
    assert "&lt;a class=&#34;petition-counter&#34;" in page.text
    assert "<iframe" not in page.text
    assert "May 31, 2026" in page.text or "31 May 2026" in page.text
    stopped_clock.tick(days=terms.PARTNER_LINK_DAYS, seconds=1)
    assert stranger.get(f"/en/partner/{link}").status_code == 404


@pytest.mark.parametrize("act", ["link", "link/revoke", "edit"])
def test_a_link_ends_with_a_newer_one_and_with_the_address(
    client: FlaskClient, session: Session, token: dict[str, str], museum: Partner, act: str
) -> None:
    museum.nonce = "old"
    session.commit()
    link = tokens.make(partners.PURPOSE, "1.old")
    assert client.get(f"/en/partner/{link}").status_code == 200
    form = {name: value for name, value in FORM.items() if name != "slug"} | {"contact": "new@museum.example"}
    client.post(f"{PATH}/1/{act}", data=form | token | {"revision": "0"})

    assert client.get(f"/en/partner/{link}").status_code == 404


@pytest.mark.parametrize("link", ["x", "1.old", "%00", "." * 500])
def test_a_broken_link_says_so(client: FlaskClient, museum: Partner, link: str) -> None:
    assert client.get(f"/en/partner/{link}").status_code == 404


def test_a_token_is_shown_once_and_can_be_revoked(
    client: FlaskClient, session: Session, token: dict[str, str], museum: Partner
) -> None:
    made = client.post(f"{PATH}/1/tokens", data=token | {"name": "The desk"})
    shown = re.search(r"pt_[\w-]{43}", made.text)

    assert shown
    assert made.headers["Cache-Control"] == "no-store"
    assert shown[0] not in client.get(f"{PATH}/1").text
    assert "The desk" in client.get(f"{PATH}/1").text
    assert client.post(f"{PATH}/1/tokens", data=token | {"name": ""}).status_code == 422
    assert client.post(f"{PATH}/1/tokens/1/revoke", data=token).status_code == 303
    session.expire_all()
    assert session.scalars(select(PartnerToken.revoked_at)).one() is not None


def test_a_report_that_waits_is_decided_as_it_was_shown(
    client: FlaskClient,
    session: Session,
    token: dict[str, str],
    call: Call,
    museum: Partner,
    stopped_clock: StoppedClock,
) -> None:
    partner_reports.put(session, museum, call, stopped_clock.now.date(), countries={"NL": 5000}, source="<b>Lists</b>")
    session.commit()
    page = client.get(PATH)
    stale = client.post(f"{PATH}/reports/1", data=token | {"decision": "accept", "shown": "counted"})
    accepted = client.post(f"{PATH}/reports/1", data=token | {"decision": "accept", "shown": "waiting"})

    assert "a great many on that day" in page.text
    assert "&lt;b&gt;Lists&lt;/b&gt;" in page.text
    assert (stale.status_code, accepted.status_code) == (409, 303)
    assert (client.get("/counters/open-culture.json").json or {})["partner_reported"] == 5000
    refused = client.post(f"{PATH}/reports/1", data=token | {"decision": "refuse", "shown": "counted"})
    assert refused.status_code == 303
    assert (client.get("/counters/open-culture.json").json or {})["partner_reported"] == 0


def test_figures_are_of_one_partner_and_of_whole_days(
    session: Session, team: Team, call: Call, museum: Partner, stopped_clock: StoppedClock
) -> None:
    make_partner(session, team, "library")
    bring(session, call, 3)
    bring(session, call, 1, "library")
    sign(session, call, email="waits@example.org", partner="museum")
    session.execute(
        update(Signature)
        .where(Signature.email_digest.in_(select(Signature.email_digest).where(Signature.partner == "museum").limit(1)))
        .values(confirmed_at=stopped_clock.now - timedelta(days=2))
    )
    session.commit()

    assert partner_figures.brought_by_all(session, team) == {"museum": Brought(3), "library": Brought(1)}
    ((found, title, brought),) = partner_figures.brought_by_call(session, museum)
    assert (found.id, bool(title), brought) == (call.id, True, Brought(3))
    assert [number for _day, number in partner_figures.days(session, museum)] == [1]
    conversion = partner_figures.conversion(session, museum)
    assert (conversion.asked, conversion.confirmed, conversion.share) == (4, 3, 0.75)


def test_a_surge_is_shown_to_organisers(
    client: FlaskClient, session: Session, token: dict[str, str], call: Call, museum: Partner
) -> None:
    bring(session, call, terms.PARTNER_SURGE)

    ((_minute, number),) = partner_figures.surges(session, museum)
    assert number == terms.PARTNER_SURGE
    assert "The busiest minutes" in client.get(f"{PATH}/1").text


def test_who_carries_a_petition_is_public_with_consent_and_in_numbers_from_ten_on(
    session: Session, team: Team, call: Call, museum: Partner
) -> None:
    for slug, is_listed in (("anonymous", False), ("zoo", True), ("archive", True)):
        make_partner(session, team, slug, is_listed=is_listed)
    for slug, number in (("museum", 12), ("anonymous", 11), ("zoo", 9), ("archive", 2)):
        bring(session, call, number, slug)

    found = partner_figures.carriers(session, call)
    assert [(one.partner.slug, one.number) for one in found] == [("museum", 12), ("archive", None), ("zoo", None)]
