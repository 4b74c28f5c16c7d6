"""Organisers' campaigns, how calls begin in them, and who may see what."""

from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import campaigns, drafts
from petition.models import Call, Campaign, Role, Team
from tests import factories
from tests.editing import ann, call, csrf, draft, post, team, typed
from tests.organisers import join, make_organiser, make_team, sign_in

__all__ = ["ann", "call", "csrf", "team"]


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
        ({"hashtag": "two words"}, "one word without spaces or signs"),
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
