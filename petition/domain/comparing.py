"""What differs between two drafts of one call or campaign, and how words of one come into the other."""

import copy
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, cast

from petition.lib import differences, local_times
from petition.lib.differences import Piece
from petition.models import TEXT_FIELDS, CallContent, CampaignContent, CampaignTextContent

Content = TypeVar("Content", CallContent, CampaignContent)

# What can be edited, in the order of the editors; pictures have a page of their own.
_FIELDS = (
    *("kind", "slug", "hashtag", "accent", "language", "opens_at", "closes_at", "goal", "partner_reported"),
    *("organiser_name", "organiser_country", "organiser_contact"),
)
_TEXT_FIELDS = tuple(dict.fromkeys([*CampaignTextContent.__annotations__, *TEXT_FIELDS]))


class Difference(NamedTuple):
    """One field that two drafts have differently; ``language`` is empty for what is not in a language."""

    language: str
    field: str
    pieces: list[Piece]

    @property
    def key(self) -> str:
        """The name by which a form speaks of it."""
        return f"{self.language}.{self.field}"


def differences_of(old: Content, new: Content, zone: str = "UTC") -> list[Difference]:
    """Return what is not the same in two drafts, in the order of the editor; moments by the clocks of a zone."""
    languages = [*new["texts"], *(language for language in old["texts"] if language not in new["texts"])]
    keys = [("", field) for field in _FIELDS] + [(language, field) for language in languages for field in _TEXT_FIELDS]
    return [
        Difference(
            language, field, differences.words(*(_words(content, language, field, zone) for content in (old, new)))
        )
        for language, field in keys
        if (_value(old, language, field) or "") != (_value(new, language, field) or "")
    ]


def with_fields_of(mine: Content, theirs: Content, keys: Collection[str]) -> Content:
    """Return my draft, with those fields of theirs that ``keys`` names as ``Difference.key`` does."""
    chosen: Any = copy.deepcopy(mine)
    for difference in differences_of(mine, theirs):
        language, field = difference.language, difference.field
        if difference.key not in keys:
            continue
        value = _value(theirs, language, field)
        if not language:
            chosen[field] = value
        elif language in mine["texts"]:
            chosen["texts"][language][field] = value or type(chosen["texts"][language][field])()
        else:
            # A language comes whole.
            chosen["texts"][language] = theirs["texts"][language]
    return cast("Content", chosen)


def _value(content: Any, language: str, field: str) -> Any:
    return (content["texts"].get(language, {}) if language else content).get(field)


def _words(content: Any, language: str, field: str, zone: str) -> str:
    value = _value(content, language, field)
    if field == "addressees":
        return "\n".join(" · ".join(filter(None, (one["name"], one["url"]))) for one in value or [])
    if value and field in {"opens_at", "closes_at"}:
        return local_times.shown(datetime.fromisoformat(value), zone).replace("T", " ")
    return "" if value is None else str(value)
