"""A site of one page, cached as the platform's pages are: a program that takes a port and the file with the text.

Without the file the page is gone; an empty one is a site that fails.
"""

import sys
from pathlib import Path
from threading import Barrier, BrokenBarrierError

from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from petition.http.cacheable import cacheable
from petition.http.page_cache import PageCache

# So many readers of /together must be there at once.
TOGETHER = 4


def make_app(text: Path) -> Flask:
    """Return the site: /prompt is sent past its time by nobody, /usual while the site fails."""
    app, everybody = Flask(__name__, static_folder=None), Barrier(TOGETHER)

    def page() -> ResponseReturnValue:
        try:
            return text.read_text() or ("", 503)
        except FileNotFoundError:
            return "", 404

    def together() -> ResponseReturnValue:
        try:
            everybody.wait(3)
        except BrokenBarrierError:
            return "", 503
        return "", {"Cache-Control": "no-store"}

    app.add_url_rule("/prompt", "prompt", cacheable(ttl=1.0, stale_if_error=0)(page))
    app.add_url_rule("/usual", "usual", cacheable(ttl=1.0)(page))
    app.add_url_rule("/together", "together", together)
    return app


if __name__ == "__main__":
    site = PageCache(make_app(Path(sys.argv[2])), "http://localhost")
    make_server("127.0.0.1", int(sys.argv[1]), site, threaded=True).serve_forever()
