"""The shape of a call as it is written: what a revision holds, an editor edits, and a file brings in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from babel.lists import format_list

from petition.lib import languages
from petition.models.calls import Call, CallKind, CallText


class AddresseeContent(TypedDict):
    """One to whom an ask goes; ``kind`` is ``institution`` or ``person``, ``url`` may be empty."""

    name: str
    kind: str
    url: str


class TextContent(TypedDict):
    """The words of a call in one language, by the names of the columns of ``call_text``; what is missing is empty."""

    title: str
    addressees: list[AddresseeContent]
    ask: str
    body: str
    thanks: str
    share_text: str
    story_prompt: str
    image_alt: str
    notice: str
    outcome: str
    reported_total: str
    reported_source: str


class CallContent(TypedDict):
    """All that can be edited of a call; ``texts`` by language.

    Moments are ISO 8601 in UTC; without ``opens_at`` a call opens when it is published, without ``closes_at`` it stays
    open. ``goal`` None steps up by itself.
    """

    slug: str
    kind: str
    language: str
    hashtag: str
    opens_at: str | None
    closes_at: str | None
    goal: int | None
    picture_id: int | None
    partner_reported: int
    texts: dict[str, TextContent]


class CampaignTextContent(TypedDict):
    """The words of a campaign in one language, by the names of the columns of ``campaign_text``."""

    title: str
    summary: str
    body: str


class CampaignContent(TypedDict):
    """All that can be edited of a campaign; ``texts`` by language."""

    slug: str
    hashtag: str
    accent: str
    language: str
    organiser_name: str
    organiser_country: str
    organiser_contact: str
    texts: dict[str, CampaignTextContent]


TEXT_FIELDS = tuple(TextContent.__annotations__)

# What people sign.
ASK_FIELDS = ("title", "addressees", "ask")


def content_of(call: Call, texts: list[CallText]) -> CallContent:
    """Return a call as it stands in its columns, with its published words."""
    return {
        "slug": call.slug,
        "kind": call.kind.value,
        "language": call.language,
        "hashtag": call.hashtag,
        "opens_at": call.opens_at.isoformat(),
        "closes_at": call.closes_at.isoformat() if call.closes_at else None,
        "goal": call.goal,
        "picture_id": call.picture_id,
        "partner_reported": call.partner_reported,
        "texts": {text.language: text_content(text) for text in texts},
    }


def text_content(text: CallText) -> TextContent:
    """Return the words of one language as a revision holds them; older ones name all addressees in one sentence."""
    words = {name: getattr(text, name) for name in TEXT_FIELDS}
    if not text.addressees and text.addressee:
        words["addressees"] = [AddresseeContent(name=text.addressee, kind="institution", url="")]
    return words  # type: ignore[return-value]


def call_columns(content: CallContent) -> dict[str, Any]:
    """Return the columns of ``call`` that a content fills, without its times."""
    names = ("slug", "language", "hashtag", "goal", "picture_id", "partner_reported")
    return {"kind": CallKind(content["kind"])} | {name: content[name] for name in names}  # type: ignore[literal-required]


def text_columns(language: str, text: TextContent) -> dict[str, Any]:
    """Return the columns of ``call_text`` that the words of one language fill; ``addressee`` names all addressees."""
    names = [addressee["name"] for addressee in text["addressees"]]
    sentence = format_list(names, locale=languages.locale(language))
    return {"language": language, "addressee": sentence[:300], **text}


def moment(text: str | None) -> datetime | None:
    """Return the moment that a content holds in ISO 8601."""
    return datetime.fromisoformat(text) if text else None


def empty_text(title: str = "") -> TextContent:
    """Return the words of a language that nobody has written yet."""
    content: TextContent = dict.fromkeys(TEXT_FIELDS, "")  # type: ignore[assignment]
    return content | {"title": title, "addressees": []}


def missing(content: CallContent) -> dict[str, list[str]]:
    """Return, by language, the names of the fields without which a call cannot be published; only where any is missing.

    A call that asks for stories needs the question that people answer; a picture needs its description.
    """
    needed = ["title", "addressees", "ask", "body", "share_text"]
    if content["kind"] != CallKind.PETITION:
        needed.append("story_prompt")
    if content["picture_id"]:
        needed.append("image_alt")
    found = {content["language"]: needed} | {
        language: [name for name in needed if not text[name]]  # type: ignore[literal-required]
        for language, text in content["texts"].items()
    }
    return {language: names for language, names in found.items() if names}


def changes_ask(old: Mapping[str, TextContent], new: Mapping[str, TextContent]) -> bool:
    """Whether what people signed in some language is not there any more word for word."""
    plain: Mapping[str, Mapping[str, object]] = new
    return any(
        plain.get(language, {}).get(name) != text.get(name) for language, text in old.items() for name in ASK_FIELDS
    )
