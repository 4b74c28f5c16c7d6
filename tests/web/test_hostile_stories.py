"""Sixty hostile stories: each is kept as it was typed and shown inert everywhere, or refused clearly and not lost."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.domain import moderation
from petition.lib import texts, tokens
from petition.models import CallKind, Decision, Role, Signature, Story
from tests import factories
from tests.conftest import StoppedClock
from tests.organisers import join, make_organiser, make_team, sign_in
from tests.visitor import press, sign

KEPT = {
    "script": "<script>evil()</script>",
    "script in capitals": "<SCRIPT SRC=//evil.example></SCRIPT>",
    "half a script": "<script>evil(",
    "image": "<img src=x onerror=evil()>",
    "drawing": "<svg/onload=evil()>",
    "frame": "<iframe srcdoc='<script>evil()</script>'></iframe>",
    "style": "<style>*{display:none}</style>",
    "base": "<base href=//evil.example>",
    "refresh": '<meta http-equiv="refresh" content="0;url=//evil.example">',
    "out of an attribute": '" onmouseover="evil()" x="',
    "out of a quoted attribute": "' onfocus='evil()' autofocus='",
    "out of a text area": "</textarea><script>evil()</script>",
    "out of a title": "</title><script>evil()</script>",
    "out of JSON-LD": '</script><script>evil()</script>"}',
    "out of a JSON text": '","@type":"Thing","url":"javascript:evil()',
    "comment": "--><script>evil()</script><!--",
    "CDATA": "]]><script>evil()</script><![CDATA[",
    "entities": "&lt;script&gt;evil()&lt;/script&gt; &#x3c;b&#x3e;",
    "template expression": "{{ 7*7 }}{{ config }}",
    "template statement": "{% for x in ().__class__.__mro__ %}{% endfor %}",
    "template comment": "{# evil #}",
    "format": "%(evil)s %s %n {0.__class__}",
    "typst file": '#read("/etc/passwd")',
    "typst import": '#import "/etc/passwd": *',
    "typst end of content": "]#panic()[",
    "typst mathematics": "$ sum_(i=0)^n $ *a* _b_ `c` <label> @ref",
    "typst raw": '```typ #sys.inputs``` "',
    "backslashes": "\\u003cscript\\u003e \\n \\",
    "markdown": "# Title\n\n![x](//evil.example/x.png) [y](javascript:evil()) **bold**",
    "link": "Look at https://evil.example/?a=1&b=2",
    "script link": "javascript:evil()",
    "data link": "data:text/html,<script>evil()</script>",
    "e-mail address": "Write to mallory@evil.example",
    "telephone": "Call +31 20 123 45 67",
    "formula": '=HYPERLINK("//evil.example")',
    "formula with plus": "+1+cmd|' /C calc'!A0",
    "formula with minus": "-2+3+cmd|' /C calc'!A0",
    "formula with at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "comma and quote": '",";",,\'',
    "SQL": "'; drop table story; --",
    "path": "../../../../etc/passwd",
    "shell": "$(reboot) `reboot` | reboot; reboot &",
    "header": "Kept.\r\nX-Evil: 1\r\n\r\nevil",
    "mail header": "Kept.\nBcc: mallory@evil.example\n.\nRSET",
    "right to left": "שלום עולם, مرحبا بالعالم",
    "right to left with markup": "<b>שלום</b> (1) مرحبا",
    "only emoji": "🏛🎻👩‍🎨🏴󠁧󠁢󠁥󠁮󠁧󠁿🇪🇺",
    "new emoji": "🫩\U0001fadf",
    "look-alike letters": "Еurореаnа раураl",
    "wide letters": "ｅｖｉｌ．ｅｘａｍｐｌｅ",
    "a very long word": "Donaudampfschifffahrt" * 70,
    "many lines": "a\n" * 700,
    "pointed Hebrew": "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים",
    "letters beyond the first plane": "𝔈𝔳𝔦𝔩 𐍈 𝕳 𠜎",
    "no letter": "?!…—“”",
}
REFUSED = {
    "NUL": "a\x00b",
    "escape": "a\x1b[31mred",
    "bidi override": "a\u202egpj.exe",
    "bidi isolate": "a\u2066b",
    "zalgo": "z" + "\u0301\u0320\u0489" * 6 + "algo",
    "marks with something between": "z" + "\u0301\u200d" * 9,
    "10,000 combining marks": "e" + "\u0301" * 10_000,
    "hidden tags": "a\U000e0061\U000e0062",
    "private use": "\ue000",
    "noncharacter": "a\uffffb",
    "half a pair": "a\ud800b",
    "nothing but blanks": "\u200b \u2800 \u3164",
}


class Reader(HTMLParser):
    """Gathers what a browser would run or follow."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.wrong: list[object] = []
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in_script = tag == "script" and given.get("type") == "application/ld+json"
        if tag == "script" and not self._in_script and not (given.get("src") or "").startswith("/"):
            self.wrong.append(attrs)
        if tag in {"iframe", "base", "style", "b"} or given.get("http-equiv"):
            self.wrong.append(tag)
        for name, value in attrs:
            leads = name in {"href", "src", "action"} and given.get("rel") != "icon" and (value or "").strip().lower()
            is_foreign = leads and re.match(r"javascript:|data:|(https?:)?//evil", str(leads))
            if name.startswith("on") or (is_foreign and "nofollow" not in (given.get("rel") or "")):
                self.wrong.append((tag, name, value))

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)
            self._in_script = False


def shown(answer: TestResponse, text: str) -> str:
    """Return a page on which a text stands as it was typed, and in which nothing of it does anything."""
    assert answer.status_code == 200
    assert "X-Evil" not in answer.headers
    reader = Reader(answer.text)
    assert reader.wrong == []
    for script in reader.scripts:
        json.loads(script)
    assert text in unescape(answer.text).replace("\r\n", "\n")
    return answer.text


def tell(client: FlaskClient, clock: StoppedClock, text: str, number: int, **changes: str) -> TestResponse:
    fields = {"kind": "dream", "publish": "y", "licence": "cc-by", "credit": "Suzie", "story_language": "nl"}
    fields |= {"story": text, "email": f"s{number}@example.org"}
    data: dict[str, Any] = {n: value.encode("utf-8", "surrogatepass") for n, value in (fields | changes).items()}
    return sign(client, clock, **data)


@pytest.fixture
def bob(client: FlaskClient, session: Session) -> str:
    """Give the address of the queue of a moderator who is signed in; calls of his team are told to."""
    team, person = make_team(session), make_organiser(session, "Bob")
    join(session, team, person, Role.MODERATOR)
    factories.make_call(session, kind=CallKind.DREAM, team=team)
    sign_in(client, session, person)
    return f"/organise/teams/{team.id}/stories"


def test_what_can_be_shown_is_kept_and_inert_wherever_it_stands(
    client: FlaskClient, stopped_clock: StoppedClock, session: Session, bob: str
) -> None:
    for number, (name, typed) in enumerate(KEPT.items()):
        text = texts.paragraphs(typed)[:1500]
        answer = tell(client, stopped_clock, text, number)
        assert answer.status_code == 303, name
        session.rollback()
        signature = session.scalars(select(Signature).order_by(Signature.id.desc()).limit(1)).one()
        assert signature.told and signature.told.text == text, name

        link = f"/en/confirm/{tokens.make('confirm', signature.link_id)}"
        shown(client.get(link), text)
        press(client, link)
        session.rollback()
        token = tokens.make("me", signature.link_id)
        shown(client.get(f"/en/me/{token}"), text)
        assert json.dumps(text)[1:-1] in json.dumps(client.get(f"/en/me/{token}/data.json").json), name

        story = session.scalars(select(Story).where(Story.signature_id == signature.id)).one()
        shown(client.get(f"{bob}/{story.id}"), text)
        moderation.decide(session, None, story, revision=1, decision=Decision.APPROVE)
        session.commit()
        page = shown(client.get(f"/en/stories/{story.id}"), text)
        assert re.search(r'"(text|articleBody|description)"', page), name
        wall = client.get("/en/calls/open-culture/stories")
        assert Reader(wall.text).wrong == [], name
        listed = client.get("/api/v1/calls/open-culture/stories")
        assert text in [one["text"] for one in json.loads(listed.text)["stories"]], name
        assert client.get("/en/calls/open-culture/stories.atom").status_code == 200
        if name.startswith(("typst", "right", "only emoji", "a very long", "many lines")):
            card = client.get(f"/en/stories/{story.id}/card.png")
            assert card.data.startswith(b"\x89PNG"), name


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_cannot_be_shown_is_refused_and_the_rest_is_not_lost(
    client: FlaskClient, stopped_clock: StoppedClock, session: Session, name: str
) -> None:
    factories.make_call(session, kind=CallKind.DREAM)

    for field in ("story", "credit", "affiliation"):
        answer = tell(client, stopped_clock, "Everybody reads.", 1, **{field: REFUSED[name]})
        if name == "half a pair" and answer.status_code == 400:
            continue
        if name == "nothing but blanks" and field == "affiliation":
            assert answer.status_code == 303
            continue
        assert answer.status_code == 422, field
        assert 'class="field-error"' in answer.text
        assert 'value="Suzie Signer"' in answer.text
        assert field == "story" or "Everybody reads." in answer.text


def test_a_story_of_a_megabyte_is_refused(client: FlaskClient, stopped_clock: StoppedClock, session: Session) -> None:
    factories.make_call(session, kind=CallKind.DREAM)

    assert tell(client, stopped_clock, "a" * 1_000_000, 1).status_code == 413


@pytest.mark.parametrize(
    "link",
    [
        "https://[",
        "https://[::1",
        "https://",
        "https://a:99999/",
        "https://a\x00b.example",
        "https://a\u202e.example",
        "javascript:evil()",
        "data:text/html,x",
        "//evil.example",
        "https://evil.example/ x",
        "ftp://evil.example",
    ],
)
def test_a_link_that_leads_to_no_page_is_refused(
    client: FlaskClient, stopped_clock: StoppedClock, session: Session, link: str
) -> None:
    factories.make_call(session, kind=CallKind.DREAM)

    answer = tell(client, stopped_clock, "Everybody reads.", 1, video=link)

    assert answer.status_code == 422
    assert "begins with https://" in answer.text
    assert "Everybody reads." in answer.text


@pytest.mark.parametrize("kind", [CallKind.HERO, CallKind.PRACTICE])
def test_the_fields_of_other_kinds_are_inert_too(
    client: FlaskClient, stopped_clock: StoppedClock, session: Session, kind: CallKind
) -> None:
    factories.make_call(session, kind=kind)
    evil = '</script><script>evil()</script>" onload="evil()'
    lines = ("hero", "tagline") if kind == CallKind.HERO else ("beneficiaries", "organisation")
    own = dict.fromkeys(lines, evil) | ({} if kind == CallKind.HERO else {"argument": "open"})

    assert tell(client, stopped_clock, evil, 1, kind=str(kind), **own).status_code == 303

    signature = factories.signatures(session)[0]
    link = f"/en/confirm/{tokens.make('confirm', signature.link_id)}"
    assert unescape(shown(client.get(link), evil)).count(evil) >= 3
    press(client, link)
    session.rollback()
    story = session.scalars(select(Story)).one()
    moderation.decide(session, None, story, revision=1, decision=Decision.APPROVE)
    session.commit()
    for path in (f"/en/stories/{story.id}", "/en/calls/open-culture/stories", "/en/calls/open-culture"):
        assert Reader(client.get(path).text).wrong == [], path
