"""The reference of all figures about Flask: a view that says hello, served as ``petition serve`` serves."""

import sys

from flask import Flask
from granian.constants import Interfaces
from granian.server import Server

from petition.http import request_body

app = Flask(__name__)


@app.route("/", methods=["GET", "POST"])
def hello() -> str:
    """Say hello."""
    return "hello"


if __name__ == "__main__":
    Server(
        "bench.hello:app",
        interface=Interfaces.WSGI,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        workers=2,
        blocking_threads=request_body.threads(is_behind_proxy=False),
        backlog=1024,
        log_access=False,
        websockets=False,
    ).serve()
