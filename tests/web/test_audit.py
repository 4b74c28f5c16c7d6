"""The page of the audit log, and that each act that is written has a word."""

import ast
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import audit
from petition.models import AuditEntry, AuditNetwork, Organiser, Team
from petition.web.dashboard import audit_words
from tests.conftest import StoppedClock
from tests.organisers import join, make_organiser, make_team, sign_in

DOMAIN = Path(audit.__file__).parent


@pytest.fixture
def team(session: Session) -> Team:
    """Give a team of which Ann is the owner."""
    found = make_team(session)
    join(session, found, make_organiser(session))
    return found


@pytest.fixture
def token(client: FlaskClient, session: Session, team: Team) -> str:
    """Sign Ann in; gives the token of her forms."""
    return sign_in(client, session, session.get_one(Organiser, 1))


def acts_in_the_code() -> set[str]:
    """Give the first words that ``audit.record`` is called with, as far as they stand in the code."""
    return {
        str(node.args[2].value)
        for path in DOMAIN.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "audit.record"
        and isinstance(node.args[2], ast.Constant)
    }


def test_each_act_has_a_word() -> None:
    assert sorted(acts_in_the_code() - audit_words.ACTIONS.keys()) == []


def test_an_owner_reads_who_did_what(client: FlaskClient, session: Session, team: Team, token: str) -> None:
    bob = make_organiser(session, "Bob")
    membership = join(session, team, bob)
    client.post(f"/organise/teams/{team.id}/members/{bob.id}", data={"csrf_token": token, "role": "editor"})
    session.delete(membership)
    session.delete(bob)
    session.commit()

    page = client.get(f"/organise/teams/{team.id}/audit").text

    assert "changed a role" in page
    assert "<bdi>Ann</bdi>" in page
    assert "A former member (no. 2)" in page
    assert "<del><bdi>Owner</bdi></del> → <ins><bdi>Editor</bdi></ins>" in page


def test_entries_are_filtered_in_the_address(
    client: FlaskClient, session: Session, team: Team, token: str, stopped_clock: StoppedClock
) -> None:
    audit.record(session, None, "start_team", team, team_id=team.id, new="by an operator")
    stopped_clock.tick(days=-400)
    audit.record(session, session.get_one(Organiser, 1), "edit_team_name", team, team_id=team.id, new="by Ann")
    day = stopped_clock.now.date()
    session.commit()
    stopped_clock.tick(days=400)

    def shown(query: str) -> tuple[bool, bool]:
        page = client.get(f"/organise/teams/{team.id}/audit?{query}")
        assert page.status_code == 200
        return "by an operator" in page.text, "by Ann" in page.text

    assert shown("") == (True, True)
    assert shown("person=&action=&thing=&day=") == (True, True)
    assert shown("person=0") == (True, False)
    assert shown("person=1") == (False, True)
    assert shown("action=start_team&thing=team") == (True, False)
    assert shown(f"day={day}") == (False, True)
    assert shown("day=2001-01-01") == (False, False)


@pytest.mark.parametrize(
    "query", ["person=x", "person=999", "person=" + "9" * 400, "action=x", "thing=%00", "day=x", "day=2026-02-30"]
)
def test_a_filter_that_cannot_be_read_says_so(client: FlaskClient, team: Team, token: str, query: str) -> None:
    answer = client.get(f"/organise/teams/{team.id}/audit?{query}")

    assert answer.status_code == 422
    assert "field-error" in answer.text


@pytest.mark.parametrize("before", ["x", "0", "-1", "9" * 30])
def test_a_page_of_entries_that_is_none_says_so(client: FlaskClient, team: Team, token: str, before: str) -> None:
    answer = client.get(f"/organise/teams/{team.id}/audit?before={before}")

    assert answer.status_code == 422
    assert "This address cannot be read" in answer.text


def test_older_entries_keep_the_filter(client: FlaskClient, session: Session, team: Team, token: str) -> None:
    for number in range(audit.PAGE_SIZE + 1):
        audit.record(session, None, "start_team", team, team_id=team.id, new=f"number {number}.")
    session.commit()

    page = client.get(f"/organise/teams/{team.id}/audit?action=start_team").text
    assert f'href="/organise/teams/{team.id}/audit?action=start_team&amp;before=2"' in page
    assert "number 0." not in page
    older = client.get(f"/organise/teams/{team.id}/audit?action=start_team&before=2").text
    assert "number 0." in older
    assert "Older entries" not in older


def test_the_log_of_the_site_holds_what_belongs_to_no_team(app: Flask, session: Session, team: Team) -> None:
    audit.record(session, None, "start_team", team, team_id=team.id, new="of a team")
    audit.record(session, None, "start_team", team, new="of the site")
    olga = app.test_client()
    sign_in(olga, session, make_organiser(session, "Olga", is_site_owner=True))

    page = olga.get("/organise/audit").text

    assert ("of a team" in page, "of the site" in page) == (False, True)


def test_an_entry_knows_its_network_by_a_keyed_digest_and_nothing_else_does(
    client: FlaskClient, session: Session, team: Team, token: str
) -> None:
    for number, address in enumerate(("192.0.2.1", "192.0.2.77", "198.51.100.1")):
        client.post(
            f"/organise/teams/{team.id}/edit",
            data={"csrf_token": token, "name": f"Museum {number + 1} x", "language": "en", "timezone": "Europe/Paris"},
            environ_overrides={"REMOTE_ADDR": address},
        )
    assert audit.network_digest.get() == b""
    audit.record(session, None, "start_team", team, team_id=team.id)
    session.commit()

    digests = session.scalars(select(AuditNetwork.digest).order_by(AuditNetwork.entry_id)).all()
    assert len(session.scalars(select(AuditEntry)).all()) == 4
    assert len(digests) == 3
    assert digests[0] == digests[1] != digests[2]
    assert f"from network {digests[0].hex()[:6]}" in client.get(f"/organise/teams/{team.id}/audit").text
