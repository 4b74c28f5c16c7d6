"""A visitor without JavaScript: reads pages, fills forms, follows links."""

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import StoppedClock

FORM = {"name": "Suzie Signer", "email": "suzie@example.org", "country": "NL", "story": "", "consent": "y"}


def form_token(page: TestResponse) -> str:
    """Return the hidden token of the page's form."""
    found = re.search(r'name="token"[^>]*value="([^"]+)"', page.text)
    assert found, "the page has no form token"
    return unescape(found[1])


def press(client: FlaskClient, link: str, page: TestResponse | None = None) -> TestResponse:
    """Press the button of a confirmation page, which names the words that it shows."""
    found = re.search(r'name="version" value="([^"]*)"', (page or client.get(link)).text)
    return client.post(link, data={"version": found[1] if found else ""})


def sign(
    client: FlaskClient, clock: StoppedClock, path: str = "/en/calls/open-culture", **changes: Any
) -> TestResponse:
    """Fill the form of a call as Suzie would, and send it three seconds later; a field set to None is left out."""
    token = form_token(client.get(path))
    clock.tick(seconds=3)
    fields = FORM | {"token": token} | changes
    return client.post(f"{path}/sign", data={name: value for name, value in fields.items() if value is not None})
