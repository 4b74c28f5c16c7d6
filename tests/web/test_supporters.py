"""The supporter's own page, and the page that sends links to it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.lib import tokens
from petition.models import Call, Letter, Signature, SignatureState
from tests import factories
from tests.conftest import StoppedClock
from tests.factories import signatures
from tests.visitor import form_token


def _page_of(signature: Signature) -> str:
    return f"/en/me/{tokens.make('me', signature.id)}"


def test_the_page_thanks_tells_the_number_and_offers_to_share(
    client: FlaskClient, call: Call, session: Session
) -> None:
    page = client.get(_page_of(factories.confirm(session, call)))

    assert page.status_code == 200
    assert "Thank you." in page.text
    for place in ("wa.me", "facebook.com", "bsky.app", "x.com", "t.me", "linkedin.com", "mailto:", "mastodon"):
        assert place in page.text
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_shared_links_never_hold_the_secret_of_the_page(client: FlaskClient, call: Call, session: Session) -> None:
    signature = factories.confirm(session, call)
    token = tokens.make("me", signature.id)

    page = client.get(f"/en/me/{token}").text

    for link in page.split('href="')[1:]:
        address = link.partition('"')[0]
        assert token not in address or address.startswith(("/en/me/", "/fr/me/", "/de/me/"))


def test_a_name_can_be_corrected_and_hidden(client: FlaskClient, call: Call, session: Session) -> None:
    page = _page_of(factories.confirm(session, call))

    (version,) = (signature.version for signature in signatures(session))
    answer = client.post(f"{page}/details", data={"name": "Susanne Signer", "version": version})

    assert answer.status_code == 303
    (signature,) = signatures(session)
    assert (signature.name, signature.show_name) == ("Susanne Signer", False)


def test_a_bad_correction_is_explained_and_changes_nothing(client: FlaskClient, call: Call, session: Session) -> None:
    page = _page_of(factories.confirm(session, call))

    answer = client.post(f"{page}/details", data={"name": "www.spam.example"})

    assert answer.status_code == 422
    assert "web addresses" in answer.text
    assert [one.name for one in signatures(session)] == ["Suzie Signer"]


def test_withdrawing_shows_a_bar_with_undo(client: FlaskClient, call: Call, session: Session) -> None:
    page = _page_of(factories.confirm(session, call))

    client.post(f"{page}/withdraw")
    withdrawn = client.get(page)
    total = client.get("/counters/open-culture.json").get_json()["total"]
    client.post(f"{page}/restore")

    assert f'action="{page}/restore"' in withdrawn.text
    assert total == 0
    assert client.get("/counters/open-culture.json").get_json()["total"] == 1


def test_erasing_leaves_nothing_behind_the_link(client: FlaskClient, call: Call, session: Session) -> None:
    page = _page_of(factories.confirm(session, call))

    answer = client.post(f"{page}/erase")

    assert client.get(answer.location).status_code == 200
    assert client.get(page).status_code == 404
    assert signatures(session) == []


def test_the_data_can_be_taken_away_as_json(client: FlaskClient, call: Call, session: Session) -> None:
    answer = client.get(_page_of(factories.confirm(session, call)) + "/data.json")

    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.get_json()["name"] == "Suzie Signer"


def test_a_page_of_a_signature_that_waits_does_not_pretend_that_it_counts(
    client: FlaskClient, call: Call, session: Session
) -> None:
    page = _page_of(factories.sign(session, call))

    assert client.get(page).status_code == 200
    assert client.post(f"{page}/details", data={"name": "Suzie"}).status_code == 409
    assert client.post(f"{page}/withdraw").status_code == 303
    assert [one.state for one in signatures(session)] == [SignatureState.PENDING]


@pytest.mark.parametrize("email", ["suzie@example.org", "nobody@example.org"])
def test_any_address_can_ask_for_its_links_and_gets_the_same_answer(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock, email: str
) -> None:
    factories.confirm(session, call)
    token = form_token(client.get("/en/my-signatures"))
    stopped_clock.tick(seconds=3)

    answer = client.post("/en/my-signatures", data={"email": email, "token": token})

    assert (answer.status_code, answer.location) == (303, "/en/my-signatures/sent")
    session.rollback()
    assert session.scalars(select(Letter.template).order_by(Letter.id)).all()[-1] == "my_signatures"


def test_after_a_month_the_link_asks_to_get_a_new_one(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    page = _page_of(factories.confirm(session, call))
    stopped_clock.tick(days=30, seconds=1)

    answer = client.get(page)

    assert answer.status_code == 410
    assert "/en/my-signatures" in answer.text


@pytest.mark.parametrize("instance", ["mastodon.social", "https://mastodon.social/", "@suzie@mastodon.social"])
def test_mastodon_users_are_led_to_their_own_server(client: FlaskClient, call: Call, instance: str) -> None:
    answer = client.post("/en/share/mastodon", data={"instance": instance, "call": "open-culture"})

    assert answer.status_code == 303
    assert answer.location.startswith("https://mastodon.social/share?text=I%20have%20signed.")


@pytest.mark.parametrize(
    "instance",
    [
        "",
        "localhost",
        "evil.example/x",
        "a b.example",
        "//evil.example",
        "evil.example:80",
        "evil.example\r\nX: y",
        "::1",
    ],
)
def test_what_is_not_a_server_is_not_redirected_to(client: FlaskClient, call: Call, instance: str) -> None:
    answer = client.post("/en/share/mastodon", data={"instance": instance, "call": "open-culture"})

    assert answer.status_code == 422
    assert "Location" not in answer.headers
