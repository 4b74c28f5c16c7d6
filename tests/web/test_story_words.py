"""How published stories are told: since when they read so, in which translation, with the days of the language."""

import re
from datetime import datetime
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.domain import publications, story_care
from petition.models import CallKind, Organiser, Story, Team
from tests.conftest import StoppedClock
from tests.factories import make_call
from tests.organisers import make_organiser, make_team
from tests.stories import publish

WALL = "/en/calls/open-culture/stories"
ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_feed_says_since_when_the_words_of_a_story_are_these(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session, kind=CallKind.DREAM)
    older, newer = (publish(session, call) for _number in range(2))
    published, row = newer.published_at, session.get_one(Story, older.story_id)

    def change(**values: object) -> None:
        stopped_clock.tick(days=1)
        for name, value in values.items():
            setattr(row, name, value)
        publications.publish(session, row)
        session.commit()

    def moments() -> list[str]:
        feed = ElementTree.fromstring(client.get(WALL + ".atom").data)  # noqa: S314 - it is our own
        found = [
            feed.findtext(f"{ATOM}updated"),
            *(one.findtext(f"{ATOM}updated") for one in feed.iter(f"{ATOM}entry")),
        ]
        return [moment or "" for moment in found]

    def said(moment: datetime) -> str:
        return moment.isoformat(timespec="seconds")

    before = moments()
    assert before[:2] == [said(published)] * 2
    change(text="Other words.", revision=2)
    changed = said(stopped_clock.now)
    assert moments() == [changed, before[1], changed]
    # Approved once more with the same words it is no news; in another language it is.
    change()
    assert moments() == [changed, before[1], changed]
    change(language="fr")
    assert moments()[0] == said(stopped_clock.now)


def test_a_translation_is_shown_with_its_author_while_it_is_of_the_very_words(
    client: FlaskClient, session: Session
) -> None:
    team, bob = make_team(session), make_organiser(session, "Bob")
    story_id = publish(session, make_call(session, kind=CallKind.DREAM, team=team), language="nl").story_id
    team_id, bob_id = team.id, bob.id

    def translate(language: str, text: str, revision: int) -> None:
        row, ours = session.get_one(Story, story_id), session.get_one(Team, team_id)
        words = {"revision": revision, "language": language, "text": text, "credit": "Bob <B>"}
        story_care.translate(session, session.get_one(Organiser, bob_id), ours, row, **words)  # type: ignore[arg-type]
        session.commit()

    def shown() -> list[str]:
        page = client.get(f"/fr/stories/{story_id}").text
        return re.findall(r'<p class="user-text" lang="(?:fr|de)" dir="auto">(.*?)</p>', page)

    translate("fr", "Tout le monde <lit>.", 1)
    assert shown() == ["Tout le monde &lt;lit&gt;."]
    assert "français, traduction de Bob &lt;B&gt;" in client.get(f"/fr/stories/{story_id}").text

    session.get_one(Story, story_id).revision = 2
    session.commit()
    translate("de", "Alle schreiben.", 2)
    assert shown() == ["Tout le monde &lt;lit&gt;."]

    publications.publish(session, session.get_one(Story, story_id))
    session.commit()
    assert shown() == ["Alle schreiben."]


@pytest.mark.parametrize(("lang", "day"), [("en", "9 March 2025"), ("fr", "9 mars 2025"), ("de", "9. März 2025")])
def test_a_day_is_written_as_in_the_language_of_the_page(
    client: FlaskClient, session: Session, lang: str, day: str
) -> None:
    story = publish(session, make_call(session, kind=CallKind.PRACTICE), details={"done_on": "2025-03-09"})

    page = client.get(f"/{lang}/stories/{story.story_id}").text
    assert f"<dd><bdi>{day}</bdi></dd>" in page
    (found,) = client.get("/api/v1/calls/open-culture/stories").json["stories"]  # type: ignore[index]
    assert found["details"] == {"done_on": "2025-03-09"}
