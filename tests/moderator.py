"""Bob, who reads the stories of his team through the test client."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.models import Call, CallKind, PublishedStory, Role, Story
from tests.factories import make_call, make_story
from tests.organisers import join, make_organiser, make_team, sign_in


class Moderator:
    """Bob in front of the queue of his team."""

    def __init__(self, client: FlaskClient, session: Session) -> None:
        self.client, self.session = client, session
        team, person = make_team(session), make_organiser(session, "Bob")
        join(session, team, person, Role.MODERATOR)
        self.call_id = make_call(session, kind=CallKind.DREAM, team=team).id
        self.team_id, self.person_id = team.id, person.id
        self.token = sign_in(client, session, person)
        self.root = f"/organise/teams/{self.team_id}/stories"

    def tell(self, text: str, **values: Any) -> int:
        return make_story(self.session, self.session.get_one(Call, self.call_id), text, **values).id

    def story(self, story_id: int) -> Story:
        self.session.rollback()
        return self.session.get_one(Story, story_id, populate_existing=True)

    def get(self, path: str = "") -> str:
        answer = self.client.get(self.root + path)
        assert answer.status_code == 200
        return answer.text

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self.client.post(self.root + path, data={"csrf_token": self.token} | fields)

    def decide(self, story_id: int, decision: str, query: str = "", **fields: Any) -> TestResponse:
        seen = {"revision": 1, "seen": "waiting", "decision": decision}
        return self.post(f"/{story_id}/decide{query}", **seen | fields)

    def press(self, page: str, words: str) -> TestResponse:
        """Send the form whose button has these words, as a browser without scripts does."""
        forms = re.findall(r"<form[^>]*action=\"([^\"]+)\"[^>]*>(.*?)</form>", page, re.DOTALL)
        (action, body) = next(form for form in forms if re.search(rf"<button[^>]*>\s*{words}", form[1]))
        fields = dict(re.findall(r'type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', body))
        return self.client.post(action.replace("&amp;", "&"), data=fields)

    def texts(self) -> list[str]:
        self.session.rollback()
        return list(self.session.scalars(select(PublishedStory.text).order_by(PublishedStory.story_id)))
