"""Whoever names a hero finds persons and objects in Europeana; the page is there whatever Europeana does."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from petition.domain import items
from petition.jobs.items import refresh_items
from petition.lib import europeana
from petition.models import Call, CallKind, Item, ItemSearch, ItemState
from tests import factories
from tests.conftest import StoppedClock
from tests.europeana_stub import FAULTS, KEY, FaultyStub, stub
from tests.factories import signatures
from tests.stories import publish
from tests.visitor import FORM, form_token

__all__ = ["stub"]

READER = "/9999999/stub_0001"
CALL = "/en/calls/open-culture"
HERO = {"story": "She saw.", "hero": "Ada", "tagline": "curious"}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the stub for half a second only."""
    search, suggest, fetch = europeana.search, europeana.suggest, europeana.fetch
    monkeypatch.setattr(europeana, "search", lambda text: search(text, 0.5))
    monkeypatch.setattr(europeana, "suggest", lambda text, lang: suggest(text, lang, 0.5))
    monkeypatch.setattr(europeana, "fetch", lambda name, seconds: fetch(name, seconds=0.5))


@pytest.fixture
def visitor(client: FlaskClient, session: Session, stub: FaultyStub) -> FlaskClient:
    """Give a visitor of a site with a call for heroes and a key for the stub."""
    factories.make_call(session, kind=CallKind.HERO)
    europeana.configure(stub.url, KEY)
    return client


def _data(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    return {unescape(n): unescape(v) for n, v in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)}


def test_the_page_shows_people_and_objects_with_rights_in_full_and_whose_they_are(visitor: FlaskClient) -> None:
    page = visitor.get("/en/items?q=ada").text

    assert "Ada Lindqvist-Morel" in page and "1850–1900" in page and "Portrait of a reader" in page
    assert '<a href="https://museum.example/objects/9999999/stub_0001" rel="noopener noreferrer">' in page
    assert '<a href="https://creativecommons.org/publicdomain/mark/1.0/"' in page and "Public Domain Mark 1.0" in page
    assert KEY not in page


def test_what_was_typed_travels_to_the_search_and_back_with_what_was_chosen(
    visitor: FlaskClient, stopped_clock: StoppedClock, session: Session
) -> None:
    typed = FORM | HERO | {"token": form_token(visitor.get(CALL)), "story": "Two\nlines & <b>more</b>", "publish": "y"}

    results = visitor.post(f"{CALL}/items", data=typed | {"hero": "ada", "item": ""})
    assert results.status_code == 200 and 'name="item" value="/agent/999001"' in results.text
    carried = _data(results.text)
    assert carried == {name: value for name, value in typed.items() if name != "hero"}

    form = visitor.post(f"{CALL}/items/chosen", data=carried | {"hero": "ada", "item": "/agent/999001"})
    assert form.status_code == 200 and 'value="Ada Lindqvist-Morel"' in form.text
    for kept in ('value="Suzie Signer"', 'value="suzie@example.org"', "Two\nlines &amp; &lt;b&gt;", 'value="curious"'):
        assert kept in form.text
    assert _data(form.text)["item"] == "/agent/999001" and form_token(form) == typed["token"]

    stopped_clock.tick(seconds=3)
    sent = typed | {"hero": "Ada Lindqvist-Morel", "item": "/agent/999001", "licence": "cc0"}
    assert visitor.post(f"{CALL}/sign", data=sent).status_code == 303
    told = signatures(session)[0].told
    assert told and told.details == {"hero": "Ada Lindqvist-Morel", "item": "/agent/999001", "tagline": "curious"}
    chosen = items.find(session, "/agent/999001")
    assert chosen and chosen.chosen_at == chosen.due_at == stopped_clock.now


def test_what_was_chosen_can_be_taken_out_again(visitor: FlaskClient) -> None:
    visitor.get("/en/items?q=ada")
    form = visitor.post(f"{CALL}/items/chosen", data=FORM | HERO | {"item": "/agent/999001"})
    assert "chosen-item" in form.text

    form = visitor.post(f"{CALL}/items/chosen", data=FORM | HERO | {"item": ""})
    assert "chosen-item" not in form.text and 'value="Ada"' in form.text


def test_a_pasted_address_is_understood_without_asking_anybody(
    visitor: FlaskClient, stopped_clock: StoppedClock, stub: FaultyStub, session: Session
) -> None:
    europeana.configure(stub.url, "")
    token = form_token(visitor.get(CALL))
    stopped_clock.tick(seconds=3)
    pasted = {"hero": "https://www.europeana.eu/en/item/9999999/stub_0001?q=x", "token": token}

    assert visitor.post(f"{CALL}/sign", data=FORM | HERO | pasted).status_code == 303

    item = items.find(session, READER)
    assert item and item.state == ItemState.WAITING and stub.asked == []
    told = signatures(session)[0].told
    assert told and told.details["item"] == READER


def test_a_name_alone_is_enough(visitor: FlaskClient, stopped_clock: StoppedClock, session: Session) -> None:
    token = form_token(visitor.get(CALL))
    stopped_clock.tick(seconds=3)

    answer = visitor.post(f"{CALL}/sign", data=FORM | HERO | {"token": token, "item": "javascript:alert(1)"})

    assert answer.status_code == 303 and session.scalars(select(Item)).all() == []


def test_a_pasted_address_is_looked_up_in_the_search(visitor: FlaskClient, stub: FaultyStub) -> None:
    page = visitor.get("/en/items?q=http://data.europeana.eu/item/9999999/stub_0001").text
    assert "Portrait of a reader" in page and len(stub.asked) == 1

    assert "Nothing found" in visitor.get("/en/items?q=https://www.europeana.eu/item/1/none").text


@pytest.mark.parametrize("fault", FAULTS)
def test_the_page_is_there_and_says_what_is_missing_whatever_europeana_does(
    visitor: FlaskClient, stub: FaultyStub, fault: str, impatient: None
) -> None:
    stub.fault = fault

    for answer in (
        visitor.get("/fr/items?q=ada"),
        visitor.post(f"{CALL}/items", data=FORM | HERO),
        visitor.post(f"{CALL}/items/chosen", data=FORM | HERO | {"item": READER}),
    ):
        assert answer.status_code == 200 and KEY not in answer.text
    page = visitor.get("/en/items?q=ada").text
    assert re.search("does not answer|as often as it may|does not take questions", page)
    suggested = visitor.get("/en/items/suggestions.json?q=ada")
    assert suggested.status_code == 200 and suggested.json and suggested.json["missing"]


def test_without_a_key_the_form_takes_an_address_or_a_name_and_says_so(
    visitor: FlaskClient, stub: FaultyStub, session: Session
) -> None:
    europeana.configure(stub.url, "")

    form = visitor.get(CALL).text
    assert "paste the address of its page, or write a name" in form and "formaction" not in form
    assert "has no key" in visitor.get("/en/items?q=ada").text and stub.asked == []


def test_while_europeana_is_away_what_others_chose_is_found(
    visitor: FlaskClient, stub: FaultyStub, session: Session
) -> None:
    visitor.get("/en/items?q=ada")
    items.choose(session, "/agent/999001")
    session.commit()
    stub.fault = "503"

    page = visitor.get("/en/items?q=lindqvist").text

    assert "does not answer" in page and "what others chose here" in page and "Ada Lindqvist-Morel" in page


def test_a_search_is_asked_once_a_day_in_all_processes_and_its_words_are_not_kept(
    visitor: FlaskClient, stub: FaultyStub, session: Session
) -> None:
    for _ in range(3):
        visitor.get("/en/items?q=Fiddler")
    visitor.get("/en/items?q=fiddler")

    assert len(stub.asked) == 2
    rows = session.execute(select(ItemSearch.key_digest, ItemSearch.found)).all()
    assert "fiddler" not in repr(rows).lower()


def test_suggestions_are_people_first_and_objects_on_request(visitor: FlaskClient, stub: FaultyStub) -> None:
    people = visitor.get("/en/items/suggestions.json?q=gaspard").json
    assert people and [item["id"] for item in people["items"]] == ["/agent/999007"]
    assert "1790–1844" in people["items"][0].pop("card")
    assert people["items"][0] == {
        "id": "/agent/999007",
        "title": "Gaspard Leroy-Dubois",
        "lang": "en",
        "details": "1790–1844",
        "kind": "Person",
        "url": "https://www.europeana.eu/collections/person/999007",
    }
    objects = visitor.get("/fr/items/suggestions.json?q=gaspard&kind=object").json
    assert objects and objects["items"][0]["title"] == "Plan d'une bibliothèque idéale"
    assert KEY not in json.dumps([people, objects])

    asked = len(stub.asked)
    assert visitor.get("/en/items/suggestions.json?q=ga").json == {"items": [], "missing": ""}
    assert len(stub.asked) == asked


@pytest.mark.settings(rate_limits="on")
def test_half_of_the_quota_is_for_people(visitor: FlaskClient, stub: FaultyStub, stopped_clock: StoppedClock) -> None:
    stub.quota = 12
    visitor.get("/en/items?q=first")
    pages = [visitor.get(f"/en/items?q=word{number}").text for number in range(6)]

    assert stub.used <= 7 and "as often as it may" in pages[-1]


@pytest.mark.settings(rate_limits="on")
def test_one_network_searches_so_often_and_the_page_says_so(
    visitor: FlaskClient, stub: FaultyStub, stopped_clock: StoppedClock
) -> None:
    stub.quota = 100_000
    visitor.get("/en/items?q=first")
    pages = [visitor.get(f"/en/items?q=word{number}") for number in range(31)]

    assert pages[-1].status_code == 200 and "Many searches came from your network" in pages[-1].text
    # What is known already is shown still.
    assert "Many searches" not in visitor.get("/en/items?q=first").text


@pytest.mark.parametrize("text", ["", " ", "\u202e", "a" * 5000, "<script>alert(1)</script>", "%00", '"*:*"', "''--"])
def test_any_text_can_be_searched(visitor: FlaskClient, text: str) -> None:
    page = visitor.get("/en/items", query_string={"q": text})

    assert page.status_code == 200 and "<script>alert" not in page.text


def test_hostile_titles_are_text(visitor: FlaskClient, stub: FaultyStub) -> None:
    stub.objects[READER] |= {
        "titles": {"en": '<img src=x onerror="alert(1)">\u202etxt' + "x" * 20_000},
        "institution": "</script><b>Museum</b>",
        "rights": "javascript:alert(1)",
    }

    page = visitor.get("/en/items?q=museum").text

    assert "<img src=x" not in page and "<b>Museum" not in page and "\u202e" not in page and "javascript:" not in page


def test_a_picture_is_served_by_us_while_its_rights_allow_that(
    visitor: FlaskClient, stub: FaultyStub, session: Session
) -> None:
    items.choose(session, READER)
    session.commit()
    refresh_items(session)
    item = items.find(session, READER)
    assert item and item.picture

    for kind, mimetype in (("webp", "image/webp"), ("jpg", "image/jpeg")):
        answer = visitor.get(f"/media/{item.picture}.{kind}")
        assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert f"/media/{item.picture}.webp" in visitor.get("/en/items?q=portrait").text

    item = items.find(session, READER)
    assert item
    item.rights = "http://rightsstatements.org/vocab/InC/1.0/"
    session.commit()
    assert visitor.get(f"/media/{item.picture}.webp").status_code == 404
    page = visitor.post(f"{CALL}/items/chosen", data=FORM | HERO | {"item": READER}).text
    assert "/media/" not in page and "do not let us show the picture" in page


def test_stories_about_an_item_show_it_with_its_credit_and_its_title_in_the_language_of_the_reader(
    visitor: FlaskClient, session: Session, tmp_path: Path
) -> None:
    call = session.scalars(select(Call)).one()
    items.choose(session, "/9999999/stub_0010")
    items.choose(session, READER)
    session.commit()
    refresh_items(session)
    for europeana_id in (READER, "/9999999/stub_0010", READER):
        story = publish(session, call, details={"hero": "https://www.europeana.eu/x", "item": europeana_id})
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))

    wall = visitor.get("/fr/calls/open-culture/stories").text
    # The switches are read every other second, not for each request.
    assert len([one for one in statements if not one.startswith("PRAGMA") and "switch" not in one]) <= 6
    assert "Plan d&#39;une bibliothèque idéale" in wall and "Portrait of a reader" in wall and "/media/" not in wall
    for path in ("/en/calls/open-culture/heroes", f"/en/calls/open-culture/stories?hero={READER}"):
        page = visitor.get(path).text
        assert page.count("/media/") == 1 and "Public Domain Mark 1.0" in page and "Demo Museum of Letters" in page
    page = visitor.get(f"/en/stories/{story.story_id}").text
    assert "/media/" in page and "Public Domain Mark 1.0" in page


def test_the_search_of_a_call_that_is_not_there_is_not_found(visitor: FlaskClient) -> None:
    assert visitor.post("/en/calls/none/items", data=HERO).status_code == 404
    assert visitor.get(f"{CALL}/items").status_code == 405
