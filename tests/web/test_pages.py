"""Headers, languages and machine-readable parts of the public pages."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.lib import accents
from petition.models import Campaign
from tests import factories
from tests.conftest import StoppedClock

PATH = "/en/calls/open-culture"


@pytest.fixture(autouse=True)
def _call(app: Flask, session: Session, stopped_clock: StoppedClock) -> None:
    factories.confirm(session, factories.make_call(session))


@pytest.mark.parametrize(
    ("accepts", "place"),
    [("fr-CA,fr;q=0.9", "/fr/"), ("de", "/de/"), ("it", "/en/"), ("", "/en/"), ("\x00", "/en/"), ("*", "/en/")],
)
def test_the_front_door_leads_to_the_readers_language(client: FlaskClient, accepts: str, place: str) -> None:
    answer = client.get("/", headers={"Accept-Language": accepts})

    assert (answer.status_code, answer.location) == (302, place)
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_text_that_is_missing_in_a_language_is_shown_in_the_calls_own_and_says_so(client: FlaskClient) -> None:
    page = client.get("/de/calls/open-culture").text

    assert '<html lang="de"' in page
    assert re.search(r'<div lang="en">\s*<h1>\s*Keep culture open', page)


@pytest.mark.parametrize("path", ["/en/", PATH, "/en/campaigns/campaign-of-open-culture", f"{PATH}/check-mail"])
def test_public_pages_depend_on_their_address_alone_and_can_be_kept(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    other = client.get(path, headers={"Cookie": "a=b", "Accept-Language": "fr", "User-Agent": "another"})

    assert plain.data == other.data
    assert plain.headers["Cache-Control"].startswith("public, max-age=1,")
    assert "Vary" not in plain.headers
    assert "Set-Cookie" not in plain.headers


def test_a_reader_who_has_the_newest_page_is_told_so(client: FlaskClient) -> None:
    etag = client.get("/en/").headers["ETag"]

    assert client.get("/en/", headers={"If-None-Match": etag}).status_code == 304


def test_every_page_forbids_what_it_does_not_need(client: FlaskClient) -> None:
    for path in ("/en/", PATH, "/en/privacy", "/nothing", "/counters/open-culture.json", "/healthz"):
        headers = client.get(path).headers
        csp = headers["Content-Security-Policy"]
        assert "default-src 'none'" in csp
        assert "frame-ancestors 'none'" in csp
        assert "unsafe" not in csp
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_call_tells_machines_how_many_endorse_it(client: FlaskClient) -> None:
    page = client.get(PATH).text
    data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[0])

    counter = data["mainEntity"]["interactionStatistic"]
    assert counter["interactionType"]["@type"] == "EndorseAction"
    assert counter["userInteractionCount"] == 1


def test_a_call_has_one_canonical_address_and_one_for_each_language(client: FlaskClient) -> None:
    page = client.get(PATH + "?utm_source=x").text

    assert f'<link rel="canonical" href="http://localhost{PATH}">' in page
    for lang in ("en", "fr", "de", "x-default"):
        assert f'hreflang="{lang}"' in page
    assert 'property="og:title"' in page


def test_the_counter_as_json_has_the_promised_fields(client: FlaskClient) -> None:
    answer = client.get("/counters/open-culture.json")
    promised = {"call", "confirmed", "paper", "partner_reported", "total", "goal", "as_of", "closed"}

    counter = answer.get_json()
    assert promised <= set(counter)
    assert counter["total"] == counter["confirmed"] + counter["paper"] + counter["partner_reported"] == 1
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("lang", ["en", "fr", "de", "xx"])
def test_the_counter_as_a_badge_can_be_read_aloud(client: FlaskClient, lang: str) -> None:
    badge = client.get(f"/counters/open-culture.svg?lang={lang}&label=voices&style=dark")

    assert badge.mimetype == "image/svg+xml"
    assert "<title" in badge.text
    assert "1 voices" in badge.text


def test_a_program_gets_problem_details(client: FlaskClient) -> None:
    answer = client.get("/counters/nothing.json")

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["status"] == 404


def test_the_process_and_the_database_can_be_asked_how_they_are(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200


def test_the_mailbox_is_only_there_in_the_demo(client: FlaskClient) -> None:
    assert client.get("/mailbox").status_code == client.get("/mailbox/1").status_code == 404


@pytest.mark.settings(demo=True)
def test_the_demos_mailbox_is_empty_at_first(client: FlaskClient) -> None:
    assert client.get("/mailbox").status_code == 200
    assert client.get("/mailbox/1").status_code == 404


def test_the_badge_wears_the_accent_of_its_campaign(client: FlaskClient) -> None:
    sea = accents.get("sea")

    assert f'fill="{sea.light}"' in client.get("/counters/open-culture.svg").text
    assert f'fill="{sea.dark}"' in client.get("/counters/open-culture.svg?style=dark").text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/en/nothing", "This page is not here"),
        ("/fr/nothing", "Cette page n’existe pas"),
        ("/de/calls/nothing", "Diese Seite gibt es nicht"),
    ],
)
def test_an_error_speaks_the_language_of_its_path_and_leads_onward(client: FlaskClient, path: str, words: str) -> None:
    answer = client.get(path, headers={"Accept-Language": "en"})

    lang = path[1:3]
    assert answer.status_code == 404
    assert f'<html lang="{lang}"' in answer.text
    assert f"<h1>{words}</h1>" in answer.text
    assert f'href="/{lang}/my-signatures"' in answer.text


@pytest.mark.parametrize("path", [PATH, "/fr/privacy", "/de/imprint"])
def test_who_asks_is_told_with_country_contact_and_since_when(client: FlaskClient, session: Session, path: str) -> None:
    campaign = session.scalars(select(Campaign)).one()
    campaign.organiser_name, campaign.organiser_country = "Friends of <Libraries>", "NL"
    campaign.organiser_contact, campaign.organiser_since = "friends@example.org", date(2013, 5, 29)
    session.commit()

    page = client.get(path).text

    assert "<bdi>Friends of &lt;Libraries&gt;</bdi>, " in page
    assert "2013" in page and 'href="mailto:friends@example.org"' in page


def test_a_contact_that_is_no_address_is_no_link() -> None:
    assert Campaign(organiser_contact="javascript:alert(1)").organiser_url == ""
    assert Campaign(organiser_contact="https://example.org/us").organiser_url == "https://example.org/us"


def test_a_call_links_each_promise_to_its_proof(client: FlaskClient) -> None:
    page, privacy = client.get(PATH).text, client.get("/en/privacy").text

    for anchor in ("counting", "kept"):
        assert f'href="/en/privacy#{anchor}"' in page
        assert f'id="{anchor}"' in privacy
    assert 'href="/counters/open-culture.json"' in page


def test_on_paper_a_closed_call_asks_nobody_to_sign(client: FlaskClient, session: Session) -> None:
    assert "Read and sign at http://localhost/c/open-culture" in client.get(PATH).text

    factories.make_call(session, slug="closed", closes_at=datetime(2026, 5, 1, tzinfo=UTC))

    page = client.get("/en/calls/closed").text
    assert "Read it at http://localhost/c/closed" in page
    assert "sign at" not in page and 'href="#sign"' not in page
