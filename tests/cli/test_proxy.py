"""The doctor sees from outside whether proxies pass on who asks."""

from collections.abc import Callable, Iterator
from threading import Thread
from wsgiref.types import WSGIEnvironment

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from petition.cli import proxy
from petition.config import Settings
from petition.lib import tokens
from tests.conftest import StoppedClock
from tests.servers import Running, free_port

Change = Callable[[WSGIEnvironment], None]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - Werkzeug's name
        """Say nothing."""


def nothing(_environ: WSGIEnvironment) -> None:
    """Stand for no proxy, or for one that passes headers on as they come."""


def appends(environ: WSGIEnvironment) -> None:
    """Stand for a proxy that adds the address it was asked from."""
    environ["HTTP_X_FORWARDED_FOR"] += ", 198.51.100.20"
    environ["HTTP_X_FORWARDED_PROTO"] = "http"


def replaces(environ: WSGIEnvironment) -> None:
    """Stand for a proxy that believes nothing."""
    environ["HTTP_X_FORWARDED_FOR"] = "198.51.100.20"
    environ["HTTP_X_FORWARDED_PROTO"] = "http"


def appends_twice(environ: WSGIEnvironment) -> None:
    """Stand for a content delivery network and a proxy behind it."""
    appends(environ)
    environ["HTTP_X_FORWARDED_FOR"] += ", 192.0.2.44"


def forgets_the_scheme(environ: WSGIEnvironment) -> None:
    """Stand for a proxy that passes on what visitors say of the scheme."""
    environ["HTTP_X_FORWARDED_FOR"] += ", 198.51.100.20"


@pytest.fixture
def ask(app: Flask, settings: Settings) -> Iterator[Callable[[Change], list[str]]]:
    """Give what the doctor says when a proxy changes headers in such a way."""
    change: list[Change] = []
    inner = app.wsgi_app

    def behind_proxy(environ: WSGIEnvironment, start_response: object) -> object:
        change[-1](environ)
        return inner(environ, start_response)  # type: ignore[arg-type]

    server = make_server("127.0.0.1", 0, behind_proxy, request_handler=_Quiet)  # type: ignore[arg-type]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    site = settings.model_copy(update={"base_url": f"http://127.0.0.1:{server.port}"})

    def asked(how: Change) -> list[str]:
        change.append(how)
        return list(proxy.faults(site))

    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


Changes = dict[int, list[Change]]

WELL: Changes = {0: [nothing], 1: [appends, replaces], 2: [appends_twice]}
TOO_LOW: Changes = {0: [appends, replaces, appends_twice], 1: [appends_twice], 2: []}
INVENTED: Changes = {0: [], 1: [nothing], 2: [nothing, appends]}
ALIKE: Changes = {0: [], 1: [], 2: [replaces]}


def _pairs(table: Changes) -> list[object]:
    return [
        pytest.param(how, id=f"{how.__name__}-{hops}", marks=pytest.mark.settings(trusted_proxies=hops))
        for hops, changes in table.items()
        for how in changes
    ]


@pytest.mark.parametrize("how", _pairs(WELL))
def test_a_right_number_of_proxies_is_nothing_to_speak_of(ask: Callable[[Change], list[str]], how: Change) -> None:
    assert ask(how) == []


@pytest.mark.parametrize("how", _pairs(TOO_LOW))
def test_a_number_that_is_too_low_gives_all_visitors_one_address(
    ask: Callable[[Change], list[str]], how: Change
) -> None:
    (fault,) = ask(how)

    assert "PETITION_TRUSTED_PROXIES is too low" in fault


@pytest.mark.parametrize("how", _pairs(INVENTED))
def test_a_number_that_is_too_high_lets_visitors_invent_their_address(
    ask: Callable[[Change], list[str]], how: Change
) -> None:
    fault = ask(how)[0]

    assert "PETITION_TRUSTED_PROXIES is too high" in fault
    assert "invent" in fault


@pytest.mark.parametrize("how", _pairs(ALIKE))
def test_a_number_that_is_too_high_for_a_strict_proxy_gives_all_visitors_one_address(
    ask: Callable[[Change], list[str]], how: Change
) -> None:
    (fault,) = ask(how)

    assert "PETITION_TRUSTED_PROXIES is too high" in fault
    assert "all visitors have the address" in fault


@pytest.mark.settings(trusted_proxies=1)
def test_a_proxy_must_say_the_scheme(ask: Callable[[Change], list[str]]) -> None:
    (fault,) = ask(forgets_the_scheme)

    assert "X-Forwarded-Proto" in fault


@pytest.mark.settings(trusted_proxies=2)
def test_the_nearest_of_several_proxies_knows_the_scheme(app: Flask) -> None:
    headers = {"X-Forwarded-For": "198.51.100.20, 192.0.2.44", "X-Forwarded-Proto": "https"}

    assert "Strict-Transport-Security" in app.test_client().get("/healthz", headers=headers).headers


def test_a_site_with_another_key_does_not_know_the_doctor(
    ask: Callable[[Change], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "make", lambda purpose, number: "1.made.elsewhere")

    (fault,) = ask(nothing)

    assert "does not know this doctor" in fault


@pytest.mark.parametrize("token", ["", "1.2.3", "old"])
def test_nobody_else_is_told_what_arrived(app: Flask, stopped_clock: StoppedClock, token: str) -> None:
    known = tokens.make("doctor", 0)
    stopped_clock.tick(seconds=61)
    answer = app.test_client().get("/readyz", headers={"Petition-Doctor": known if token == "old" else token})

    assert answer.status_code == 200
    assert answer.json
    assert set(answer.json) == {"status", "revision", "needed"}


def test_a_site_that_does_not_answer_is_said_beside_the_faults(
    settings: Settings, session: Session, live: Running
) -> None:
    there = live.command("doctor")
    live.environment["PETITION_BASE_URL"] = f"http://127.0.0.1:{free_port()}"
    away = live.command("doctor")

    assert "proxy" not in there.stdout + there.stderr
    assert "proxy" not in away.stdout
    assert "proxy: not checked" in away.stderr
