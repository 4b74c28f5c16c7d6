"""The demo's mailbox shows letters as a mail program would."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.jobs import worker
from tests import factories

pytestmark = pytest.mark.settings(demo=True)


@pytest.fixture
def letter(app: Flask, session: Session) -> int:
    """Give the number of a letter that was written."""
    factories.sign(session, factories.make_call(session))
    worker.run(app, once=True)
    (file,) = Path(app.config["PETITION"].mail_folder).glob("*.eml")
    return int(file.stem)


def test_the_link_of_a_letter_is_large_and_its_html_stands_in_a_frame(client: FlaskClient, letter: int) -> None:
    answer = client.get(f"/mailbox/{letter}")

    assert '<a class="button letter-link" href="http://localhost/en/confirm/' in answer.text
    assert f'src="/mailbox/{letter}/html"' in answer.text
    assert 'sandbox="allow-top-navigation-by-user-activation"' in answer.text
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_frame_may_do_nothing_but_lead_away(client: FlaskClient, letter: int) -> None:
    answer = client.get(f"/mailbox/{letter}/html")

    (policy,) = answer.headers.getlist("Content-Security-Policy")
    assert policy.startswith("sandbox allow-top-navigation-by-user-activation; default-src 'none';")
    assert "script-src" not in policy
    assert '<base target="_top">' in answer.text
    assert "/en/confirm/" in answer.text


def test_the_list_knows_its_newest_letter_and_reloads_itself_without_scripts_too(
    client: FlaskClient, letter: int
) -> None:
    answer = client.get("/mailbox")

    assert f'data-mailbox="{letter}"' in answer.text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in answer.text
