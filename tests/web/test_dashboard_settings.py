"""The site's owners, and they alone, see and set its switches."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import settings
from petition.domain.settings import Change
from petition.models import AuditEntry, Organiser, Role
from tests.conftest import StoppedClock
from tests.organisers import join, make_organiser, make_team, sign_in

PATH = "/organise/site"
BANNER = {f"{kind}_{language}": "" for kind in ("shown", "banner") for language in ("en", "fr", "de")}


@pytest.fixture
def olga(session: Session) -> Organiser:
    return make_organiser(session, "Olga", is_site_owner=True)


def button(page: str, words: str) -> dict[str, str]:
    """Return what a button of the page sends."""
    form = next(form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if words in unescape(form))
    return {name: unescape(value) for name, value in re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', form)}


def entries(session: Session) -> list[tuple[int | None, str, str, str]]:
    session.rollback()
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(row.actor_id, row.action, row.old, row.new) for row in rows]


def test_a_site_owner_pauses_signing_and_lets_people_sign_again(
    client: FlaskClient, session: Session, olga: Organiser
) -> None:
    sign_in(client, session, olga)

    page = client.get(PATH).text
    paused = client.post(PATH, data=button(page, "Pause all signing"), follow_redirects=True)
    assert paused.status_code == 200
    assert "Signing is paused" in paused.text
    assert settings.current(session).pause_signing

    assert client.post(PATH, data=button(paused.text, "Let people sign again")).status_code == 303
    session.rollback()
    assert not settings.current(session).pause_signing
    assert entries(session) == [
        (olga.id, "set_switches", "pause_signing: off", "pause_signing: on"),
        (olga.id, "set_switches", "pause_signing: on", "pause_signing: off"),
    ]


def test_two_site_owners_do_not_undo_each_other_unseen(client: FlaskClient, session: Session, olga: Organiser) -> None:
    sign_in(client, session, olga)
    seen = client.get(PATH).text
    settings.change(session, None, [Change("proof_of_work", "", "on"), Change("banner_en", "", "Back at noon")])
    session.commit()

    switched = client.post(PATH, data=button(seen, "Never ask for it"))
    written = client.post(f"{PATH}/banner", data=button(seen, "Save the banner") | {"banner_en": "Back at one"})

    assert (switched.status_code, written.status_code) == (409, 409)
    assert "Somebody else" in switched.text
    assert "Always asked for" in switched.text
    assert 'value="Back at one"' in written.text
    assert "It reads now: “Back at noon”" in written.text
    session.rollback()
    assert settings.values(session)["banner_en"] == "Back at noon"
    again = client.post(f"{PATH}/banner", data=button(written.text, "Save the banner"))
    assert again.status_code == 303
    session.rollback()
    assert settings.values(session)["banner_en"] == "Back at one"


def test_a_banner_that_is_refused_keeps_what_was_typed(client: FlaskClient, session: Session, olga: Organiser) -> None:
    token = sign_in(client, session, olga)
    fields = BANNER | {"csrf_token": token, "banner_fr": "Fermé", "banner_de": "x" * 201, "banner_en": "a\x00b"}

    page = client.post(f"{PATH}/banner", data=fields)

    assert page.status_code == 422
    assert 'value="Fermé"' in page.text
    assert "Please shorten this to 200 characters." in page.text
    assert entries(session) == []


@pytest.mark.parametrize("changed", [{"name": "nonsense"}, {"value": "maybe"}, {"name": "banner_xx"}, {"name": ""}])
def test_a_switch_or_value_that_there_is_not_changes_nothing(
    client: FlaskClient, session: Session, olga: Organiser, changed: dict[str, str]
) -> None:
    token = sign_in(client, session, olga)
    fields = {"csrf_token": token, "name": "pause_signing", "shown": "", "value": "on"} | changed

    assert client.post(PATH, data=fields).status_code == 422
    assert entries(session) == []


def test_who_proved_too_long_ago_who_they_are_switches_nothing(
    client: FlaskClient, session: Session, olga: Organiser, stopped_clock: StoppedClock
) -> None:
    sign_in(client, session, olga)
    page = client.get(PATH).text
    stopped_clock.tick(minutes=10)

    answer = client.post(PATH, data=button(page, "Pause all e-mails"))

    assert answer.status_code in {303, 403}
    assert entries(session) == []


def test_an_owner_of_a_team_has_no_switch(client: FlaskClient, session: Session) -> None:
    ann = make_organiser(session)
    join(session, make_team(session), ann, Role.OWNER)
    token = sign_in(client, session, ann)

    assert client.get(PATH).status_code == 403
    fields = {"csrf_token": token, "name": "pause_signing", "shown": "", "value": "on"}
    assert client.post(PATH, data=fields).status_code == 403
    assert client.post(f"{PATH}/banner", data=BANNER | {"csrf_token": token}).status_code == 403
    assert not settings.current(session).pause_signing
