"""Organisers choose which stories stand on the page of their call, and on the home page."""

import re

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import publications, stories
from petition.models import AuditEntry, Call, CallKind, Role
from tests.factories import make_call
from tests.organisers import join, make_organiser, make_team, sign_in
from tests.stories import publish


def prepare(client: FlaskClient, session: Session, role: Role = Role.EDITOR) -> tuple[Call, str, str]:
    """Return a call of a team, the path of the page, and the token of a signed-in member's forms."""
    team, ann = make_team(session), make_organiser(session)
    join(session, team, ann, role)
    call = make_call(session, team=team, kind=CallKind.DREAM)
    return call, f"/organise/calls/{call.id}/stories/featured", sign_in(client, session, ann)


def test_a_chosen_story_stands_on_the_page_of_the_call_and_on_the_home_page(
    client: FlaskClient, session: Session
) -> None:
    call, path, token = prepare(client, session)
    ids = [publish(session, call, text=text, language=text[:2]).story_id for text in ("en one", "fr deux", "en three")]
    for page in ("/en/calls/open-culture", "/en/"):
        assert not re.search("en one|fr deux", client.get(page).text)

    for story_id in ids[:2]:
        answer = client.post(path, data={"csrf_token": token, "story": story_id, "featured": "1"})
        assert (answer.status_code, answer.location) == (303, path)

    for lang, order in (("en", ["en one", "fr deux"]), ("fr", ["fr deux", "en one"])):
        assert re.findall("en one|fr deux|en three", client.get(f"/{lang}/calls/open-culture").text) == order
    assert re.findall("en one|fr deux|en three", client.get("/de/").text) == ["fr deux", "en one"]
    assert [entry.action for entry in session.scalars(select(AuditEntry))].count("feature_story") == 2

    client.post(path, data={"csrf_token": token, "story": ids[0]})
    assert "en one" not in client.get("/en/calls/open-culture").text
    assert "Read 3 stories" in client.get("/en/calls/open-culture").text


def test_what_cannot_be_chosen_is_told_in_the_page(client: FlaskClient, session: Session) -> None:
    call, path, token = prepare(client, session)
    shown = publish(session, call).story_id
    elsewhere = publish(session, make_call(session, slug="other", kind=CallKind.DREAM)).story_id
    gone = publish(session, call).story_id
    publications.retract(session, [gone])
    session.commit()

    for story in (elsewhere, gone, "x", "", "9" * 30, "-1"):
        answer = client.post(path, data={"csrf_token": token, "story": story, "featured": "1"})
        assert (answer.status_code, "This story is not public any more." in answer.text) == (422, True)
    assert client.get(path + "?after=x").status_code == 404
    assert stories.featured(session, session.get_one(Call, call.id)) == []
    client.post(path, data={"csrf_token": token, "story": shown, "featured": "1"})
    assert len(stories.featured(session, session.get_one(Call, call.id))) == 1


def test_moderators_do_not_choose(client: FlaskClient, session: Session) -> None:
    _call, path, _token = prepare(client, session, Role.MODERATOR)

    assert client.get(path).status_code == 403
