"""Who may do what, on every path under /organise/: each role, another team's owner, the site's, nobody."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from petition.domain.access import MATRIX, Action
from petition.models import Organiser
from tests.organisers import make_organiser, sign_in
from tests.worlds import THINGS, World, arguments, is_own_row_left, make_world, names_no_row, nested, outsiders

SECURITY = Path(__file__).parent.parent.parent / "docs" / "security.md"

MEMBERS = ("owner", "editor", "moderator", "analyst")
OUTSIDERS = ("foreign owner", "site owner", "organiser", "stranger")

# Written out once more, so that a change to the table of the rules is a change here too.
EVERYBODY = {*MEMBERS, *OUTSIDERS}
SIGNED_IN = EVERYBODY - {"stranger"}
TEAM, EDITORS, OWNER, SITE = {*MEMBERS}, {"owner", "editor"}, {"owner"}, {"site owner"}
ALLOWED: dict[str, set[str]] = {
    "sign_in": EVERYBODY,
    "own_account": SIGNED_IN,
    "start_team": SITE,
    "view_team": TEAM,
    "edit_team": OWNER,
    "manage_members": OWNER,
    "manage_partners": EDITORS,
    "read_audit": OWNER,
    "view_campaign": TEAM,
    "start_campaign": EDITORS,
    "edit_campaign": EDITORS,
    "transfer_campaign": OWNER,
    "view_call": TEAM,
    "start_call": EDITORS,
    "edit_call": EDITORS,
    "approve_call": EDITORS,
    "publish_call": EDITORS,
    "pause_call": EDITORS,
    "take_call_down": OWNER | SITE,
    "decide_reports": {"owner", "moderator"},
    "decide_site_reports": SITE,
    "moderate_stories": {"owner", "moderator"},
    "set_switches": SITE,
    "read_site_audit": SITE,
}


def rules(app: Flask) -> list[Rule]:
    """Give each path that organisers have."""
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/organise/")]


def methods(rule: Rule) -> list[str]:
    return sorted({"GET", "POST"} & (rule.methods or set()))


def action_of(app: Flask, rule: Rule) -> str:
    """Give what a route says that it does, or nothing."""
    return str(getattr(app.view_functions[rule.endpoint], "action", ""))


def ask(
    app: Flask, rule: Rule, method: str, values: dict[str, object], client: FlaskClient, token: str
) -> TestResponse:
    path = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
    return client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)


def ask_as(app: Flask, session: Session, who: Organiser | None, rule: Rule, method: str, world: World) -> TestResponse:
    """Give the answer to somebody who is freshly signed in, or to a stranger."""
    client = app.test_client()
    values = arguments(session, rule, world, who)
    token = sign_in(client, session, who) if who else ""
    return ask(app, rule, method, values, client, token)


def expected(action: str, who: str, rule: Rule) -> int:
    """Give the status of a refusal, or 0 where somebody is let in."""
    if who in ALLOWED[action]:
        return 0
    if who == "stranger":
        return 302
    return 404 if rule.arguments & THINGS and who not in MEMBERS else 403


def is_as_expected(answer: TestResponse, status: int, rule: Rule) -> bool:
    if status == 302:
        return answer.status_code in {302, 303} and answer.location.startswith("/organise/login")
    if status:
        return answer.status_code == status
    refusals = {401, 403} if names_no_row(rule) else {401, 403, 404}
    return answer.status_code < 500 and answer.status_code not in refusals


# The rules are Python; what a page asks of each kind of database, its own tests show.
@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("who", [*MEMBERS, *OUTSIDERS])
def test_every_organisers_page_lets_in_whom_the_table_names_and_nobody_else(
    dialect: str, app: Flask, session: Session, who: str
) -> None:
    assert [rule.rule for rule in rules(app) if action_of(app, rule) not in ALLOWED] == []

    wrong = []
    # Those who are refused, or only look, change nothing and share one world; who acts may change theirs.
    shared, strangers = make_world(session), outsiders(session)
    for rule in rules(app):
        action = action_of(app, rule)
        status = expected(action, who, rule)
        for method in methods(rule):
            acts = method == "POST" and not status
            world = make_world(session) if acts else shared
            person = (world.people | (outsiders_for(session, who) if acts else strangers)).get(who)
            answer = ask_as(app, session, person, rule, method, world)
            if not is_as_expected(answer, status, rule):
                wrong.append(f"{method} {rule.rule} as {who}: {answer.status_code}, not {status or 'let in'}")
    assert wrong == []


def outsiders_for(session: Session, who: str) -> dict[str, Organiser]:
    """Give new outsiders to one who acts, for they may have ended their account before."""
    return outsiders(session) if who in OUTSIDERS else {}


def test_nothing_of_another_team_is_found_below_ones_own(app: Flask, session: Session) -> None:
    wrong = []
    for rule in rules(app):
        for name in mixed(rule):
            mine, theirs = make_world(session), make_world(session)
            owner = mine.people["owner"]
            values = arguments(session, rule, mine, owner)
            values[name] = arguments(session, rule, theirs, theirs.people["owner"])[name]
            for method in methods(rule):
                client = app.test_client()
                answer = ask(app, rule, method, values, client, sign_in(client, session, owner))
                # Of somebody else's own things a page need not say that they are there.
                if answer.status_code != 404 and not is_own_row_left(session, name, values[name]):
                    wrong.append(f"{method} {rule.rule} with another team's {name}: {answer.status_code}")
    assert wrong == []


def mixed(rule: Rule) -> Iterator[str]:
    """Give the arguments that can be another team's while the rest of the path is mine; numbers are within a call."""
    things = rule.arguments & THINGS
    # Those who own the site see the reports about all teams.
    if not rule.rule.startswith("/organise/reports/"):
        yield from (name for name in nested(rule) if name not in {"number", "version"})
    if len(things) > 1:
        yield from sorted(things)


def test_a_form_with_a_token_that_is_not_ours_changes_nothing_and_can_be_sent_again(
    app: Flask, session: Session
) -> None:
    wrong = []
    for rule in signed_in_posts(app):
        world = make_world(session)
        person = allowed_person(app, session, rule, world)
        client = app.test_client()
        sign_in(client, session, person)
        answer = ask(app, rule, "POST", arguments(session, rule, world, person), client, "stale")
        if answer.status_code != 403 or "This page is older than your sign-in" not in answer.text:
            wrong.append(f"{rule.rule}: {answer.status_code}")
    assert wrong == []


def test_after_sign_out_no_form_does_anything(app: Flask, session: Session) -> None:
    wrong = []
    for rule in signed_in_posts(app):
        world = make_world(session)
        person = allowed_person(app, session, rule, world)
        client = app.test_client()
        values, token = arguments(session, rule, world, person), sign_in(client, session, person)
        client.post("/organise/logout", data={"csrf_token": token})
        answer = ask(app, rule, "POST", values, client, token)
        if not is_as_expected(answer, 302, rule):
            wrong.append(f"{rule.rule}: {answer.status_code}")
    assert wrong == []


def signed_in_posts(app: Flask) -> list[Rule]:
    return [rule for rule in rules(app) if "POST" in methods(rule) and action_of(app, rule) != "sign_in"]


def allowed_person(app: Flask, session: Session, rule: Rule, world: World) -> Organiser:
    allowed = ALLOWED[action_of(app, rule)]
    return world.people["owner"] if "owner" in allowed else outsiders(session)["site owner"]


def test_numbers_that_no_column_holds_name_nothing(app: Flask, session: Session) -> None:
    ann = make_organiser(session, is_site_owner=True)
    client = app.test_client()
    token = sign_in(client, session, ann)
    wrong = []
    for rule in rules(app):
        for method in methods(rule) if rule.arguments & THINGS else []:
            path = re.sub(r"<[^>]+>", "9" * 30, rule.rule)
            answer = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
            if answer.status_code not in {404, 405}:
                wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_the_table_of_the_rules_is_the_one_of_this_test() -> None:
    assert {action.value for action in Action} == {action.value for action in MATRIX} == ALLOWED.keys()


def test_the_documentation_shows_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*?\| ([^|]*) \|$", SECURITY.read_text(), re.MULTILINE)
    shown = {action: set(filter(None, who.split(", "))) for action, who in rows}
    told = {action.value: {one.value for one in allowed} for action, allowed in MATRIX.items()}

    assert shown == told
