"""What people type and paste is repaired where its meaning is clear, and never lost."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.models import Call
from tests.conftest import StoppedClock
from tests.factories import signatures, text_told
from tests.visitor import FORM, form_token, sign

PATH = "/en/calls/open-culture"
PROXY = {"Origin": "https://example-org.translate.goog", "Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("\u200fAda\tLovelace\ufeff", "Ada Lovelace"),
        ("Ada\r\nLovelace", "Ada Lovelace"),
        ("A\u00adda\u200b", "Ada"),
        ("نرگس\u200cخاتون", "نرگس\u200cخاتون"),
        ("Priya Sharma, B.Com", "Priya Sharma, B.Com"),
        ("Ada 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", None),
    ],
)
def test_a_pasted_name_is_repaired(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock, typed: str, name: str | None
) -> None:
    assert sign(client, stopped_clock, name=typed).status_code == 303
    assert [signature.name for signature in signatures(session)] == [name or typed]


@pytest.mark.parametrize("name", ["\u3164", "\u115f\u1160", "\uffa0", "\u2800", "\u200b\u200d", "\u00ad\ufeff", "🇺🇦"])
def test_a_name_that_nobody_can_read_is_refused(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock, name: str
) -> None:
    assert "at least one letter" in sign(client, stopped_clock, name=name).text
    assert signatures(session) == []


@pytest.mark.parametrize("name", ["ada@uni-site.de", "Ada ada@example.org", "Suzie\r\nBcc: all@example.org"])
def test_a_name_with_an_email_address_is_refused(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock, name: str
) -> None:
    assert "leave e-mail addresses out" in sign(client, stopped_clock, name=name).text
    assert signatures(session) == []


@pytest.mark.parametrize(
    "typed",
    [
        "mailto:suzie@example.org",
        "MAILTO:suzie@example.org?subject=x",
        "<suzie@example.org>",
        "Suzie Signer <suzie@example.org>",
        "suzie@example.org.",
        "suzie@example.org,",
        "\u200fsuzie@example.org\u00a0",
        "suzie@exam\u00adple.org",
        "\ufeffsuzie@example.org\t",
    ],
)
def test_a_pasted_address_is_repaired(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock, typed: str
) -> None:
    assert sign(client, stopped_clock, email=typed).status_code == 303
    assert [signature.email for signature in signatures(session)] == ["suzie@example.org"]


@pytest.mark.parametrize("typed", ["a@example.org, b@example.org", "<a@example.org> <b@example.org>", "<>", "mailto:"])
def test_what_is_no_single_address_is_asked_for_again(
    client: FlaskClient, call: Call, stopped_clock: StoppedClock, typed: str
) -> None:
    assert "should look like name@example.org" in sign(client, stopped_clock, email=typed).text


@pytest.mark.parametrize(
    "story",
    [
        "Für alle 🇪🇺🫩",
        "\u200fשלום\u200f ok",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\U000323b0",
    ],
)
def test_new_emoji_flags_and_directions_stand_in_reasons(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock, story: str
) -> None:
    assert sign(client, stopped_clock, story=story).status_code == 303
    assert [text_told(signature) for signature in signatures(session)] == [story.lstrip("\u200f")]


@pytest.mark.parametrize("story", ["\ufffe", "a\U0010ffff", "\ufdd0", "a\U000e0061b", "a\x85b"])
def test_noncharacters_and_hidden_text_do_not(
    client: FlaskClient, call: Call, stopped_clock: StoppedClock, story: str
) -> None:
    assert "cannot be shown" in sign(client, stopped_clock, story=f"x{story}x").text


PART = "--x\r\nContent-Disposition: form-data; name=name\r\n\r\nZoë\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"name=Zo%EB"),
        ("application/x-www-form-urlencoded", b"name=Zo\xeb"),
        ("application/x-www-form-urlencoded; charset=iso-8859-1", b"name=Zo%EB"),
        ("application/x-www-form-urlencoded", b"na%EBme=x"),
        ("multipart/form-data; boundary=x", PART.encode("latin-1")),
    ],
)
def test_a_body_in_latin_1_is_refused_with_a_sentence(
    client: FlaskClient, call: Call, session: Session, kind: str, body: bytes
) -> None:
    for headers in ({}, PROXY):
        answer = client.post(f"{PATH}/sign", data=body, content_type=kind, headers=headers)

        assert answer.status_code == 403 if headers else 400
        assert headers or "UTF-8" in answer.text
    assert signatures(session) == []


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_text_in_utf_8_is_taken_whatever_it_says(
    client: FlaskClient, call: Call, session: Session, token: str, kind: str
) -> None:
    fields = FORM | {"token": token, "name": "Zoë", "story": "100 % \ufffd ok"}

    assert client.post(f"{PATH}/sign", data=fields, content_type=kind).status_code == 303
    assert [(signature.name, text_told(signature)) for signature in signatures(session)] == [("Zoë", "100 % \ufffd ok")]


@pytest.mark.parametrize("first", [{"name": ""}, {"email": "suzie"}, {"token": "forged"}, {"website": "x"}])
def test_a_form_refused_once_may_be_pressed_at_once(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock, first: dict[str, str]
) -> None:
    refused = sign(client, stopped_clock, **first)

    again = client.post(f"{PATH}/sign", data=FORM | {"token": form_token(refused)})

    assert (refused.status_code, again.status_code) == (422, 303)


def test_a_form_that_came_too_fast_or_too_late_may_be_pressed_at_once(
    client: FlaskClient, call: Call, stopped_clock: StoppedClock
) -> None:
    token = form_token(client.get(PATH))
    fast = client.post(f"{PATH}/sign", data=FORM | {"token": token})
    stopped_clock.tick(hours=13)
    late = client.post(f"{PATH}/sign", data=FORM | {"token": token})

    assert "very fast" in fast.text
    assert "long time" in late.text
    assert client.post(f"{PATH}/sign", data=FORM | {"token": form_token(late)}).status_code == 303


def test_the_token_of_a_refused_form_ends_and_is_good_for_that_form_only(
    client: FlaskClient, call: Call, stopped_clock: StoppedClock
) -> None:
    token = form_token(client.post(f"{PATH}/sign", data=FORM))

    assert client.post("/en/my-signatures", data={"email": FORM["email"], "token": token}).status_code == 422
    stopped_clock.tick(hours=12, seconds=1)
    assert "long time" in client.post(f"{PATH}/sign", data=FORM | {"token": token}).text


def test_the_trap_for_programs_stays_shut_for_a_form_that_was_refused(
    client: FlaskClient, call: Call, session: Session
) -> None:
    token = form_token(client.post(f"{PATH}/sign", data=FORM))

    assert client.post(f"{PATH}/sign", data=FORM | {"token": token, "website": "x"}).status_code == 422
    assert "very fast" in client.post(f"{PATH}/sign", data=FORM | {"token": form_token(client.get(PATH))}).text
    assert signatures(session) == []


def test_people_who_come_through_a_translation_proxy_keep_what_they_typed(
    client: FlaskClient, call: Call, session: Session, token: str
) -> None:
    fields = FORM | {"token": token, "name": "Zoë <b>", "story": "My reason.", "show_name": "y"}

    page = client.post(f"{PATH}/sign?partner=ally", data=fields, headers=PROXY)

    main = page.text.partition("<main")[2].partition("</main")[0]
    assert page.status_code == 403
    assert 'action="http://localhost/en/calls/open-culture/sign?partner=ally"' in main
    assert "form-action 'self' https:" in page.headers["Content-Security-Policy"]
    for shown in ("<bdi>Zoë &lt;b&gt;</bdi>", "<bdi>suzie@example.org</bdi>", "<bdi>My reason.</bdi>"):
        assert shown in main
    assert signatures(session) == []
    typed = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', main)}
    assert typed == fields
    assert client.post(f"{PATH}/sign", data=typed, headers={"Origin": "http://localhost"}).status_code == 303


def test_what_a_secret_link_can_do_is_never_offered_to_another_origin(client: FlaskClient, call: Call) -> None:
    for path in ("/en/me/1.a.b/withdraw", "/en/confirm/1.a.b", "/en/not-me/1.a.b", "/en/share/mastodon"):
        page = client.post(path, data={"name": "x"}, headers=PROXY)

        assert page.status_code == 403
        assert "<form" not in page.text.partition("<main")[2]
