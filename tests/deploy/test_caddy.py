"""The Caddyfile of the examples in front of the platform: it takes a form in whole, and notes nothing about people."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from petition.lib import tokens
from tests import organisers
from tests.servers import SECRET, Running, environment, free_port, process, wait_for

CADDYFILE = Path(__file__).parent.parent.parent / "deploy" / "Caddyfile"
PROGRAM = shutil.which("caddy")

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="THE EXAMPLE OF CADDY IS NOT TESTED: it is not installed")


def written(folder: Path, port: int, inner: int) -> Path:
    """Write the example so that it works without TLS, and for versions that call the buffer by its old name."""
    text = CADDYFILE.read_text().replace("petition.example {", f"http://127.0.0.1:{port} {{")
    text = text.replace("127.0.0.1:8001 127.0.0.1:8002", f"127.0.0.1:{inner}")
    text = text.replace("{\n\tlog default", "{\n\tadmin off\n\tauto_https off\n\tlog default", 1)
    version = subprocess.run([str(PROGRAM), "version"], capture_output=True, text=True, check=True).stdout
    if tuple(int(part) for part in re.findall(r"[0-9]+", version)[:3]) < (2, 6, 4):
        text = re.sub("request_buffers (.+)", r"buffer_requests\n\t\t\tmax_buffer_size \1", text)
    (folder / "Caddyfile").write_text(text)
    return folder / "Caddyfile"


@pytest.fixture
def dialect() -> str:
    """Run these on SQLite: a proxy does not know what is behind the platform."""
    return "sqlite"


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Iterator[tuple[Running, ExitStack]]:
    """Run the platform behind Caddy; ``.url`` is Caddy's; the stack ends the platform."""
    port, inner = free_port(), free_port()
    file = written(tmp_path, port, inner)
    settings = {"DATABASE_URL": database_url, "BASE_URL": f"http://127.0.0.1:{port}", "SECRET_KEY": SECRET}
    settings |= {"MAIL_DEFAULT_SENDER": "petition@petition.example", "TRUSTED_PROXIES": "1"}
    running = Running(f"http://127.0.0.1:{port}", environment(tmp_path, **settings), tmp_path / "site.log")
    home = os.environ | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with ExitStack() as proxy, ExitStack() as platform, (tmp_path / "caddy.log").open("w") as log:
        command = [str(PROGRAM), "run", "--config", str(file), "--adapter", "caddyfile"]
        started = subprocess.Popen(command, env=home, stdout=log, stderr=log)
        proxy.callback(started.wait)
        proxy.callback(started.terminate)
        platform.enter_context(process(running, "serve", "--port", str(inner), "--workers", "1"))
        wait_for(running)
        yield running, platform


def test_half_sent_forms_never_reach_the_platform(served: tuple[Running, ExitStack]) -> None:
    site, _platform = served
    host, port = site.url.removeprefix("http://").split(":")
    form = b"POST /en/my-signatures HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n\r\nemail=half"
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection((host, int(port)), timeout=10)).sendall(form)
        began = time.monotonic()
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/en/my-signatures", "email=a", headers)

        assert connection.getresponse().status == 422
        assert time.monotonic() - began < 5
        connection.close()


def test_caddy_notes_no_token_and_no_address_even_when_the_platform_is_dead(
    served: tuple[Running, ExitStack],
) -> None:
    site, platform = served
    host, port = site.url.removeprefix("http://").split(":")
    token = tokens.make("me", 1)

    platform.close()

    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    connection.request("GET", f"/en/me/{token}")
    assert connection.getresponse().status == 502
    connection.close()
    log = (site.log.parent / "caddy.log").read_text()
    assert token[:12] not in log
    assert "remote_ip" not in log


def test_the_pictures_of_organisers_come_through_and_those_of_strangers_do_not(
    served: tuple[Running, ExitStack], session: Session
) -> None:
    site, _platform = served
    organisers.check_long_bodies(site, session)
