"""What visitors see when they follow the link of a letter."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from petition.domain import letters, retention, totals
from petition.lib import tokens
from petition.models import Call, CallState, Letter, Signature, SignatureState
from tests import factories
from tests.conftest import StoppedClock
from tests.factories import signatures, text_told
from tests.visitor import form_token, press, sign

PATH = "/en/calls/open-culture"


def _link(purpose: str, signature: Signature) -> str:
    path = {"confirm": "confirm", "not-me": "not-me", "me": "me"}[purpose]
    return f"/en/{path}/{tokens.make(purpose, signature.id)}"


def test_opening_the_confirmation_link_changes_nothing(client: FlaskClient, call: Call, session: Session) -> None:
    link = _link("confirm", factories.sign(session, call))

    answers = [client.get(link), client.head(link), client.get(link)]

    assert {answer.status_code for answer in answers} == {200}
    assert "Suzie Signer" in answers[0].text
    assert answers[0].headers["Cache-Control"] == "no-store"
    assert answers[0].headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answers[0].headers["X-Robots-Tag"]
    assert totals.for_call(session, call).total == 0


def test_the_button_counts_and_opens_the_supporters_own_page(client: FlaskClient, call: Call, session: Session) -> None:
    answer = press(client, _link("confirm", factories.sign(session, call)))

    assert answer.status_code == 303
    assert answer.location.startswith("/en/me/")
    assert client.get(answer.location).status_code == 200
    assert client.get("/counters/open-culture.json").get_json()["confirmed"] == 1


def test_confirming_twice_and_from_another_browser_is_friendly_and_counts_once(
    client: FlaskClient, call: Call, session: Session
) -> None:
    link = _link("confirm", factories.sign(session, call))
    page = client.get(link)
    press(client, link, page)

    another = client.application.test_client()
    answers = [another.get(link), another.post(link), press(client, link, page)]

    assert [answer.status_code for answer in answers] == [200, 303, 303]
    assert client.get("/counters/open-culture.json").get_json()["confirmed"] == 1


def test_no_page_of_the_journey_sets_a_cookie(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    signed = sign(client, stopped_clock)
    link = _link("confirm", signatures(session)[0])
    answers = [client.get("/en/"), client.get(PATH), signed, client.get(link), press(client, link)]

    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_after_seven_days_the_link_offers_a_new_letter(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    link = _link("confirm", factories.sign(session, call))
    letters.mark_sent(session, letters.claim(session, 1))
    session.commit()
    stopped_clock.tick(days=7, seconds=1)

    pages = [client.get(link), client.post(link)]
    again = client.post(f"{link}/again")

    assert [page.status_code for page in pages] == [410, 410]
    assert f'action="{link}/again"' in pages[0].text
    assert (again.status_code, again.location) == (303, f"{PATH}/check-mail")
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Letter)) == 2


def test_after_the_signature_was_deleted_the_old_link_says_so(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    link = _link("confirm", factories.sign(session, call))
    stopped_clock.tick(days=8)
    retention.delete_unconfirmed(session, before=stopped_clock.now - timedelta(days=7), limit=10)
    session.commit()

    page = client.get(link)

    assert page.status_code == 410
    assert "/again" not in page.text
    assert client.post(f"{link}/again").status_code == 404


def test_a_closed_call_takes_no_signature_and_says_so(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    token = form_token(client.get(PATH))
    session.execute(update(Call).values(closes_at=stopped_clock.now + timedelta(seconds=3)))
    session.commit()
    stopped_clock.tick(seconds=3)

    answer = client.post(f"{PATH}/sign", data={"name": "S", "email": "s@example.org", "consent": "y", "token": token})

    assert answer.status_code == 409
    assert "closed" in answer.text
    assert "<form" not in client.get(PATH).text.partition("<main")[2].partition('id="share')[0]


def test_a_link_of_a_closed_call_works_for_one_more_day(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    link, late = (_link("confirm", factories.sign(session, call, email=f"{n}@example.org")) for n in "ab")
    call.closes_at = stopped_clock.now + timedelta(hours=1)
    session.commit()
    stopped_clock.tick(hours=24)
    page = client.get(late)
    assert press(client, link).status_code == 303

    stopped_clock.tick(hours=1)

    assert press(client, late, page).status_code == 409


def test_this_was_not_me_has_a_button_that_erases(client: FlaskClient, call: Call, session: Session) -> None:
    link = _link("not-me", factories.sign(session, call))

    assert "Keep culture open" in client.get(link).text
    assert len(signatures(session)) == 1
    assert [client.post(link).status_code, client.post(link).status_code] == [303, 303]
    assert signatures(session) == []
    assert "Undo" in client.get(link).text
    assert client.post(f"{link}/undo").status_code == 303
    assert "nothing left" in client.get(link).text


@pytest.mark.parametrize("token", ["x", "1", "1.2.3", "%00", "%F0%9F%92%A9", "9" * 5000, "1.awN1mQ.J8UOz"])
@pytest.mark.parametrize("page", ["confirm", "not-me", "me"])
def test_a_link_that_is_not_ours_is_not_found(client: FlaskClient, call: Call, page: str, token: str) -> None:
    assert client.get(f"/en/{page}/{token}").status_code == 404
    assert client.post(f"/en/{page}/{token}").status_code in {404, 405}


@pytest.mark.parametrize(("state", "status"), [("draft", 404), ("review", 404), ("removed", 410)])
def test_an_unpublished_call_is_not_found_and_a_removed_one_is_gone_everywhere(
    client: FlaskClient, call: Call, session: Session, state: str, status: int
) -> None:
    call.state = CallState(state)
    session.commit()

    for path in (PATH, f"{PATH}/check-mail", "/counters/open-culture.json", "/counters/open-culture.svg"):
        assert client.get(path).status_code == status, path
    assert client.post(f"{PATH}/sign").status_code == status
    assert "open-culture" not in client.get("/en/").text


def test_a_removed_signature_cannot_come_back(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    signature = factories.sign(session, call)
    signature.state = SignatureState.REMOVED
    session.commit()

    assert sign(client, stopped_clock).status_code == 303
    assert client.post(_link("confirm", signature)).status_code == 409
    assert [one.state for one in signatures(session)] == [SignatureState.REMOVED]


def test_a_page_that_was_open_while_somebody_else_signed_confirms_only_what_it_showed(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    sign(client, stopped_clock, story="Because of my grandmother.")
    link = _link("confirm", signatures(session)[0])
    page = client.get(link)
    sign(client, stopped_clock, name="Mallory", story="Mine.", show_name="y", updates="y")

    answer = press(client, link, page)

    assert answer.status_code == 303
    (counted,) = signatures(session)
    assert (counted.name, text_told(counted), counted.show_name) == (
        "Suzie Signer",
        "Because of my grandmother.",
        False,
    )
    assert (counted.wants_updates, counted.email) == (False, None)


def test_the_page_says_that_a_later_request_waits_with_an_e_mail_of_its_own(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    sign(client, stopped_clock)
    sign(client, stopped_clock, name="Mallory")
    first, later = (client.get(_link("confirm", signature)).text for signature in signatures(session))

    assert "later request" in first
    assert "Mallory" not in first
    assert "later request" not in later


def test_a_button_without_the_words_it_showed_shows_them_and_counts_nothing(
    client: FlaskClient, call: Call, session: Session
) -> None:
    link = _link("confirm", factories.sign(session, call))

    answers = [client.post(link), client.post(link, data={"version": "0" * 32})]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("Suzie Signer" in answer.text and 'name="version"' in answer.text for answer in answers)
    assert totals.for_call(session, call).total == 0


def test_words_can_be_changed_on_the_page_before_they_count(client: FlaskClient, call: Call, session: Session) -> None:
    link = _link("confirm", factories.sign(session, call))
    page = client.get(link)
    version = page.text.partition('name="version" value="')[2].partition('"')[0]
    fields = {"name": "Susanne Signer", "country": "FR", "story": "Because.", "show_name": "y", "version": version}

    changed = client.post(f"{link}/words", data=fields)
    refused = [client.post(f"{link}/words", data=fields), press(client, link, page)]
    bad = client.post(f"{link}/words", data=fields | {"name": "www.spam.example"})
    counted = press(client, link)

    assert [changed.status_code, bad.status_code, counted.status_code] == [303, 422, 303]
    assert [answer.status_code for answer in refused] == [409, 409]
    (signature,) = signatures(session)
    assert (signature.name, signature.country, text_told(signature)) == ("Susanne Signer", "FR", "Because.")


def test_not_me_says_so_when_the_signature_counts_and_leads_to_its_page(
    client: FlaskClient, call: Call, session: Session
) -> None:
    signature = factories.confirm(session, call)

    page = client.get(_link("not-me", signature))

    assert "Nothing was counted" not in page.text
    assert "/en/me/" in page.text
    assert client.post(_link("not-me", signature)).status_code == 409


def test_who_wants_no_letters_says_so_with_a_button_and_can_undo_it(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    digest = factories.sign(session, call).email_digest
    link = f"/en/silence/{tokens.make('silence', digest.hex())}"

    assert [client.get(link).status_code, client.head(link).status_code] == [200, 200]
    assert len(signatures(session)) == 1
    assert client.post(link).status_code == 303
    sign(client, stopped_clock)
    assert signatures(session) == []
    assert client.post(f"{link}/undo").status_code == 303
    sign(client, stopped_clock)
    assert len(signatures(session)) == 1
