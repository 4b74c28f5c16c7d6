"""What the addresses of pages are made of; the language of a page stands there, and nowhere else."""

from flask import request, url_for
from werkzeug.routing import BaseConverter, ValidationError

from petition.lib.languages import INTERFACE


class LanguageConverter(BaseConverter):
    """Matches the languages in which every page is translated."""

    regex = "[a-z]{2}"

    def to_python(self, value: str) -> str:
        """Return the language; an unknown one matches no page."""
        if value not in INTERFACE:
            raise ValidationError
        return value


class SlugConverter(BaseConverter):
    """Matches the name that a call or a campaign has in addresses."""

    regex = "[a-z0-9][a-z0-9-]{0,79}"


class NumberConverter(BaseConverter):
    """Matches a number that fits every database, in ASCII digits."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)


CONVERTERS = {"language": LanguageConverter, "slug": SlugConverter, "number": NumberConverter}


def language() -> str:
    """Return the language of the page asked for, or else the best for the browser."""
    args = request.view_args or {}
    return args.get("lang") or request.accept_languages.best_match(INTERFACE) or INTERFACE[0]


def alternate(language: str) -> str | None:
    """Return the path of this page in another language; None where it has only one, or was the answer to a form."""
    args = request.view_args or {}
    if "lang" not in args or request.endpoint is None:
        return None
    return url_for(_SHOWN_AT.get(request.endpoint, request.endpoint), **(args | {"lang": language}))


# Answers to forms are shown again at the address of the page that has the form.
_SHOWN_AT = {
    "signing.sign": "calls.call",
    "signing.count": "signing.confirm",
    "signing.another_letter": "signing.confirm",
    "supporters.details": "supporters.me",
    "supporters.withdraw": "supporters.me",
    "supporters.restore": "supporters.me",
    "supporters.erase": "supporters.me",
    "supporters.mastodon": "campaigns.index",
}
