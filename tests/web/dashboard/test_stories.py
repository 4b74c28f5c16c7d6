"""The queue of stories: read with one key, decided with another, and never about words that nobody saw."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import moderation
from petition.models import (
    Decision,
    StoryDecision,
    StoryNote,
    StoryState,
    StoryTranslation,
)
from tests.conftest import StoppedClock
from tests.moderator import Moderator
from tests.organisers import make_organiser


@pytest.fixture
def bob(client: FlaskClient, session: Session, stopped_clock: StoppedClock) -> Moderator:
    return Moderator(client, session)


def test_without_scripts_one_story_after_the_other_is_approved_and_the_last_is_undone(bob: Moderator) -> None:
    for number in range(3):
        bob.tell(f"Dream {number}")

    page = bob.get()
    for number in range(3):
        assert f"Dream {number}</p>" in page
        answer = bob.press(page, "Approve")
        assert answer.status_code == 303
        page = bob.client.get(answer.location).text
        assert "Approved: it is public." in page
    assert bob.texts() == ["Dream 0", "Dream 1", "Dream 2"]
    assert "Nothing waits" in page

    page = bob.client.get(bob.press(page, "Undo this").location).text

    assert "Dream 2</p>" in page
    assert bob.texts() == ["Dream 0", "Dream 1"]


def test_a_refusal_names_a_class_and_a_question_a_sentence(bob: Moderator, session: Session) -> None:
    story = bob.tell("Buy now.")
    for decision, fields, sentence in (
        ("refuse", {"sentence": "It sells."}, "Please choose a reason."),
        ("refuse", {"reason_class": "no-class"}, "Please choose a reason."),
        ("refuse", {"reason_class": "other"}, "Please write the reason in a sentence."),
        ("ask", {}, "Please write what the author should change."),
        ("burn", {}, "Please press one of the buttons."),
        ("ask", {"sentence": "x" * 501}, "Please shorten this text"),
        ("ask", {"sentence": "x", "seen": "nowhere"}, "Please press one of the buttons."),
        ("ask", {"sentence": "x", "revision": "one"}, "Not a valid integer value"),
    ):
        answer = bob.decide(story, decision, **fields)
        assert (answer.status_code, sentence in answer.text) == (422, True), (decision, fields)
        assert fields.get("sentence", "") in answer.text
    assert bob.story(story).state == StoryState.WAITING

    assert bob.decide(story, "refuse", reason_class="advertising").status_code == 303

    assert bob.story(story).state == StoryState.REFUSED
    row = session.scalars(select(StoryDecision)).one()
    assert (row.reason_class, row.sentence, row.by) == ("advertising", "", bob.person_id)


def test_words_that_changed_meanwhile_are_shown_and_nothing_is_decided(bob: Moderator, session: Session) -> None:
    story = bob.tell("Everybody reads.")
    page = bob.get()
    row = bob.story(story)
    row.text, row.revision = "Buy now.", 2
    session.commit()

    answer = bob.press(page, "Approve")

    assert answer.status_code == 409
    assert "Its author changed it meanwhile" in answer.text
    assert "Buy now." in answer.text
    assert bob.texts() == []


def test_what_somebody_else_decided_meanwhile_is_shown(bob: Moderator, session: Session) -> None:
    story = bob.tell("Everybody reads.")
    page = bob.get()
    moderation.decide(session, make_organiser(session, "Ann"), bob.story(story), revision=1, decision=Decision.REFUSE)
    session.commit()

    answer = bob.press(page, "Approve")

    assert answer.status_code == 409
    assert "Somebody else decided about it meanwhile" in answer.text
    assert bob.story(story).state == StoryState.REFUSED


def test_who_reads_a_story_is_named_and_it_can_be_taken_over(bob: Moderator, session: Session) -> None:
    story = bob.tell("Everybody reads.")
    ann = make_organiser(session, "Ann")
    moderation.lock(session, ann, bob.story(story))
    session.commit()
    page = bob.get(f"/{story}")
    assert "<bdi>Ann</bdi> reads it at the moment." in page
    assert 'data-key="a"' not in page
    assert bob.decide(story, "approve").status_code == 409
    assert bob.post(f"/{story}/lock").status_code == 409

    assert bob.press(page, "Take it over").status_code == 303

    assert bob.story(story).locked_by == bob.person_id
    assert bob.decide(story, "approve").status_code == 303


def test_the_next_story_is_kept_for_who_decided_and_the_one_before_is_let_go(bob: Moderator, session: Session) -> None:
    stories = [bob.tell(f"Dream {number}") for number in range(3)]
    ann = make_organiser(session, "Ann")
    moderation.lock(session, ann, bob.story(stories[1]))
    session.commit()
    ann_id = ann.id

    answer = bob.decide(stories[0], "approve")

    assert f"/stories/{stories[2]}?" in answer.location
    assert [bob.story(story).locked_by for story in stories] == [None, ann_id, bob.person_id]


def test_the_filter_stays_through_a_decision(bob: Moderator) -> None:
    french = [bob.tell(f"Rêve {number}", language="fr") for number in range(2)]
    bob.tell("A dream")
    assert "A dream" not in bob.get("?language=fr&kind=dream")

    answer = bob.decide(french[0], "approve", "?language=fr&kind=dream")

    assert f"/stories/{french[1]}?kind=dream&language=fr" in answer.location
    for query in (
        "?language=xx",
        "?call=999",
        "?flag=none",
        "?kind=none&state=burnt",
        "?call=x&decided=1.x.99999999999999999",
    ):
        assert "A dream" in bob.get(query)
    assert "No story is like this" in bob.get("?language=mt")


def test_all_that_was_told_is_shown_inert(bob: Moderator, session: Session) -> None:
    text = "<script>alert(1)</script> \u202e=cmd()"
    story = bob.tell(
        text, credit='"><img src=x>', details={"affiliation": "<b>KB</b>", "video": "https://video.example/1"}
    )

    page = bob.get(f"/{story}")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search(r"<script>alert|<img src=x|<b>KB", page)
    assert 'href="https://video.example' not in page
    for word in ("&lt;b&gt;KB&lt;/b&gt;", "<bdi>video.example</bdi>", "CC BY 4.0"):
        assert word in page


def test_the_language_is_corrected_a_note_and_a_translation_are_written(bob: Moderator, session: Session) -> None:
    story = bob.tell("Une culture ouverte.")
    path = f"/{story}"
    assert bob.post(f"{path}/language", revision=1, language="fr").status_code == 303
    assert bob.post(f"{path}/notes", note="Seen before.").status_code == 303
    translation = {"revision": 1, "into": "en", "translation": "An open culture.", "translator": "Bob B."}
    assert bob.post(f"{path}/translations", **translation).status_code == 303

    page = bob.get(path)
    for word in ("Une culture ouverte.", "Seen before.", "An open culture.", "English, a translation by Bob B."):
        assert word in page
    assert bob.story(story).state == StoryState.WAITING
    assert bob.story(story).language == "fr"

    for field, typed, status in (
        ("language", {"revision": 1, "language": "xx"}, 422),
        ("language", {"revision": 9, "language": "en"}, 409),
        ("notes", {"note": " \u200b"}, 422),
        ("notes", {"note": "\u202e"}, 422),
        ("translations", translation | {"translator": "=cmd()"}, 422),
        ("translations", translation | {"revision": 9}, 409),
    ):
        answer = bob.post(f"{path}/{field}", **typed)
        assert answer.status_code == status, (field, typed)
        assert status == 422 or "Its author changed it meanwhile" in answer.text
    assert bob.post(f"{path}/translations", **translation | {"translation": ""}).status_code == 303
    assert session.scalars(select(StoryTranslation)).all() == []
    assert len(session.scalars(select(StoryNote)).all()) == 1
