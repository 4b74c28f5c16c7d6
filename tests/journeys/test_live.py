"""The same story against the platform as in production: web and worker apart, a real database, a real mail server."""

import re
import time
import urllib.error
import urllib.parse
import urllib.request
from email.message import EmailMessage
from http.client import HTTPResponse

import pytest
from sqlalchemy.orm import Session

from tests import factories
from tests.servers import MailServer, Running
from tests.visitor import FORM

CALL = "/en/calls/open-culture"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def ask(url: str, method: str = "GET", **fields: str) -> tuple[int, str, str]:
    """Return the status, the place to go next and the text of an answer."""
    data = urllib.parse.urlencode(fields).encode() if method == "POST" else None
    request = urllib.request.Request(url, data=data, method=method)
    try:
        answer: HTTPResponse | urllib.error.HTTPError = _opener.open(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return int(answer.status or 0), answer.headers.get("Location", ""), answer.read().decode()


def press(link: str) -> tuple[int, str, str]:
    """Press the button of a confirmation page, which names the words that it shows."""
    (version,) = re.findall(r'<input type="hidden" name="version" value="([^"]*)"', ask(link)[2])[:1] or ("",)
    return ask(link, "POST", version=version)


def sign(live: Running, **changes: str) -> None:
    """Sign as soon as the form allows."""
    token = re.findall(r'name="token"[^>]*value="([^"]+)"', ask(live.url + CALL)[2])[0]
    deadline = time.monotonic() + 10
    status = 0
    while status != 303 and time.monotonic() < deadline:
        status = ask(f"{live.url}{CALL}/sign", "POST", **FORM | {"token": token} | changes)[0]
    assert status == 303


def letters(smtp: MailServer, number: int) -> list[EmailMessage]:
    """Return the letters once so many have arrived."""
    deadline = time.monotonic() + 20
    while len(smtp.messages) < number and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(smtp.messages) == number
    return [message for _sender, _recipients, message in smtp.messages]


def links(letter: EmailMessage) -> list[str]:
    """Return the addresses in the plain part of a letter."""
    body = letter.get_body(("plain",))
    assert body
    return re.findall(r"https?://\S+", body.get_content())


def shows(live: Running, total: int) -> bool:
    """Whether the published total is so much within the two seconds it may be behind."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        if f'"total":{total},' in ask(f"{live.url}/counters/open-culture.json")[2]:
            return True
    return False


@pytest.fixture
def call(live: Running, session: Session) -> None:
    factories.make_call(session)


def test_sign_confirm_share_and_withdraw_over_http_and_smtp(live: Running, smtp: MailServer, call: None) -> None:
    sign(live)
    (letter,) = letters(smtp, 1)
    (confirm,) = [link for link in links(letter) if "/confirm/" in link]

    status, me, _text = press(confirm)

    assert status == 303
    assert shows(live, 1)
    assert ask(live.url + me)[0] == 200
    assert ask(f"{live.url}{me}/withdraw", "POST")[0] == 303
    assert shows(live, 0)
    recount = live.command("recount")
    assert recount.returncode == 0, recount.stdout + recount.stderr


def test_a_mail_scanner_that_follows_every_link_of_every_letter_changes_nothing(
    live: Running, smtp: MailServer, call: None
) -> None:
    sign(live)
    sign(live, email="ann@example.org")
    first, second = letters(smtp, 2)
    press(next(link for link in links(second) if "/confirm/" in link))
    sign(live, email=str(second["To"]))
    third = letters(smtp, 3)[2]

    statuses = {
        ask(link, method)[0]
        for letter in (first, second, third)
        for link in links(letter)
        for method in ("HEAD", "GET")
    }

    assert statuses == {200}
    assert shows(live, 1)
    assert press(next(link for link in links(first) if "/confirm/" in link))[0] == 303
    assert shows(live, 2)


def test_no_log_line_holds_an_address_a_name_or_a_token(live: Running, smtp: MailServer, call: None) -> None:
    sign(live)
    (letter,) = letters(smtp, 1)
    (confirm,) = [link for link in links(letter) if "/confirm/" in link]
    ask(confirm)
    press(confirm)
    ask(confirm + "x")

    log = live.log.read_text()

    assert log
    for secret in ("suzie", "Suzie", "example.org", confirm.rpartition("/")[2]):
        assert secret not in log
