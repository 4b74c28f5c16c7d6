"""A feature is there as soon as its files are: this one is made in a folder of its own, and no list names it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import Client

from petition import domain, jobs, web
from petition.app import create_app
from petition.config import Settings
from petition.domain import letters
from petition.http.page_cache import PageCache
from petition.jobs.worker import run
from petition.lib import metrics
from tests.servers import MailServer

FILES = {
    "domain/toys.py": '''
"""Toys that tell their owner that they are there."""

from datetime import timedelta

from petition.domain import letters
from petition.domain.letters import Content, LetterKind, NewLetter
from petition.errors import Conflict


class Broken(Conflict):
    """Raised when a toy cannot be played with."""


def _content(session, batch):
    return {letter.id: Content("toy_arrived") for letter in batch}


letters.register(LetterKind("toy_arrived", 3, _content, links={"play": timedelta(days=1)}))


def send(session, to):
    letters.enqueue(session, [NewLetter("toy_arrived", to, b"toy" * 10, "en")])
''',
    "web/toys.py": '''
"""The pages of toys."""

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _
from prometheus_client import Counter

from petition.db import session
from petition.domain import toys
from petition.http import access
from petition.http.cacheable import cacheable, one_of
from petition.http.error_pages import ErrorPage
from petition.lib import metrics

bp = Blueprint("toys", __name__, template_folder=FOLDER)
bp.before_request(access.same_origin_only)

ERRORS = {toys.Broken: ErrorPage(423, _("This toy is broken"), _("Somebody is mending it."))}
PLAYED = Counter("petition_toys_played", "Toys.", registry=metrics.REGISTRY)


@bp.get("/toys")
@cacheable(ttl=60.0, params={"colour": one_of(("red", "blue"))})
def shelf():
    PLAYED.inc()
    return render_template("toys/shelf.html", colour=request.args.get("colour", "plain"))


@bp.post("/toys/broken")
def broken():
    raise toys.Broken


@bp.post("/toys/<to>")
def send(to):
    toys.send(session, to)
    session.commit()
    return "", 204
''',
    "jobs/toys.py": '''
"""Tidies the toys up."""


def tidy_toys(session):
    """Return how many toys were tidied up."""
    return 7


JOBS = (tidy_toys,)
''',
    "templates/toys/shelf.html": "A {{ colour }} toy.",
    "templates/mail/toy_arrived.txt": "Your toy has arrived\n\nPlay with it at {{ home_url }}.",
    "templates/mail/toy_arrived.html": "<p>Play with it at {{ home_url }}.</p>",
}


@pytest.fixture
def toys(session: Session, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Give an app that has been started beside the files of the feature."""
    for name, text in FILES.items():
        path = tmp_path / "feature" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip().replace("FOLDER", repr(str(tmp_path / "feature" / "templates"))))
    for package in (domain, web, jobs):
        folder = tmp_path / "feature" / package.__name__.rpartition(".")[2]
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    app = create_app(settings)
    yield app
    app.extensions["engine"].dispose()
    metrics.REGISTRY.unregister(sys.modules["petition.web.toys"].PLAYED)
    for package in (domain, web, jobs):
        sys.modules.pop(f"{package.__name__}.toys")
        delattr(package, "toys")
    letters.KINDS.pop("toy_arrived")
    letters.LINK_LIFETIMES.pop("play")


def test_a_feature_needs_its_own_files_and_no_other(toys: Flask, smtp: MailServer) -> None:
    client, reader = toys.test_client(), Client(PageCache(toys, "http://localhost"))

    pages = [reader.get(f"/toys?{query}").text for query in ("colour=red", "colour=red&x=1", "colour=green", "y=2", "")]
    error = client.post("/toys/broken")
    sent = client.post("/toys/ann@example.org")
    done = run(toys, once=True)

    assert pages == ["A red toy.", "A red toy.", "A plain toy.", "A plain toy.", "A plain toy."]
    assert b"petition_toys_played_total 2.0" in metrics.text()
    assert (error.status_code, "This toy is broken" in error.text) == (423, True)
    assert (sent.status_code, done["tidy_toys"]) == (204, 7)
    assert [str(message["Subject"]) for _sender, _to, message in smtp.messages] == ["Your toy has arrived"]
