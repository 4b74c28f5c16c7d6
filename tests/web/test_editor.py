"""The editor of a call, as its pages answer."""

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.domain import campaigns, drafts
from petition.models import Call, CallContent, CallKind, Campaign, Organiser, Role, Team
from tests import factories
from tests.conftest import StoppedClock
from tests.organisers import join, make_organiser, make_team, sign_in


@pytest.fixture
def team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture
def ann(session: Session, team: Team) -> Organiser:
    person = make_organiser(session)
    join(session, team, person, Role.EDITOR)
    return person


@pytest.fixture
def call(session: Session, ann: Organiser, team: Team) -> Call:
    campaign = campaigns.start(session, ann, team, title="Open", hashtag="#Open", language="en", reserved=set())
    titles = {"en": "Keep culture open", "fr": ""}
    made = drafts.start(session, ann, campaign, kind=CallKind.PETITION, titles=titles, reserved=set())
    session.commit()
    return made


@pytest.fixture
def csrf(client: FlaskClient, session: Session, ann: Organiser, call: Call) -> str:
    return sign_in(client, session, ann)


def typed(csrf: str, call: Call, **changes: Any) -> dict[str, Any]:
    usual = {
        "csrf_token": csrf,
        "base": "1",
        "languages": ["en", "fr"],
        "slug": call.slug,
        "kind": "petition",
        "language": "en",
        "en-title": "Keep culture open",
        "en-ask": "Fund it.",
        "en-addressees": "1",
        "en-addressee0-name": "The Parliament",
        "en-addressee0-kind": "institution",
        "fr-title": "Gardons la culture ouverte",
    }
    return usual | {name.replace("__", "-"): value for name, value in changes.items()}


def post(client: FlaskClient, call: Call, fields: dict[str, Any], page: str = "edit") -> TestResponse:
    return client.post(f"/organise/calls/{call.id}/{page}", data=fields)


def draft(session: Session, call: Call) -> CallContent:
    session.rollback()
    return drafts.content_at(drafts.newest(session, call))


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
        ({"slug": "Not a slug"}, "letters a to z, digits and hyphens"),
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
    assert "Bob saved at 2026-06-01 14:00" in page
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


def test_ids_of_another_team_are_not_found(client: FlaskClient, session: Session, call: Call, csrf: str) -> None:
    theirs = factories.make_call(session)
    other = make_team(session, name="Other museum")
    theirs.campaign.team_id = other.id
    chris = make_organiser(session, name="Chris")
    revision = drafts.save(session, chris, theirs, {**draft(session, theirs), "goal": 5}, 0)
    session.commit()
    theirs_id, their_campaign, revision_id, others = theirs.id, theirs.campaign_id, revision.id, other.id

    for path in (
        f"calls/{theirs_id}",
        f"calls/{theirs_id}/edit",
        f"calls/{call.id}/revisions/{revision_id}",
        f"campaigns/{their_campaign}",
        f"campaigns/{their_campaign}/calls/start",
        f"teams/{others}/campaigns/start",
    ):
        assert client.get(f"/organise/{path}").status_code == 404, path
    restore = client.post(f"/organise/calls/{call.id}/revisions/{revision_id}/restore", data={"csrf_token": csrf})
    copied = post(client, call, {"csrf_token": csrf, "campaign": str(their_campaign)}, "copy")
    assert (restore.status_code, copied.status_code) == (404, 422)


def test_analysts_look_but_do_not_write(client: FlaskClient, session: Session, call: Call, team: Team) -> None:
    analyst = make_organiser(session, name="Anna")
    join(session, team, analyst, Role.ANALYST)
    csrf = sign_in(client, session, analyst)

    assert client.get(f"/organise/calls/{call.id}").status_code == 200
    assert client.get(f"/organise/calls/{call.id}/edit").status_code == 403
    assert post(client, call, typed(csrf, call), "autosave.json").status_code == 403


def test_from_an_empty_team_to_a_complete_draft_in_four_presses(
    client: FlaskClient, session: Session, team: Team, csrf: str
) -> None:
    start = f"/organise/teams/{team.id}/campaigns/start"
    assert start in client.get("/organise/campaigns").text
    began = client.post(start, data={"csrf_token": csrf, "title": "Open", "hashtag": "AllezCulture", "language": "en"})
    words = {"csrf_token": csrf, "title": "Open it", "kind": "petition", "language": "en", "other_language": "fr"}
    written = client.post(began.location, data=words)
    call = session.scalars(select(Call).order_by(Call.id.desc())).first()
    assert call is not None
    done = client.post(written.location, data=typed(csrf, call, do="next"))

    assert session.get_one(Campaign, call.campaign_id).hashtag == "#AllezCulture"
    assert done.location == f"/organise/calls/{call.id}"
    page = client.get(done.location).text
    assert "things are missing" in page
    assert client.get("/organise/campaigns").status_code == 200
    assert "Keep culture open" in client.get(f"/organise/campaigns/{call.campaign_id}").text


def test_a_start_without_a_title_says_so_and_keeps_the_rest(client: FlaskClient, call: Call, csrf: str) -> None:
    fields = {"csrf_token": csrf, "title": "", "kind": "dream", "language": "de", "other_language": "tlh"}

    answer = client.post(f"/organise/campaigns/{call.campaign_id}/calls/start", data=fields)

    assert answer.status_code == 422
    assert "Please write a title." in answer.text
    assert "Please choose a language from the list." in answer.text
    assert '<option selected value="de">' in answer.text


def test_a_campaign_is_edited_in_several_languages_and_two_at_once_compare(
    client: FlaskClient, session: Session, call: Call, csrf: str, team: Team
) -> None:
    campaign = call.campaign
    fields = {
        "csrf_token": csrf,
        "base": "0",
        "languages": ["en", "fr"],
        "language": "en",
        "hashtag": "#AllezCulture",
        "slug": campaign.slug,
        "accent": "sea",
        "organiser_name": "Museum",
        "organiser_country": "FR",
        "organiser_contact": "ann@museum.example",
        "en-title": "Open",
        "fr-title": "Ouvert",
    }
    url = f"/organise/campaigns/{campaign.id}/edit"

    assert client.post(url, data=fields).status_code == 302
    for change, sentence in (
        ({"accent": "neon"}, "Please choose from the list"),
        ({"hashtag": "two words"}, "one word of letters and digits"),
        ({"slug": "campaigns"}, "used by the site itself"),
        ({"organiser_contact": "call me"}, "an e-mail address, or a web address"),
        ({"languages": ["en", "xx"]}, "is not one of the languages"),
    ):
        refused = client.post(url, data=fields | {"base": "1"} | change)
        assert (refused.status_code, sentence in unescape(refused.text)) == (422, True), change
    stale = client.post(url, data=fields | {"fr-title": "Plus ouvert"})

    assert stale.status_code == 409
    assert "Ann saved at" in stale.text
    session.rollback()
    content = campaigns.content(session, session.get_one(Campaign, campaign.id))
    assert (content["accent"], content["texts"]["fr"]["title"]) == ("sea", "Ouvert")
