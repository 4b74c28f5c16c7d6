"""A draft, an editor who is signed in, and what their browser sends."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.domain import campaigns, drafts
from petition.models import Call, CallContent, CallKind, Organiser, Role, Team
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
