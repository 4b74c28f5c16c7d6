"""Around the queue of stories: many at once, words that hold, what waits, and what a team chooses."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.lib import tokens
from petition.models import (
    CallKind,
    HoldList,
    Organiser,
    Role,
    StoryLicence,
    StoryWords,
    Team,
)
from tests.conftest import StoppedClock
from tests.factories import confirm, make_call
from tests.moderator import Moderator
from tests.organisers import join, make_organiser, make_team, sign_in


@pytest.fixture
def bob(client: FlaskClient, session: Session, stopped_clock: StoppedClock) -> Moderator:
    return Moderator(client, session)


def test_many_are_decided_on_one_page_and_undone_together(bob: Moderator, session: Session) -> None:
    stories = [bob.tell(f"Dream {number}") for number in range(3)]
    ticked = [f"{story}.1" for story in stories]
    assert "Dream 2" in bob.get("/bulk")
    assert (
        "Please tick a story first" in bob.post("/bulk", decision="approve", story=["x.1", "1", "9" * 30 + ".1"]).text
    )
    refusal = bob.post("/bulk", decision="refuse", story=ticked[:2])
    assert (refusal.status_code, refusal.text.count(" checked aria")) == (422, 2)
    bob.story(stories[2]).revision = 2
    session.commit()

    answer = bob.post("/bulk", decision="approve", story=[*ticked, "999.1"])

    assert answer.status_code == 303
    assert bob.texts() == ["Dream 0", "Dream 1"]
    page = bob.client.get(answer.location).text
    assert "2 were left out" in page
    assert "Approved: 2 are public." in page
    assert bob.press(page, "Undo this").status_code == 303
    assert bob.texts() == []
    assert bob.press(page, "Undo this").status_code == 409


def test_a_page_of_many_goes_on_after_its_last(bob: Moderator) -> None:
    stories = [bob.tell(f"Dream number {number}.") for number in range(51)]

    first = bob.get("/bulk")
    later = bob.get(f"/bulk?after={stories[49]}")

    assert (first.count("Dream number"), "Later ones" in first) == (50, True)
    assert (later.count("Dream number"), "Dream number 50." in later) == (1, True)
    for unknown in ("99999999", "9" * 30, "9" * 5000):
        assert bob.get(f"/bulk?after={unknown}").count("Dream number") == 50


def test_words_that_hold_are_kept_by_language(bob: Moderator, session: Session) -> None:
    assert bob.post("/words?language=de", language="de", words="Gift\n\n  Gift \nblöde Kuh").status_code == 303
    assert session.scalars(select(HoldList)).one().words == ["Gift", "blöde Kuh"]
    page = bob.get("/words?language=de")
    assert "Gift\nblöde Kuh" in page

    for words, sentence in (
        ("a\n" * 501, "There is room for 500 words"),
        ("x" * 81, "A word has up to 80 characters"),
        ("!!!", "This cannot be found in any text: !!!"),
        ("\u202e", "cannot be shown"),
    ):
        answer = bob.post("/words", language="de", words=words)
        assert (answer.status_code, sentence in answer.text) == (422, True)
    assert bob.post("/words", language="xx", words="a").status_code == 422

    bob.post("/words", language="de", words="")
    session.rollback()
    assert session.scalars(select(HoldList)).all() == []


def test_the_dashboard_says_how_many_wait_and_since_when(
    bob: Moderator, session: Session, stopped_clock: StoppedClock
) -> None:
    assert "Stories" not in re.sub(
        r"<(header|nav).*?</\1>|<dialog.*?</dialog>", "", bob.client.get("/organise/").text, flags=re.DOTALL
    )
    for number in range(12):
        bob.tell(f"Dream {number}")
    stopped_clock.tick(hours=3)

    for page in (bob.client.get("/organise/").text, bob.get()):
        assert "12 wait; the oldest came 3 hours ago." in page
    assert bob.client.get("/organise/stories").location == bob.root
    join(session, make_team(session, "Library"), session.get_one(Organiser, bob.person_id), Role.OWNER)
    page = bob.client.get("/organise/stories").text
    assert ("Library" in page, "Nothing waits." in page) == (True, True)


def test_an_owner_chooses_that_stories_are_public_before_they_are_read(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    team, ann = make_team(session), make_organiser(session, "Ann")
    join(session, team, ann)
    token, team_id = sign_in(client, session, ann), team.id
    fields = {"csrf_token": token, "name": team.name, "language": "en", "timezone": "Europe/Paris"}

    assert client.post(f"/organise/teams/{team_id}/edit", data=fields | {"publishes_unread": "y"}).status_code == 303

    session.rollback()
    team = session.get_one(Team, team_id)
    assert team.publishes_unread
    told = StoryWords(CallKind.PETITION, "en", "Everybody reads.", {}, StoryLicence.CC_BY)
    signature = confirm(session, make_call(session, team=team), story=told)
    page = client.get(f"/en/me/{tokens.make('me', signature.id)}").text
    assert "It is public; a moderator still reads it." in page
