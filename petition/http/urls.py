"""URL converters, and the language of a page: it stands in the path, and nowhere else."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request, url_for
from werkzeug.routing import BaseConverter, ValidationError

from petition.http import current
from petition.lib.languages import INTERFACE

View = TypeVar("View", bound=Callable[..., Any])


class LanguageConverter(BaseConverter):
    """Matches the languages in which every page is translated."""

    regex = "[a-z]{2}"

    def to_python(self, value: str) -> str:
        """Return the language; an unknown one matches no page."""
        if value not in INTERFACE:
            raise ValidationError
        return value


class SlugConverter(BaseConverter):
    """Matches the name that a thing has in paths."""

    regex = "[a-z0-9][a-z0-9-]{0,79}"


def slug(text: str) -> str | None:
    """Return a text that can be the name of a thing, in paths and queries; None for any other."""
    return text if re.fullmatch(SlugConverter.regex, text) else None


def row_id(text: str) -> int:
    """Return an id that was sent in a form; 0, which no row has, for any other text."""
    return int(text) if re.fullmatch(IdConverter.regex, text) else 0


def words() -> set[str]:
    """Return the words that stand in the addresses of our pages, which cannot be the name of a thing."""
    paths = (re.sub(r"<[^>]*>", "/", rule.rule) for rule in current_app.url_map.iter_rules())
    return {word for path in paths for word in re.findall(r"[a-z0-9-]+", path)}


class IdConverter(BaseConverter):
    """Matches an id that fits a 64-bit column, in ASCII digits."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        """Return the id as a number."""
        return int(value)


class DigestConverter(BaseConverter):
    """Matches a SHA-256 digest in hexadecimal."""

    regex = "[0-9a-f]{64}"


CONVERTERS = {
    "language": LanguageConverter,
    "slug": SlugConverter,
    "id": IdConverter,
    # Flask's own takes numbers that no column holds.
    "int": IdConverter,
    "digest": DigestConverter,
}


def language() -> str:
    """Return the language in which the path begins, also where there is no page; else the one that the reader chose.

    Without a choice it is the best for the browser. A page whose path names none may say it in ``g.language``.
    """
    if "language" in g:
        return str(g.language)
    first = request.path.split("/", 2)[1]
    if first in INTERFACE:
        return first
    chosen: Callable[[], str | None] = current_app.extensions.get("chosen_language", lambda: None)
    return chosen() or request.accept_languages.best_match(INTERFACE) or INTERFACE[0]


def shown_at(endpoint: str) -> Callable[[View], View]:
    """Declare that what a view answers to a form is a page of another endpoint, such as the one with the form."""

    def declare(view: View) -> View:
        view.shown_at = endpoint  # type: ignore[attr-defined]
        return view

    return declare


def alternate(language: str) -> str | None:
    """Return the path of this page in another language; None where it has only one."""
    args = request.view_args or {}
    if "lang" not in args or request.endpoint is None:
        return None
    view = current_app.view_functions[request.endpoint]
    return url_for(getattr(view, "shown_at", request.endpoint), **(args | {"lang": language}))


def absolute(path: str) -> str:
    """Return the URL of a path of ours, built from PETITION_BASE_URL, whatever the Host header says."""
    return f"{current.settings().base_url}{path}"
