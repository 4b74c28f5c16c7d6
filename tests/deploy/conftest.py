"""Fixtures that run the platform behind a proxy."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.nginx import nginx, written
from tests.servers import SECRET, Running, environment, free_port, process, wait_for


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Iterator[tuple[Running, ExitStack]]:
    """Run the platform behind the nginx of compose.yaml; ``.url`` is that of nginx; the stack ends the platform."""
    port, inner = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    folder = tmp_path / "nginx"
    folder.mkdir()
    main = written(
        folder, "compose.conf", **{"listen 8080": f"listen 127.0.0.1:{port}", "web:8000": f"127.0.0.1:{inner}"}
    )
    running = Running(
        url=url,
        environment=environment(
            tmp_path,
            DATABASE_URL=database_url,
            BASE_URL=url,
            SECRET_KEY=SECRET,
            MAIL_DEFAULT_SENDER="petition@petition.example",
            TRUSTED_PROXIES="1",
        ),
        log=tmp_path / "site.log",
    )
    with ExitStack() as proxy, ExitStack() as platform:
        started = subprocess.Popen(nginx(main))
        proxy.callback(started.wait)
        proxy.callback(started.terminate)
        platform.enter_context(process(running, "serve", "--port", str(inner), "--workers", "1"))
        wait_for(running)
        yield running, platform


@pytest.fixture
def site(served: tuple[Running, ExitStack]) -> Running:
    """Give the platform behind nginx."""
    return served[0]
