"""The editor of a call, as its pages answer."""

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.domain import drafts
from petition.models import Call, Organiser, Role, Team
from tests import factories
from tests.editing import ann, call, csrf, draft, post, team, typed
from tests.organisers import join, make_organiser

__all__ = ["ann", "call", "csrf", "team"]


def test_what_is_typed_is_saved_in_both_languages(client: FlaskClient, session: Session, call: Call, csrf: str) -> None:
    answer = post(
        client, call, typed(csrf, call, opens_at="2026-07-01T09:00", closes_at="2026-08-01T09:00", goal="500")
    )

    content = draft(session, call)
    assert answer.status_code == 302
    assert content["texts"]["en"]["addressees"] == [{"name": "The Parliament", "kind": "institution", "url": ""}]
    assert content["texts"]["fr"]["title"] == "Gardons la culture ouverte"
    assert (content["opens_at"], content["goal"]) == ("2026-07-01T07:00:00+00:00", 500)
    page = client.get(f"/organise/calls/{call.id}/edit").text
    assert 'value="2026-07-01T09:00"' in page
    assert "By the clocks of Europe/Paris" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"opens_at": "2026-07-01T09:00", "closes_at": "2026-07-01T09:00"}, "A call closes after it opens"),
        ({"closes_at": "2026-01-01T09:00"}, "This moment is over"),
        ({"opens_at": "2027-03-28T02:30"}, "this time does not exist"),
        ({"opens_at": "2026-10-25T02:30"}, "this time comes twice"),
        ({"opens_at": "tomorrow"}, "Please write a date and a time"),
        ({"slug": "counters"}, "used by the site itself"),
        ({"slug": "Not a slug"}, "a to z, digits and hyphens"),
        ({"slug": "open-culture"}, "belongs to another call"),
        ({"languages": ["en", "fr", "xx"]}, "“xx” is not one of the languages"),
        ({"do": "add", "new_language": "tlh"}, "Please choose a language from the list"),
        ({"goal": "0"}, "a number between 1 and"),
        ({"en__body": "é" * 25_001}, "there is room for 50000"),
        ({"en__title": "x" * 201}, "Please shorten this text to 200 characters"),
        ({"en__ask": "\u202eevil"}, "a character that cannot be shown"),
        ({"en__addressee0__url": "javascript:alert(1)"}, "web address that begins with https"),
        ({"kind": "lottery"}, "Please choose from the list"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_all_that_was_typed_stays(
    client: FlaskClient, session: Session, call: Call, csrf: str, changes: dict[str, Any], sentence: str
) -> None:
    factories.make_call(session)
    fields = typed(csrf, call, **{"fr__title": "Ce que j’ai écrit", **changes})

    answer = post(client, call, fields)

    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert "Ce que j’ai écrit" in unescape(answer.text)
    assert draft(session, call)["texts"]["fr"]["title"] == ""


def test_a_time_that_comes_twice_is_asked_about_and_kept(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    asked = post(client, call, typed(csrf, call, opens_at="2026-10-25T02:30"))
    assert 'name="opens_which"' in asked.text

    post(client, call, typed(csrf, call, opens_at="2026-10-25T02:30", opens_which="second"))

    assert draft(session, call)["opens_at"] == "2026-10-25T01:30:00+00:00"
    assert '<option selected value="second">' in client.get(f"/organise/calls/{call.id}/edit").text


def test_a_body_of_ten_megabytes_is_refused_with_a_sentence(client: FlaskClient, call: Call, csrf: str) -> None:
    answer = post(client, call, typed(csrf, call, en__body="x" * 10_000_000))

    assert answer.status_code == 413
    assert "larger than this form takes" in answer.text


def test_five_thousand_headings_are_saved_and_shown(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    body = "\n".join(f"## {number}" for number in range(5000))

    assert post(client, call, typed(csrf, call, en__body=body)).status_code == 302
    assert client.get(f"/organise/calls/{call.id}/edit").text.count("<h3>") >= 5000


def test_two_languages_have_room_for_long_texts_in_letters_of_two_bytes(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    body = "я" * 25_000

    answer = post(client, call, typed(csrf, call, en__body="x" * 50_000, fr__body=body))

    assert answer.status_code == 302
    assert draft(session, call)["texts"]["fr"]["body"] == body


def test_two_editors_at_once_compare_and_choose(
    client: FlaskClient, session: Session, call: Call, csrf: str, team: Team
) -> None:
    bob = make_organiser(session, name="Bob")
    join(session, team, bob, Role.OWNER)
    theirs = draft(session, call)
    theirs["texts"]["en"] |= {"ask": "Bob's ask <b>.", "title": "Bob's title"}
    drafts.save(session, bob, call, theirs, 1)
    session.commit()

    conflict = post(client, call, typed(csrf, call))
    page = unescape(conflict.text)

    assert conflict.status_code == 409
    assert "Bob saved at 2026-06-01 14:00 (Europe/Paris)" in page
    assert "&lt;b&gt;" in conflict.text
    assert 'name="en-ask" value="Fund it."' in conflict.text
    # The title is one that only Bob changed, so his is proposed; the ask is for Ann to say.
    assert re.findall(r'name="theirs" value="([^"]+)" checked', conflict.text) == ["en.title"]
    assert draft(session, call)["texts"]["en"]["ask"] == "Bob's ask <b>."

    answer = post(client, call, typed(csrf, call, base="2", theirs=["en.title"]))

    content = draft(session, call)
    assert answer.status_code == 302
    assert (content["texts"]["en"]["title"], content["texts"]["en"]["ask"]) == ("Bob's title", "Fund it.")
    assert content["texts"]["fr"]["title"] == "Gardons la culture ouverte"


def test_what_i_saved_on_another_page_stays_where_this_one_did_not_touch_it(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    mine = draft(session, call)
    mine["texts"]["en"] |= {"image_alt": "A door of books.", "ask": "An earlier ask."}
    drafts.save(session, session.get_one(Organiser, 1), call, mine, 1)
    session.commit()

    assert post(client, call, typed(csrf, call)).status_code == 302

    words = draft(session, call)["texts"]["en"]
    assert (words["image_alt"], words["ask"]) == ("A door of books.", "Fund it.")


def test_a_script_saves_and_is_told_in_words(client: FlaskClient, session: Session, call: Call, csrf: str) -> None:
    saved = post(client, call, typed(csrf, call), "autosave.json")
    refused = post(client, call, typed(csrf, call, slug="counters"), "autosave.json")
    stale = post(client, call, typed("wrong", call), "autosave.json")

    assert saved.json == {"words": "Saved at 14:00", "base": 2}
    assert refused.status_code == 422
    assert "Address" in refused.text
    assert stale.status_code == 403


def test_a_script_is_told_of_another_editor(
    client: FlaskClient, session: Session, call: Call, csrf: str, team: Team
) -> None:
    bob = make_organiser(session, name="Bob")
    join(session, team, bob, Role.OWNER)
    drafts.save(session, bob, call, {**draft(session, call), "goal": 9}, 1)
    session.commit()

    answer = post(client, call, typed(csrf, call), "autosave.json")

    assert answer.status_code == 409
    assert "Bob saved at" in answer.text


def test_languages_and_addressees_are_added_and_removed_without_a_script(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    post(client, call, typed(csrf, call, do="add", new_language="de"))
    assert list(draft(session, call)["texts"]) == ["en", "fr", "de"]

    more = post(client, call, typed(csrf, call, base="2", do="more en"))
    assert 'name="en-addressee1-name"' in client.get(more.location).text

    post(client, call, typed(csrf, call, base="3", do="remove en"))
    content = draft(session, call)
    assert (list(content["texts"]), content["language"]) == (["fr"], "fr")


def test_a_preview_is_rendered_here_and_a_long_one_is_refused(client: FlaskClient, call: Call, csrf: str) -> None:
    fields = {"csrf_token": csrf, "language": "en", "text": "## Why\n\n<script>"}

    assert post(client, call, fields, "preview").text.startswith("<h3>Why</h3>")
    assert post(client, call, fields | {"text": "x" * 50_001}, "preview").status_code == 422


def test_a_revision_is_seen_before_it_is_restored(client: FlaskClient, session: Session, call: Call, csrf: str) -> None:
    first = drafts.newest(session, call).id
    post(client, call, typed(csrf, call))

    page = client.get(f"/organise/calls/{call.id}/revisions/{first}").text
    assert "What would change" in page
    assert "Fund it." in page
    assert draft(session, call)["texts"]["en"]["ask"] == "Fund it."

    client.post(f"/organise/calls/{call.id}/revisions/{first}/restore", data={"csrf_token": csrf})
    assert draft(session, call)["texts"]["en"]["ask"] == ""
