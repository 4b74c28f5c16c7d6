"""How published stories are told to people and to programs: licences, details, the words of schema.org."""

from typing import Any, NamedTuple

from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from petition.forms import stories as story_forms
from petition.forms.stories import Detail
from petition.http import urls
from petition.lib import licences
from petition.lib.languages import INTERFACE
from petition.models import PublishedStory, StoryLicence

# As the author of a text is called who wants no name beside it.
ANONYMOUS = _("anonymous")

# What a detail is called where others read it; one that is missing here is called as in the form.
_LABELS: dict[str, LazyString] = {
    "horizon_year": _("In the year"),
    "affiliation": _("Works or belongs there"),
    "hero": _("Hero, heroine or object"),
    "beneficiaries": _("Who benefited"),
    "argument": _("What it shows"),
    "evidence": _("The evidence"),
    "done_on": _("When it was done"),
}


class Licence(NamedTuple):
    """A licence by its short name, with the page that says what it allows."""

    name: str
    url: str


_LICENCES = {
    licence: Licence(name, licences.LICENCES[name])
    for licence, name in {
        StoryLicence.CC_BY: "CC BY 4.0",
        StoryLicence.CC_BY_SA: "CC BY-SA 4.0",
        StoryLicence.CC0: "CC0 1.0",
    }.items()
}


def licence_of(story: PublishedStory) -> Licence | None:
    """Return under which licence others may take a story; None where it is shown on this site only."""
    return _LICENCES.get(story.licence)


def licence_name(story: PublishedStory) -> str:
    """Return the short name of that licence, or ''."""
    licence = licence_of(story)
    return licence.name if licence else ""


def details_of(story: PublishedStory) -> list[Detail]:
    """Return the kind's own fields of a story, as others read them."""
    details = story_forms.details_of(story.kind, story.details)
    return [detail._replace(label=str(_LABELS.get(detail.name, detail.label))) for detail in details]


def address(story: PublishedStory, lang: str = INTERFACE[0]) -> str:
    """Return the URL of a story's own page."""
    return urls.absolute(url_for("stories.story", lang=lang, story=story.story_id))


def json_ld(story: PublishedStory, lang: str) -> dict[str, Any] | None:
    """Return a story in the words of schema.org; None for one that is shown on this site only, to people."""
    licence = licence_of(story)
    if licence is None:
        return None
    call_url = urls.absolute(url_for("calls.call", lang=lang, call=story.call.slug))
    return {
        "@context": "https://schema.org",
        "@type": story_forms.KINDS[story.kind].schema_type,
        "url": address(story, lang),
        "text": story.text,
        "inLanguage": story.language,
        "datePublished": story.published_at.isoformat(timespec="seconds"),
        "author": {"@type": "Person", "name": story.credit or str(ANONYMOUS)},
        "license": licence.url,
        "about": {"@type": "WebPage", "url": call_url},
        **({"countryOfOrigin": {"@type": "Country", "name": story.country}} if story.country else {}),
    }


def as_data(story: PublishedStory) -> dict[str, Any]:
    """Return a story as plain values for programs; docs/stories.md has the schema. Only for one with a licence."""
    licence = licence_of(story)
    return {
        "id": story.story_id,
        "url": address(story),
        "kind": story.kind,
        "language": story.language,
        "country": story.country or None,
        "text": story.text,
        "details": story.details,
        "credit": story.credit,
        "licence": licence and {"id": story.licence, **licence._asdict()},
        "revision": story.revision,
        "published_at": story.published_at.isoformat(timespec="seconds"),
    }
