"""The frame of organisers' pages: who sees which places, in which language, and what stays when something fails."""

import re

import pytest
from flask import Flask, flash
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from petition.models import Organiser, Role
from petition.web.dashboard import frame
from tests.factories import make_call
from tests.organisers import join, make_organiser, make_team, sign_in

FRENCH, GERMAN = '<html lang="fr">', '<html lang="de">'


def rail(page: str) -> list[str]:
    """Return the places that the rail of a page leads to."""
    return re.findall(r">([^<>]+)</a>", page.partition('class="rail-links"')[2].partition("</nav>")[0])


def test_an_organisers_page_is_kept_by_nobody(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_organiser(session))

    answer = client.get("/organise/")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_the_rail_leads_only_where_one_may_go_and_where_there_is_a_page(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, make_organiser(session))

    places = rail(client.get("/organise/").text)

    there = [str(entry.words) for entry in frame.ENTRIES if entry.endpoint in app.view_functions]
    assert places == [words for words in there if words not in {"Site", "Audit log", "Reports", "Stories"}]


def test_pages_are_in_the_language_of_who_is_signed_in(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_organiser(session, language="de"))

    assert GERMAN in client.get("/organise/", headers={"Accept-Language": "fr"}).text


def test_the_language_is_changed_for_good_where_one_stands(client: FlaskClient, session: Session) -> None:
    ann = make_organiser(session).id
    token = sign_in(client, session, session.get_one(Organiser, ann))

    answer = client.post(
        "/organise/language", data={"csrf_token": token, "language": "fr", "page": "/organise/?state=open"}
    )

    assert (answer.status_code, answer.location) == (302, "/organise/?state=open")
    assert FRENCH in client.get("/organise/").text
    assert session.get_one(Organiser, ann).language == "fr"


def test_who_is_not_signed_in_changes_the_language_too(app: Flask, client: FlaskClient) -> None:
    client.post("/organise/language", data={"language": "fr", "page": "/organise/"})

    assert FRENCH in client.get("/organise/nothing-here").text
    assert FRENCH not in client.get("/nothing-here").text


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example/organise/", "/organise/\\evil", "/organise/\r\nX: y", "/en/", ""]
)
def test_changing_the_language_leads_to_no_other_site(client: FlaskClient, path: str) -> None:
    answer = client.post("/organise/language", data={"language": "fr", "page": path})

    assert answer.location == "/organise/"


def test_an_unknown_language_changes_nothing(client: FlaskClient, session: Session) -> None:
    token = sign_in(client, session, make_organiser(session))

    client.post("/organise/language", data={"csrf_token": token, "language": "xx"})

    assert '<html lang="en">' in client.get("/organise/").text


def test_a_stale_token_changes_no_language(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_organiser(session))

    answer = client.post("/organise/language", data={"csrf_token": "another", "language": "fr"})

    assert answer.status_code == 403
    assert '<html lang="en">' in client.get("/organise/").text


def test_an_error_leaves_organisers_in_their_frame(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_organiser(session))

    page = client.get("/organise/nothing-here")

    assert page.status_code == 404
    assert rail(page.text)


def test_without_a_database_there_is_a_page_that_says_so(app: Flask, client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_organiser(session))
    app.extensions["engine"].dispose()

    def refuse(*_values: object) -> None:
        raise OperationalError("", {}, Exception())

    event.listen(app.extensions["engine"], "do_connect", refuse)

    answer = client.get("/organise/", headers={"Accept-Language": "fr"})

    assert answer.status_code == 503
    assert FRENCH in answer.text


@pytest.mark.parametrize(("category", "role"), [("success", "status"), ("error", "alert")])
def test_what_has_just_happened_is_announced_once(
    app: Flask, client: FlaskClient, session: Session, category: str, role: str
) -> None:
    @app.get("/organise/act")
    def act() -> str:
        flash("It is done.", category)
        return ""

    sign_in(client, session, make_organiser(session))
    client.get("/organise/act")

    first, second = client.get("/organise/").text, client.get("/organise/").text

    assert f'role="{role}" data-flash><p>It is done.</p>' in first
    assert "It is done." not in second


def test_a_new_owner_is_one_press_away_from_the_first_campaign_and_then_from_the_first_call(
    client: FlaskClient, session: Session
) -> None:
    ann, team = make_organiser(session), make_team(session)
    join(session, team, ann, Role.OWNER)
    team_id = team.id
    sign_in(client, session, ann)

    assert f'href="/organise/teams/{team_id}/campaigns/start"' in client.get("/organise/").text

    campaign = make_call(session).campaign
    campaign.team_id, campaign_id = team_id, campaign.id
    session.commit()

    assert f'href="/organise/campaigns/{campaign_id}/calls/start"' in client.get("/organise/").text


def test_nothing_on_an_organisers_page_says_that_there_are_no_cookies(client: FlaskClient) -> None:
    assert "No cookies" in client.get("/en/nothing-here").text
    assert "No cookies" not in client.get("/organise/nothing-here").text
