"""The site's owners switch things while it runs, and all processes follow."""

import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session
from werkzeug.test import Client

from petition import db
from petition.app import create_app
from petition.config import Settings
from petition.domain import settings as rules
from petition.domain.settings import Change, Switches
from petition.http import proof_of_work
from petition.http.page_cache import PageCache
from petition.jobs import letters as job
from petition.lib import tokens
from petition.lib.cached_values import REFRESH_AFTER
from petition.models import Call
from tests.conftest import StoppedClock
from tests.factories import button, letters_by_state, make_call, sign, signatures
from tests.visitor import FORM, form_token

PATH = "/en/calls/open-culture"
Switch = Callable[..., None]


@pytest.fixture
def call(session: Session) -> Call:
    return make_call(session)


@pytest.fixture
def queries(session: Session) -> Iterator[list[str]]:
    """Give what is sent to any database from here on."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def switch(session: Session, app: Flask) -> Switch:
    """Set switches, and let this app see it at once."""

    def change(**values: str) -> None:
        session.rollback()
        shown = rules.values(session)
        rules.change(session, None, [Change(name, shown[name], value) for name, value in values.items()])
        session.commit()
        app.extensions[Switches.__name__].expire()

    return change


def test_while_signing_is_paused_the_form_is_gone_and_a_sentence_says_so(
    client: FlaskClient, call: Call, switch: Switch
) -> None:
    assert 'id="sign" method="post"' in client.get(PATH).text

    switch(pause_signing="on")
    page = client.get(PATH).text

    assert 'name="email"' not in page
    assert "Signing is paused" in page
    assert 'href="#sign"' not in page
    assert "Das Unterschreiben ist angehalten" in client.get("/de/calls/open-culture").text


def test_a_form_sent_while_signing_is_paused_keeps_what_was_typed_and_can_be_sent_later(
    client: FlaskClient, session: Session, call: Call, switch: Switch, stopped_clock: StoppedClock
) -> None:
    fields = FORM | {"token": form_token(client.get(PATH)), "story": "Because it is ours."}
    stopped_clock.tick(seconds=3)
    switch(pause_signing="on")

    refused = client.post(f"{PATH}/sign", data=fields)

    assert refused.status_code == 409
    assert refused.headers["Retry-After"] == "300"
    assert "Signing is paused" in refused.text
    assert 'name="story" value="Because it is ours."' in refused.text
    assert signatures(session) == []

    switch(pause_signing="")
    assert client.post(f"{PATH}/sign", data=fields).status_code == 303
    assert len(signatures(session)) == 1


def test_an_invalid_form_is_not_lost_either_while_signing_is_paused(
    client: FlaskClient, call: Call, switch: Switch
) -> None:
    switch(pause_signing="on")

    assert 'value="Suzie"' in client.post(f"{PATH}/sign", data={"name": "Suzie"}).text


def test_a_mailed_link_still_confirms_while_signing_is_paused(
    client: FlaskClient, session: Session, call: Call, switch: Switch
) -> None:
    signature = sign(session, call)
    switch(pause_signing="on")
    token = tokens.make("confirm", signature.link_id)

    answer = client.post(f"/en/confirm/{token}", data={"version": button(signature).version})

    assert answer.status_code == 303
    assert signatures(session)[0].is_confirmed


def test_while_letters_are_paused_none_leaves_and_the_page_says_that_they_wait(
    app: Flask, client: FlaskClient, session: Session, call: Call, switch: Switch, settings: Settings
) -> None:
    sign(session, call)
    switch(pause_letters="on")

    with app.app_context():
        assert job.send(session, settings).claimed == 0
    assert letters_by_state(session) == {"waiting": 1}
    assert "E-mails are waiting" in client.get(f"{PATH}/check-mail").text

    switch(pause_letters="")
    with app.app_context():
        assert job.send(session, settings).counts["sent"] == 1
    assert "E-mails are waiting" not in client.get(f"{PATH}/check-mail").text


def test_letters_that_were_claimed_when_letters_are_paused_go_back(
    app: Flask, session: Session, call: Call, switch: Switch, settings: Settings
) -> None:
    for number in range(3):
        sign(session, call, email=f"suzie{number}@example.org")

    class PausingThrottle(job.Throttle):
        def wait(self, stop: object) -> bool:
            switch(pause_letters="on")
            return True

    with app.app_context():
        done = job.send(session, settings, throttle=PausingThrottle(0))

    assert done.counts == {"released": 3}
    assert letters_by_state(session) == {"waiting": 3}


@pytest.mark.parametrize("lang", ["en", "fr", "de"])
def test_the_banner_is_on_every_public_page_in_the_readers_language_and_escaped(
    client: FlaskClient, call: Call, switch: Switch, lang: str
) -> None:
    words = {"en": "Closed on <b>Monday</b> & Tuesday", "fr": "Fermé lundi", "de": "Montags geschlossen"}
    switch(**{f"banner_{code}": text for code, text in words.items()})

    for path in ("/", "/calls/open-culture", "/campaigns/campaign-of-open-culture", "/privacy", "/nothing-here"):
        page = client.get(f"/{lang}{path}")
        shown = words[lang].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert f'<p lang="{lang}">{shown}</p>' in page.text, path
    assert "public" in client.get(f"/{lang}/").headers["Cache-Control"]


def test_a_reader_whose_language_has_no_banner_gets_another_with_its_language(
    client: FlaskClient, call: Call, switch: Switch
) -> None:
    switch(banner_fr="Fermé lundi")

    assert '<p lang="fr">Fermé lundi</p>' in client.get("/de/").text


def test_the_switch_for_the_proof_of_work_stands_above_the_setting(
    app: Flask, client: FlaskClient, call: Call, switch: Switch
) -> None:
    assert "js/proof.js" not in client.get(PATH).text

    switch(proof_of_work="on")
    assert "js/proof.js" in client.get(PATH).text

    app.config["PETITION"].proof_of_work = "on"
    switch(proof_of_work="off")
    with app.app_context():
        assert not proof_of_work.is_on()
    switch(proof_of_work="")
    with app.app_context():
        assert proof_of_work.is_on()


def test_two_apps_on_one_database_follow_within_five_seconds(
    settings: Settings, session: Session, call: Call, compiled_templates: object
) -> None:
    here, there = (cached_reader(settings) for _app in range(2))
    assert all('name="email"' in reader.get(PATH).text for reader in (here, there))

    session.rollback()
    rules.change(session, None, [Change("pause_signing", "", "on"), Change("banner_en", "", "Back at noon")])
    session.commit()
    changed_at = time.monotonic()

    for reader in (here, there):
        while "Signing is paused" not in (page := reader.get(PATH).text):
            assert time.monotonic() < changed_at + 5
            time.sleep(0.05)
        assert "Back at noon" in page


def test_slow_pages_are_kept_longer_but_other_switches_show_all_the_same(
    app: Flask, session: Session, call: Call, switch: Switch
) -> None:
    switch(slow_counters="on")
    cache = PageCache(app, "http://localhost", app.extensions[Switches.__name__].get)
    reader = Client(cache)
    reader.get(PATH)
    kept = cache.responses[PATH, ""]
    assert kept.expires_at - kept.rendered_at == rules.SLOW_TTL
    kept.rendered_at -= 5
    kept.expires_at -= 5
    assert reader.get(PATH).text and cache.responses[PATH, ""] is kept

    switch(banner_en="Back at noon")

    assert "Back at noon" in reader.get(PATH).text


def test_without_a_database_the_last_known_switches_stand(
    app: Flask, client: FlaskClient, session: Session, call: Call, switch: Switch
) -> None:
    switch(pause_signing="on")
    assert "Signing is paused" in client.get(PATH).text
    session.rollback()
    session.execute(text("alter table switch rename to switched"))
    session.commit()
    app.extensions[Switches.__name__].expire()

    assert "Signing is paused" in client.get(PATH).text

    session.execute(text("alter table switched rename to switch"))
    session.commit()


def test_the_switches_cost_no_query_a_request(app: Flask, client: FlaskClient, call: Call, queries: list[str]) -> None:
    began = time.monotonic()
    client.get(PATH)
    queries.clear()

    for _reader in range(20):
        client.get(PATH)

    # They are read again by the clock alone, which a machine that is busy with other things may see go on.
    assert len([query for query in queries if "switch" in query]) <= (time.monotonic() - began) // REFRESH_AFTER


def cached_reader(settings: Settings) -> Client:
    app = create_app(settings)
    db.scope.remove()
    return Client(PageCache(app, "http://localhost", app.extensions[Switches.__name__].get))


def test_who_asks_for_their_links_is_told_too_that_letters_wait(
    client: FlaskClient, call: Call, switch: Switch, stopped_clock: StoppedClock
) -> None:
    switch(pause_letters="on")
    token = form_token(client.get("/en/my-signatures"))
    stopped_clock.tick(seconds=3)

    sent = client.post("/en/my-signatures", data={"token": token, "email": FORM["email"]}, follow_redirects=True)

    assert "E-mails are waiting" in sent.text
