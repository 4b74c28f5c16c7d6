"""What the public sees of stories: wall, page, share card, feed and JSON, and that none shows what is not public."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event
from sqlalchemy.orm import Session

from petition.domain import publications, stories, supporters
from petition.lib import media_store
from petition.models import CallKind, CallState, PublishedStory, Signature, Story, StoryLicence, card_file
from tests.factories import confirm, make_call
from tests.stories import publish

WALL = "/en/calls/open-culture/stories"
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "</script><script>alert(1)</script> & <b>“ü”</b> =1+1 שלום"


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two stories stand on a page."""
    monkeypatch.setattr(stories, "PAGE_SIZE", 2)


def links(html: str, rel: str) -> list[str]:
    return [url.replace("&amp;", "&") for url in re.findall(rf'rel="{rel}" href="([^"]+)"', html)]


def told(html: str) -> list[str]:
    return re.findall(r"Story \d", re.sub(r"(?s).*<main", "", html))


def test_plain_links_lead_through_all_stories_and_back_to_the_first_page(
    client: FlaskClient, session: Session, small_pages: None
) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    for number in range(5):
        publish(session, call, language="fr" if number else "nl")

    first = client.get(WALL + "?language=fr").text
    (older,) = links(first, "next")
    second = client.get(older).text

    assert (told(first), told(second)) == (["Story 4", "Story 3"], ["Story 2", "Story 1"])
    assert (links(first, "prev"), links(second, "next")) == ([], [])
    (newer,) = links(second, "prev")
    answer = client.get(newer)
    assert (answer.status_code, answer.location) == (302, WALL + "?language=fr")


@pytest.mark.parametrize("query", ["after=x", "before=x", "after=1-1", "after=" + "9" * 300, "before=0-1%00"])
def test_a_bad_cursor_is_told_with_a_way_onward(client: FlaskClient, session: Session, query: str) -> None:
    publish(session, make_call(session, kind=CallKind.DREAM), language="fr")

    answer = client.get(f"{WALL}?language=fr&{query}")

    assert answer.status_code == 404
    assert f'href="{WALL}?language=fr"' in answer.text
    problem = client.get("/api/v1/calls/open-culture/stories?after=x")
    assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "query", ["language=tlh", "country=XX", "show=all", "hero=", "language=%ff", "x=" + "y" * 5000]
)
def test_an_unknown_choice_is_none(client: FlaskClient, session: Session, query: str) -> None:
    publish(session, make_call(session, kind=CallKind.DREAM))

    answer = client.get(f"{WALL}?{query}")

    assert (answer.status_code, told(answer.text)) == (200, ["Story 0"])


@pytest.mark.parametrize("query", ["", "?language=fr", "?country=FR", "?show=featured", "?hero=nobody"])
def test_a_wall_without_stories_says_so(client: FlaskClient, session: Session, query: str) -> None:
    make_call(session, kind=CallKind.HERO)

    answer = client.get(WALL + query)

    assert answer.status_code == 200
    assert 'class="empty-state"' in answer.text


def test_a_wall_takes_six_queries_at_most(app: Flask, client: FlaskClient, session: Session) -> None:
    call = make_call(session, kind=CallKind.HERO)
    for number in range(4):
        publish(session, call, details={"hero": f"Hero {number}"})
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))

    for path in (WALL, WALL + "?language=en&country=NL", WALL + "?hero=hero1", WALL + "?show=featured"):
        statements.clear()
        assert client.get(path).status_code == 200
        assert len([one for one in statements if not one.startswith("PRAGMA")]) <= 6, statements


def test_a_story_says_whose_it_is_and_what_others_may_do_with_it(client: FlaskClient, session: Session) -> None:
    details = {"horizon_year": 2030, "video": "https://video.example/1?a=b&c=d"}
    story = publish(
        session, make_call(session, kind=CallKind.DREAM), text="Iedereen leest.", language="nl", details=details
    )

    page = client.get(f"/fr/stories/{story.story_id}").text

    assert '<blockquote class="story-text" lang="nl" dir="auto"><bdi>Iedereen leest.</bdi>' in page
    for words in ("<bdi>Suzie</bdi>", "Pays-Bas", "2030", "Nederlands"):
        assert words in page
    video = re.search(r'<a href="https://video.example/1\?a=b&amp;c=d" ([^>]*)><bdi>video.example</bdi>', page)
    assert video
    assert 'rel="ugc nofollow noopener"' in video[1]
    assert 'href="https://creativecommons.org/licenses/by/4.0/" rel="license"' in page
    (card,) = re.findall(r'property="og:image" content="http://localhost([^"]+)"', page)
    assert client.get(card).mimetype == "image/png"
    data = json.loads(re.findall(r"(?s)<script type=\"application/ld\+json\">(.*?)</script>", page)[0])
    assert (data["@type"], data["text"], data["license"]) == (
        "CreativeWork",
        "Iedereen leest.",
        "https://creativecommons.org/licenses/by/4.0/",
    )


def test_a_hostile_text_is_shown_as_text_everywhere(client: FlaskClient, session: Session) -> None:
    story = publish(
        session, make_call(session, kind=CallKind.HERO), text=HOSTILE, credit="A <i>B</i>", details={"hero": "<b>X</b>"}
    )

    for path in (WALL, f"/en/stories/{story.story_id}", "/en/calls/open-culture/heroes"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<b>" not in page
        assert "<i>B" not in page
    page = client.get(f"/en/stories/{story.story_id}").text
    data = json.loads(re.findall(r"(?s)<script type=\"application/ld\+json\">(.*?)</script>", page)[0])
    assert data["text"] == HOSTILE
    feed = ElementTree.fromstring(client.get(WALL + ".atom").data)  # noqa: S314 - it is our own
    assert [entry.findtext(f"{ATOM}content") for entry in feed.iter(f"{ATOM}entry")] == [HOSTILE]
    (found,) = client.get("/api/v1/calls/open-culture/stories").json["stories"]  # type: ignore[index]
    assert (found["text"], found["details"]) == (HOSTILE, {"hero": "<b>X</b>"})
    assert client.get(f"/en/stories/{story.story_id}/card.png").status_code == 200


def test_what_is_shown_here_only_is_not_for_programs(client: FlaskClient, session: Session) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    story = publish(session, call, licence=StoryLicence.HERE_ONLY, text="Only here.")
    publish(session, call, licence=StoryLicence.CC0, text="For all.")

    page = client.get(f"/en/stories/{story.story_id}").text
    assert "Only here." in client.get(WALL).text
    assert "ld+json" not in page
    assert client.get(f"/en/stories/{story.story_id}/card.png").status_code == 200
    for path in (WALL + ".atom", "/api/v1/calls/open-culture/stories"):
        answer = client.get(path).text
        assert "For all." in answer
        assert "Only here." not in answer


def test_programs_page_through_stories_by_the_link_header(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petition.web.story_feeds.API_LENGTH", 2)
    call = make_call(session, kind=CallKind.DREAM)
    for _number in range(3):
        publish(session, call)

    first = client.get("/api/v1/calls/open-culture/stories")
    (following,) = re.findall(r'<http://localhost([^>]+)>; rel="next"', first.headers["Link"])
    second = client.get(following)

    assert [len(answer.json["stories"]) for answer in (first, second)] == [2, 1]  # type: ignore[index]
    assert "Link" not in second.headers
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get("/api/v1/calls/open-culture/stories", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def withdraw(session: Session, signature: Signature) -> None:
    supporters.withdraw(session, signature)


def erase(session: Session, signature: Signature) -> None:
    supporters.erase(session, signature)


def retract(session: Session, signature: Signature) -> None:
    assert signature.story
    publications.retract(session, [signature.story.id])


def take_down(session: Session, signature: Signature) -> None:
    signature.call.state = CallState.REMOVED


@pytest.mark.parametrize("vanish", [withdraw, erase, retract, take_down])
def test_a_story_is_gone_from_everywhere_at_once(
    app: Flask, client: FlaskClient, session: Session, vanish: Callable[[Session, Signature], None]
) -> None:
    story = publish(session, make_call(session, kind=CallKind.HERO), text="Gone soon.", details={"hero": "Hero Gone"})
    page = f"/en/stories/{story.story_id}"
    paths = (WALL, page, f"{page}/card.png", WALL + ".atom", "/api/v1/calls/open-culture/stories", "/en/stories")
    assert [client.get(path).status_code for path in paths] == [200] * len(paths)
    assert media_store.read(card_file(story.story_id, "en"))
    signature = session.get_one(Signature, session.get_one(Story, story.story_id).signature_id)

    vanish(session, signature)
    session.commit()

    for path in (*paths, "/en/calls/open-culture/heroes", "/en/calls/open-culture", "/en/"):
        answer = client.get(path)
        assert b"Gone soon" not in answer.data
        assert b"Hero Gone" not in answer.data
        if path.startswith(page):
            assert answer.status_code == (410 if vanish is take_down else 404)
    if vanish is not take_down:
        assert media_store.read(card_file(story.story_id, "en")) is None


def test_what_waits_is_as_unknown_as_what_never_was(client: FlaskClient, session: Session) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    first = publish(session, call).story_id
    confirm(session, call, email="waiting@example.org", story="Not yet.")
    waiting, unknown = (client.get(f"/en/stories/{story_id}") for story_id in (first + 1, first + 2))

    assert (waiting.status_code, unknown.status_code) == (404, 404)
    assert waiting.text == unknown.text.replace(f"/{first + 2}", f"/{first + 1}")
    assert 'href="/en/stories"' in waiting.text


def test_a_card_is_drawn_once_and_again_when_its_words_change(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    story = publish(session, make_call(session, kind=CallKind.DREAM))
    story_id = story.story_id
    path, name = f"/en/stories/{story_id}/card.png", card_file(story_id, "en")
    first = client.get(path).data
    assert Image.open(BytesIO(first)).size == (1200, 630)

    drawn = media_store.read(name) or b""
    assert drawn.endswith(first)
    media_store.save(name, drawn.removesuffix(first) + b"from the file")
    assert client.get(path).data == b"from the file"

    session.get_one(PublishedStory, story_id).credit = None
    session.commit()
    assert client.get(path).data not in {first, b"from the file"}
