"""The commands for accounts, as an operator runs them."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.cli.accounts import demo_link
from petition.models import AccountReset, AuditEntry, Invitation, Organiser, Team
from tests import factories
from tests.cli.test_commands import petition, settings_of_a_site
from tests.organisers import make_organiser

__all__ = ["settings_of_a_site"]


def test_an_operator_gets_a_link_with_which_the_first_owner_makes_an_account(
    settings_of_a_site: dict[str, str], client: FlaskClient, session: Session
) -> None:
    answer = petition(settings_of_a_site, "create-owner", "Ann@Museum.example", "--team", "City museum")
    again = petition(settings_of_a_site, "create-owner", "bob@museum.example", "--team", "City museum")
    of_the_site = petition(settings_of_a_site, "create-owner", "chris@museum.example")

    assert [run.returncode for run in (answer, again, of_the_site)] == [0, 0, 0], answer.stderr
    assert session.scalars(select(Team.name)).one() == "City museum"
    assert len(session.scalars(select(Invitation)).all()) == 3
    assert factories.letters(session) == []
    base = settings_of_a_site["PETITION_BASE_URL"]
    path = answer.stdout.strip().removeprefix(base)
    made = client.post(path, data={"name": "Ann", "password": "seven teapots in a drawer"})
    assert made.status_code == 303
    assert session.scalars(select(Organiser.email)).one() == "Ann@museum.example"


def test_an_operator_opens_a_way_back_with_notice(settings_of_a_site: dict[str, str], session: Session) -> None:
    ann = make_organiser(session)

    answer = petition(settings_of_a_site, "reset-owner", ann.email)
    unknown = petition(settings_of_a_site, "reset-owner", "chris@elsewhere.example")

    assert answer.returncode == 0, answer.stderr
    assert session.scalars(select(AccountReset.asked_by)).all() == [None]
    assert [letter.template for letter in factories.letters(session)] == ["account_reset_notice", "account_reset"]
    assert session.execute(select(AuditEntry.actor_id, AuditEntry.action, AuditEntry.thing_id)).all() == [
        (None, "ask_for_reset", ann.id)
    ]
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr == "petition: there is no account with the address chris@elsewhere.example\n"


@pytest.mark.parametrize("arguments", [["create-owner", "nobody"], ["reset-owner", "a@b@c"], ["create-owner"]])
def test_an_address_that_is_none_is_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    assert petition({"PETITION_DATA_DIR": str(tmp_path)}, *arguments).returncode == 2


@pytest.mark.settings(demo=True)
def test_a_link_of_the_demo_signs_in_on_this_machine_only(app: Flask, session: Session) -> None:
    ann = make_organiser(session)
    with app.app_context():
        path = demo_link(ann).removeprefix("http://localhost")
    client = app.test_client()

    assert client.get(path, environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 404
    assert client.get(path, headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    assert "Sign in as Ann" in client.get(path).text
    assert client.get("/organise/account").status_code == 302
    assert client.post(path).location == "/organise/"
    assert client.get("/organise/account").status_code == 200
    assert client.get(path[:-3]).status_code == 404
    assert factories.letters(session) == []


def test_outside_the_demo_its_links_lead_nowhere(app: Flask, session: Session) -> None:
    with app.app_context():
        path = demo_link(make_organiser(session)).removeprefix("http://localhost")

    assert app.test_client().get(path).status_code == 404
    assert app.test_client().post(path).status_code == 404
