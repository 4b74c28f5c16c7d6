"""The nginx of the examples in front of the platform: what it keeps, what it never keeps, and what it passes on."""

import http.client
import json
import re
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from petition.lib import tokens
from tests import factories, organisers
from tests.deploy.nginx import PROGRAM, ask, nginx, written
from tests.servers import Running, free_port

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="THE EXAMPLES OF NGINX ARE NOT TESTED: it is not installed")


@pytest.mark.parametrize("name", ["site.conf", "compose.conf"])
def test_nginx_understands_its_example(tmp_path: Path, name: str) -> None:
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=petition.example"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    main = written(tmp_path, name, **{"/etc/letsencrypt/live/petition.example": str(tmp_path)})

    checked = subprocess.run(nginx(main, "-t"), capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


@pytest.fixture
def dialect() -> str:
    """Run these on SQLite: a proxy does not know what is behind the platform."""
    return "sqlite"


def test_pages_are_kept_for_a_moment_with_their_headers_and_pages_with_a_token_never(
    site: Running, session: Session
) -> None:
    signature = factories.confirm(session, factories.make_call(session))
    path = "/en/calls/open-culture"
    ask(site, path)

    kept = [ask(site, path) for _time in range(20)]
    mine = [ask(site, f"/en/me/{tokens.make('me', signature.id)}") for _time in range(2)]

    assert {answer.status for answer in kept} == {200}
    assert "HIT" in {answer.headers["X-Cache"] for answer in kept}
    assert all(answer.headers["Cache-Control"].startswith("public, max-age=1,") for answer in kept)
    assert all(answer.headers["ETag"] and answer.headers["Content-Security-Policy"] for answer in kept)
    assert {answer.headers["X-Cache"] for answer in mine} == {"BYPASS"}
    assert {(answer.status, answer.headers["Cache-Control"]) for answer in mine} == {(200, "no-store")}
    log = (site.log.parent / "nginx" / "petition.log").read_text()
    assert tokens.make("me", signature.id)[:12] not in log
    assert "/en/me/..." in log


@pytest.mark.parametrize(
    "path",
    [
        "/en/me/{token}",
        "/en/partner/{token}",
        "/EN/Me/{token}",
        "/me/{token}",
        "/en/%6De/{token}",
        "//en///confirm/{token}",
        "/en/calls/../unsubscribe/{token}",
        "/en/nowhere/{token}?token={token}",
        "/{token}",
    ],
)
def test_no_log_of_nginx_holds_a_token_or_an_address_even_when_the_platform_is_dead(
    served: tuple[Running, ExitStack], path: str
) -> None:
    site, platform = served
    token = tokens.make("me", 1)
    ask(site, path.format(token=token))

    platform.close()

    assert ask(site, path.format(token=token)).status == 502
    # A line is written when the answer is out already.
    deadline = time.monotonic() + 5
    while " 502 " not in (site.log.parent / "nginx" / "petition.log").read_text().splitlines()[-1]:
        assert time.monotonic() < deadline
    logs = {file.name: file.read_text() for file in (site.log.parent / "nginx").glob("*.log")}
    assert not [name for name, text in logs.items() if token[:12] in text or token[-12:] in text]
    assert not [name for name, text in logs.items() if "client:" in text]


def test_the_redirect_to_https_notes_no_token_and_no_address(tmp_path: Path) -> None:
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=petition.example"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    port, token = free_port(), tokens.make("me", 1)
    changes = {
        "/etc/letsencrypt/live/petition.example": str(tmp_path),
        "listen [::]:80;": "",
        "listen [::]:443 ssl;": "",
    }
    changes |= {"listen 80;": f"listen 127.0.0.1:{port};", "listen 443 ssl;": f"listen 127.0.0.1:{free_port()} ssl;"}
    main = written(tmp_path, "site.conf", **changes)
    running = Running(f"http://127.0.0.1:{port}", {}, tmp_path / "site.log")
    started = subprocess.Popen(nginx(main))
    try:
        for _attempt in range(100):
            with suppress(OSError):
                answer = ask(running, f"/en/%6De/{token}?a=b", Host="mallory.example")
                break
            time.sleep(0.05)
    finally:
        started.terminate()
        started.wait()

    assert answer.status == 301
    assert answer.headers["Location"] == f"https://petition.example/en/%6De/{token}?a=b"
    assert "mallory" not in answer.text
    log = (tmp_path / "petition.log").read_text()
    assert "/en/me/..." in log
    assert token[:12] not in log + (tmp_path / "petition-error.log").read_text()
    assert "127.0.0.1" not in log


def test_one_client_cannot_take_all_connections(site: Running) -> None:
    host, port = site.url.removeprefix("http://").split(":")
    form = b"POST /en/my-signatures HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nemail=half"
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(socket.create_connection((host, int(port)), timeout=10)).sendall(form)
        time.sleep(0.5)

        assert ask(site, "/healthz").status == 429
        other = http.client.HTTPConnection(host, int(port), timeout=10, source_address=("127.0.0.2", 0))
        other.request("POST", "/en/my-signatures", "email=a", {"Content-Type": "application/x-www-form-urlencoded"})
        assert other.getresponse().status == 422
        other.close()


def test_a_body_in_chunks_has_a_length_when_nginx_hands_it_on(site: Running) -> None:
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=20)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/en/my-signatures", iter([b"email", b"=a"]), headers, encode_chunked=True)

    assert connection.getresponse().status == 422
    connection.close()


def test_a_page_is_sent_small_to_who_can_read_it_so(site: Running, session: Session) -> None:
    factories.make_call(session)

    plain = ask(site, "/en/calls/open-culture")
    small = ask(site, "/en/calls/open-culture", Accept_Encoding="gzip")

    assert plain.headers["Content-Encoding"] is None
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]


def test_nobody_can_invent_an_address_or_read_the_metrics_through_nginx(site: Running) -> None:
    assert ask(site, "/metrics").status == 404
    assert ask(site, "/metrics", X_Forwarded_For="127.0.0.1", Forwarded="for=127.0.0.1").status == 404
    seen = json.loads(
        ask(site, "/readyz", X_Forwarded_For="203.0.113.9", Petition_Doctor=tokens.make("doctor", 0)).text
    )["seen"]
    assert seen == {"scheme": "http", "forwarded_for": ["127.0.0.1"], "trusted_proxies": 1}
    doctor = site.command("doctor")
    assert "proxy" not in doctor.stdout + doctor.stderr


def test_when_to_come_back_is_passed_on_and_what_is_too_large_is_refused(site: Running, session: Session) -> None:
    factories.make_call(session)
    form = re.findall(r'name="token"[^>]*value="([^"]+)"', ask(site, "/en/my-signatures").text)[0]
    deadline = time.monotonic() + 20
    status = 0
    while status != 429 and time.monotonic() < deadline:
        answer = ask(site, "/en/my-signatures", "POST", f"email=suzie@example.org&token={form}")
        status = answer.status

    assert status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert ask(site, "/en/calls/open-culture/sign", "POST", "a" * 70_000).status == 413


def test_readers_get_the_last_page_while_the_platform_is_away(
    served: tuple[Running, ExitStack], session: Session
) -> None:
    site, platform = served
    factories.make_call(session)
    there = ask(site, "/en/calls/open-culture")

    platform.close()

    away = ask(site, "/en/calls/open-culture")
    assert (away.status, away.text) == (200, there.text)
    assert ask(site, "/en/calls/unknown").status == 502


def test_the_pictures_of_organisers_come_through_and_those_of_strangers_do_not(site: Running, session: Session) -> None:
    organisers.check_long_bodies(site, session)
    assert ask(site, "/organise/calls/1/edit", "POST", "a" * 100_000).status == 413
    assert ask(site, "/organise/calls/1/picture", "POST", "a" * 12_000_000).status == 413
