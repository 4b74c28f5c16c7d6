"""Sites of other people for the tests: each a server of its own, on a port and under a host name of its own."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import NamedTuple, Self


class Answer(NamedTuple):
    """What a site says at one path."""

    body: str | bytes = ""
    status: int = 200
    headers: Mapping[str, str] = {}
    type: str = "text/html; charset=utf-8"


class PartnerSite:
    """A site on loopback that shows this page at every path but those in ``answers``.

    ``url`` is its address without a slash at the end; ``asked`` are the requests so far, as (path, headers). Chromium
    finds every host below ``localhost`` on this machine, and each is a site of its own, with cookies of its own. The
    keys of ``answers`` are paths with their query; they may change. Who asks for a path in ``slow`` gets no answer.
    """

    def __init__(
        self, html: str = "", headers: Mapping[str, str] | None = None, host: str = "museum.localhost"
    ) -> None:
        self.html, self.headers, self.host = html, headers or {}, host
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._ended, self._news = Event(), Condition()
        self.slow: set[str] = set()

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://{self.host}:{self._server.server_port}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def requests_of(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(asked == path for asked, _headers in self.asked)

    def wait_for(self, path: str, times: int) -> None:
        """Return once a path was asked for so often; raises TimeoutError after ten seconds."""
        with self._news:
            if not self._news.wait_for(lambda: self.requests_of(path) >= times, timeout=10):
                raise TimeoutError(f"{path} was asked for {self.requests_of(path)} times, not {times}")

    def _answer(self, path: str) -> Answer:
        return self.answers.get(path) or Answer(self.html)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            """Answers GET."""

            def do_GET(self) -> None:
                with site._news:
                    site.asked.append((self.path, dict(self.headers)))
                    site._news.notify_all()
                if self.path == "/favicon.ico":
                    self.send_error(404)
                    return
                if self.path in site.slow:
                    site._ended.wait(60)
                    return
                answer = site._answer(self.path)
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                self.send_response(answer.status)
                for name, value in {"Content-Type": answer.type, **site.headers, **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        return Handler
