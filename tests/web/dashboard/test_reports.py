"""What moderators decide about reports, and what that does to stories, calls and pictures."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.domain import moderation
from petition.models import (
    Call,
    Organiser,
    ReportCase,
    ReportReason,
    Role,
    Story,
    StoryState,
)
from tests import factories
from tests.conftest import StoppedClock
from tests.factories import make_call
from tests.organisers import add_picture, join, make_organiser, make_team, sign_in
from tests.reporting import HIDE, decide, file_report, is_public, publish


@pytest.fixture(name="call")
def _call(session: Session) -> Call:
    return make_call(session, team=make_team(session))


@pytest.fixture(name="ann")
def _ann(session: Session, call: Call) -> Organiser:
    ann = make_organiser(session)
    assert call.campaign.team
    join(session, call.campaign.team, ann)
    return ann


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"sentence": "Because."}, "Please choose what is decided."),
        ({"outcome": "removed", "sentence": "Because."}, "Please choose what is decided."),
        ({"outcome": "hidden", "sentence": "Because."}, "Please choose the ground"),
        ({"outcome": "kept", "sentence": " "}, "Please give the reasons"),
        ({"outcome": "kept", "ground": "boring", "sentence": "Because."}, "from the list"),
    ],
)
def test_a_decision_needs_a_ground_and_reasons(
    client: FlaskClient, session: Session, call: Call, ann: Organiser, typed: dict[str, str], sentence: str
) -> None:
    story = publish(session, call, StoryState.APPROVED)
    case = file_report(session, f"story:{story.id}").case
    token = sign_in(client, session, ann)

    answer = decide(client, token, f"/organise/teams/{call.campaign.team_id}/reports/{case.id}", **typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert is_public(session, story)


@pytest.mark.parametrize("revision", ["", "2", "x", "9" * 5000, "٣"])
def test_a_decision_about_other_words_than_were_seen_is_not_kept(
    client: FlaskClient, session: Session, call: Call, ann: Organiser, revision: str
) -> None:
    story = publish(session, call, StoryState.APPROVED)
    case = file_report(session, f"story:{story.id}").case
    token = sign_in(client, session, ann)
    path = f"/organise/teams/{call.campaign.team_id}/reports/{case.id}"

    answer = client.post(path, data={"csrf_token": token, "revision": revision, **HIDE})

    assert answer.status_code == 409
    assert "was changed after you opened the page" in answer.text
    assert HIDE["sentence"] in answer.text
    assert is_public(session, story)


def test_a_call_is_taken_down_from_its_reports_by_who_may_do_that(
    app: Flask, client: FlaskClient, session: Session, call: Call
) -> None:
    team = call.campaign.team
    assert team
    case = file_report(session, "call:open-culture", reason=ReportReason.HATRED).case
    bob, olga = make_organiser(session, "Bob"), make_organiser(session, "Olga", is_site_owner=True)
    join(session, team, bob, Role.MODERATOR)
    typed = {"outcome": "removed", "ground": "hatred", "sentence": "It threatens people."}

    token = sign_in(client, session, bob)
    answer = decide(client, token, f"/organise/teams/{team.id}/reports/{case.id}", **typed)
    assert answer.status_code == 422
    assert "needs another role" in answer.text

    owner = app.test_client()
    token = sign_in(owner, session, olga)
    assert "Keep culture open" in owner.get("/organise/reports").text
    assert decide(owner, token, f"/organise/reports/{case.id}", **typed).location == "/organise/reports"

    assert app.test_client().get("/en/calls/open-culture").status_code == 410


def test_a_picture_is_taken_down_from_its_reports(
    app: Flask, client: FlaskClient, session: Session, call: Call, ann: Organiser
) -> None:
    picture = add_picture(session, call, ann)
    call.picture_id, call.image = picture.id, f"media/{picture.name}.webp"
    session.commit()
    case = file_report(session, f"picture:{picture.id}").case
    token = sign_in(client, session, ann)

    typed = {"outcome": "removed", "ground": "copyright", "sentence": "The photographer did not agree."}
    answer = decide(client, token, f"/organise/teams/{call.campaign.team_id}/reports/{case.id}", **typed)

    assert answer.status_code == 303
    assert app.test_client().get(f"/media/{picture.name}.webp").status_code == 410
    assert factories.letters(session) == []


def test_after_a_decision_the_next_case_follows(
    client: FlaskClient, session: Session, call: Call, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    story = publish(session, call, StoryState.APPROVED)
    cases = []
    for about in ("call:open-culture", f"story:{story.id}"):
        cases.append(file_report(session, about).case)
        stopped_clock.tick(minutes=1)
    token = sign_in(client, session, ann)
    queue = f"/organise/teams/{call.campaign.team_id}/reports"

    answer = decide(client, token, f"{queue}/{cases[0].id}", outcome="kept", sentence="It is all right.")

    assert answer.location == f"{queue}/{cases[1].id}"
    assert decide(client, token, f"{queue}/{cases[0].id}", outcome="kept", sentence="Again.").status_code == 409


def test_the_audit_log_names_nobody_who_reports(
    client: FlaskClient, session: Session, call: Call, ann: Organiser
) -> None:
    file_report(session, "call:open-culture", name="Mallory", email="mallory@example.org")
    sign_in(client, session, ann)

    page = client.get(f"/organise/teams/{call.campaign.team_id}/audit").text

    assert "A visitor" in page
    assert "reported something" in page
    assert "mallory" not in page.lower()


@pytest.mark.parametrize("seen", [StoryState.WAITING, StoryState.APPROVED])
def test_a_story_with_which_nothing_is_wrong_stands_as_read(
    client: FlaskClient, session: Session, call: Call, ann: Organiser, seen: StoryState
) -> None:
    story = publish(session, call, seen)
    case = file_report(session, f"story:{story.id}").case
    token = sign_in(client, session, ann)
    path = f"/organise/teams/{call.campaign.team_id}/reports/{case.id}"

    assert decide(client, token, path, outcome="kept", sentence="It names nobody.").status_code == 303

    assert is_public(session, story)
    for network in range(8):
        file_report(session, f"story:{story.id}", network)
    assert is_public(session, story)
    assert session.get_one(Story, story.id).state == StoryState.APPROVED


def test_a_story_that_another_moderator_reads_is_left_to_them(
    client: FlaskClient, session: Session, call: Call, ann: Organiser
) -> None:
    story = publish(session, call, StoryState.APPROVED)
    case = file_report(session, f"story:{story.id}").case
    moderation.lock(session, make_organiser(session, "Bob"), story)
    session.commit()
    token = sign_in(client, session, ann)

    answer = decide(client, token, f"/organise/teams/{call.campaign.team_id}/reports/{case.id}", **HIDE)

    assert answer.status_code == 409
    assert "another moderator reads this story" in answer.text
    assert is_public(session, story)
    assert session.get_one(ReportCase, case.id).is_waiting
