"""What was removed is gone within two seconds from two processes and from the nginx of the examples before them."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy import removable_site
from tests.deploy.nginx import PROGRAM, nginx, written
from tests.servers import free_port

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="THE EXAMPLES OF NGINX ARE NOT TESTED: it is not installed")

ROOT = Path(__file__).parent.parent.parent


class Site:
    """Two processes that show what stands in ``text``, and nginx before them."""

    def __init__(self, folder: Path) -> None:
        self.text = folder / "text"
        self.text.write_text("a story")
        self.ports = [free_port() for _process in range(2)]
        self.proxy = free_port()
        self.processes: list[subprocess.Popen[bytes]] = []

    def statuses(self, path: str) -> set[int]:
        """Ask both processes and nginx once each; 0 stands for nobody there."""
        return {self.status(path, port) for port in (*self.ports, self.proxy)}

    def status(self, path: str, port: int | None = None) -> int:
        """Ask nginx, or the process of a port."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.proxy, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def seconds_until(self, path: str, *expected: int) -> float:
        """Return after how many seconds all answer as expected, and make sure that they go on to."""
        began = time.monotonic()
        while self.statuses(path) != set(expected):
            assert time.monotonic() < began + 20, self.statuses(path)
            time.sleep(0.02)
        seconds = time.monotonic() - began
        assert all(self.statuses(path) == set(expected) for _time in range(20))
        return seconds


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    servers = "".join(f"server 127.0.0.1:{port} max_fails=0; " for port in site.ports)
    folder = tmp_path / "nginx"
    folder.mkdir()
    changes = {"listen 8080": f"listen 127.0.0.1:{site.proxy}", "web:8000": "both"}
    main = written(folder, "compose.conf", **changes, **{"server {": f"upstream both {{ {servers}}}\nserver {{"})
    programs = [[sys.executable, removable_site.__file__, str(port), str(site.text)] for port in site.ports]
    with ExitStack() as stack, (tmp_path / "log").open("wb") as log:
        for command in [*programs, nginx(main)]:
            started = subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=log, stderr=log)
            stack.callback(started.wait)
            stack.callback(started.terminate)
            site.processes.append(started)
        site.seconds_until("/prompt", 200)
        site.seconds_until("/usual", 200)
        yield site


def test_what_was_removed_is_gone_within_two_seconds_everywhere(site: Site) -> None:
    site.text.unlink()

    assert site.seconds_until("/prompt", 404) < 2
    # A second in the process, up to two in nginx, which counts whole ones, and one while nginx fetches the new page.
    assert site.seconds_until("/usual", 404) < 4


def test_a_site_that_fails_shows_nothing_that_may_have_been_removed(site: Site) -> None:
    site.text.write_text("")

    assert site.seconds_until("/prompt", 503) < 2
    assert site.statuses("/usual") == {200}


def test_nginx_keeps_of_a_site_that_is_away_what_it_may_and_no_more(site: Site) -> None:
    for process in site.processes[:2]:
        process.terminate()
        process.wait()

    assert site.status("/prompt") == 502
    assert site.status("/usual") == 200


def test_readers_of_what_nobody_may_keep_do_not_wait_for_each_other(site: Site) -> None:
    with ThreadPoolExecutor(2 * removable_site.TOGETHER) as readers:
        statuses = readers.map(site.status, ["/together"] * 2 * removable_site.TOGETHER)

    assert set(statuses) == {200}
