"""Links survive mail programs and paper; what cannot be mended says so."""

import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.domain import supporters
from petition.lib import tokens
from petition.models import Call, CallState
from tests import factories

CALL = "/en/calls/open-culture"

ENDS = [
    *".,;:!?)]>'\"’”»*",
    ").",
    ">,",
    '"&gt;',
    "&amp;utm_source=x",
    "&quot;",
    "%20",
    "%20and%20more",
    "%C2%A0",
    "%E2%80%8B",
    "%0A",
    "%0D%0A",
    "%3Futm_source=x",
    "%23sign",
    "/",
    "//",
    "/.",
    "=",
    "%3D%0D%0A",
    "%3E%20wrote",
]


@pytest.fixture
def link(call: Call, session: Session) -> str:
    return f"/en/me/{tokens.make('me', factories.confirm(session, call).id)}"


@pytest.mark.parametrize("end", ENDS)
def test_what_stands_behind_an_address_is_left_out(client: FlaskClient, link: str, end: str) -> None:
    for path in (CALL, "/c/open-culture", link, "/en/my-signatures", "/en/"):
        answer = client.get(path + end.replace("?", "%3F"))

        assert answer.status_code in {302, 308}, path
        led = client.get(answer.location, follow_redirects=True)
        assert led.status_code == 200, path
        assert led.request.path in {path, CALL}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/calls/open-culture", "/fr/calls/open-culture"),
        ("/calls/Open-Culture).", "/fr/calls/open-culture"),
        ("/EN/Calls/Open-Culture", CALL),
        ("/en/calls/OPEN-CULTURE?partner=a", f"{CALL}?partner=a"),
        ("/C/open-culture,?via=qr", "/c/open-culture?via=qr"),
        ("/en//calls//open-culture.", CALL),
        ("/en/calls/open-culture=2E", CALL),
        ("/en/calls/open=2Dculture", CALL),
        ("/privacy", "/fr/privacy"),
        ("/en.", "/en"),
    ],
)
def test_case_doubled_slashes_and_a_missing_language_are_mended(
    client: FlaskClient, call: Call, path: str, place: str
) -> None:
    answer = client.get(path, headers={"Accept-Language": "fr"})

    assert (answer.status_code, answer.location) == (302, place)
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_token_keeps_its_letters_whatever_is_mended_around_it(client: FlaskClient, link: str) -> None:
    token = link.rpartition("/")[2]
    half = len(token) // 2
    damaged = [
        f"/me/{token}",
        f"/EN/ME/{token})",
        f"/en/me/{token.replace('.', '=2E')}",
        f"/en/me/{token[:half]}=%0D%0A{token[half:]}",
        f"/en/me/{token[:half]}%0A%20%20{token[half:]}",
    ]

    for path in damaged:
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (302, link), path
        assert client.head(path).location == link
    assert client.get(f"{link}?utm_source=x&fbclid=y").status_code == 200


@pytest.mark.parametrize("path", ["/en/me/ABC", "/en/me/=20", "/en/calls/no-such-call", "/en/Nope", "/x" * 300 + "."])
def test_what_means_no_page_of_ours_is_led_nowhere(client: FlaskClient, call: Call, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_form_is_never_led_elsewhere(client: FlaskClient, link: str) -> None:
    assert client.post(f"{CALL}/sign.").status_code in {404, 405}
    assert client.post(f"{link}./withdraw").status_code == 404


@pytest.mark.parametrize("path", ["//evil.example/calls/x.", "/\\evil.example.", "/en/\\evil.example)", "/.", "/%20/x"])
def test_no_damage_leads_to_another_host(client: FlaskClient, call: Call, path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": path})

    place = answer.headers.get("Location", "/")
    assert re.match(r"/(?![/\\])|/\Z", place)
    assert "evil" not in place


def test_a_link_cut_at_any_length_says_so_and_shows_the_way_to_a_new_one(client: FlaskClient, link: str) -> None:
    head, _slash, token = link.rpartition("/")
    for length in range(1, len(token)):
        page = client.get(f"{head}/{token[:length]}", follow_redirects=True)
        assert page.status_code == 404
        assert "This link is incomplete or was used" in page.text
        assert 'href="/en/my-signatures"' in page.text.partition("<main")[2].partition("</main")[0]


@pytest.mark.parametrize("lang", ["en", "fr", "de"])
@pytest.mark.parametrize("page", ["confirm", "me", "not-me"])
def test_an_altered_link_has_a_page_in_its_language(
    client: FlaskClient, call: Call, session: Session, page: str, lang: str
) -> None:
    token = tokens.make(page, factories.sign(session, call).id)
    other = "A" if token[-10] != "A" else "B"

    answers = [
        client.open(f"/{lang}/{page}/{token[:-10]}{other}{token[-9:]}", method=method) for method in ("GET", "POST")
    ]

    for answer in answers[: 1 if page == "me" else 2]:
        assert answer.status_code == 404
        assert f'href="/{lang}/my-signatures"' in answer.text.partition("<main")[2].partition("</main")[0]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_the_link_of_an_erased_signature_says_that_it_was_used(
    client: FlaskClient, call: Call, session: Session
) -> None:
    signature = factories.confirm(session, call)
    links = [f"/en/{page}/{tokens.make(page, signature.id)}" for page in ("confirm", "me")]
    supporters.erase(session, signature)
    session.commit()

    for answer in (
        client.get(links[0]),
        client.post(links[0]),
        client.get(links[1]),
        client.post(f"{links[1]}/withdraw"),
    ):
        assert answer.status_code == 404
        assert "This link is incomplete or was used" in answer.text


@pytest.mark.parametrize(
    ("accepts", "query", "place"),
    [
        ("fr-CA", "", "/fr/calls/open-culture"),
        ("de", "?partner=an-ally&via=qr", "/de/calls/open-culture?partner=an-ally&via=qr"),
        ("it", "?via=x&utm_source=y&next=//evil.example", "/en/calls/open-culture?via=x"),
        ("", "?partner=" + quote("//evil.example") + "&via=A%0D%0AB", "/en/calls/open-culture"),
        ("", "?partner=" + "a" * 81, "/en/calls/open-culture"),
    ],
)
def test_the_short_address_leads_to_the_readers_language(
    client: FlaskClient, call: Call, accepts: str, query: str, place: str
) -> None:
    answer = client.get(f"/c/open-culture{query}", headers={"Accept-Language": accepts})

    assert (answer.status_code, answer.location) == (302, place)
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(("state", "status"), [("draft", 404), ("review", 404), ("removed", 410)])
def test_the_short_address_tells_no_more_than_the_page(
    client: FlaskClient, session: Session, state: str, status: int
) -> None:
    factories.make_call(session, slug="not-shown", state=CallState(state))

    assert client.get("/c/not-shown").status_code == status
    if status == 404:
        assert client.get("/c/not-shown").text == client.get("/c/unknown").text


def test_sharing_codes_and_print_use_the_short_address(client: FlaskClient, call: Call, session: Session) -> None:
    signature = factories.confirm(session, call)
    for path in (CALL, f"/fr/me/{tokens.make('me', signature.id)}"):
        page = client.get(path).text
        shared = re.findall(r'<a class="button is-secondary" href="([^"]+)"[^>]*data-share', page)

        assert len(shared) == 7
        assert all(quote("http://localhost/c/open-culture", safe="") in place for place in shared)
        assert "%0D%0A%0D%0Ahttp" in shared[-1]
    led = client.post("/de/share/mastodon", data={"call": call.slug, "instance": "mastodon.social"}).location
    assert quote("http://localhost/c/open-culture", safe="") in led
