"""How a view declares that its answer is public; the page cache here and all caches between us and readers obey."""

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from flask import Response, make_response, request
from werkzeug.datastructures import ImmutableMultiDict

from petition.lib import texts

# Cache-Control for a page with live figures, at most two seconds old: one in a cache, one while it is refreshed.
LIVE = "public, max-age=1, stale-while-revalidate=1"
HOURLY = "public, max-age=3600"
# For a page of which no cache may show an old one: shared caches ask for it each time, browsers after a second.
PROMPT = "public, max-age=1, s-maxage=0, must-revalidate"

# For so many seconds past its time a page is shown while the site fails; for HOURLY ones, a day.
STALE_IF_ERROR = 600
DAY = 86_400

# Of a longer query only so much is read.
MAX_QUERY_BYTES = 2000

Canonical = Callable[[str], str | None]


class Cacheable(NamedTuple):
    """A declaration: how many seconds an answer is used, on what parameters it depends, and how long errors show it."""

    ttl: float
    params: Mapping[str, Canonical]
    stale_if_error: int = STALE_IF_ERROR

    def arguments(self, query: str) -> dict[str, str]:
        """Return the declared parameters of a WSGI query string in canonical form, in the order of the declaration.

        The first of several values counts. What is not declared, or has no canonical form, is left out.
        """
        if not query or not self.params:
            return {}
        raw = query[:MAX_QUERY_BYTES].encode("latin-1").decode(errors="replace")
        given = dict(reversed(parse_qsl(raw)))
        canonical = {name: form(given[name]) for name, form in self.params.items() if name in given}
        return {name: value for name, value in canonical.items() if value is not None}

    def canonical_query(self, query: str) -> str:
        """Return the one query string that stands for all those with the same arguments."""
        return urlencode(self.arguments(query))


def cacheable(
    *,
    ttl: float,
    cache_control: str = LIVE,
    stale_if_error: int = STALE_IF_ERROR,
    params: Mapping[str, Canonical] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Declare that what a view answers to GET is public, and a function of its path and of these query parameters.

    The view finds in ``request.args`` the declared parameters and no others, in canonical form. Functions in ``params``
    return that form, the same again for it, and None to leave the parameter out. A 200 gets ``cache_control``, an ETag
    and, where that suffices, turns into a 304; unless the view set Cache-Control itself.

    While the site fails, an answer is shown for ``stale_if_error`` seconds past its time. With 0, what must be gone at
    once is: the page cache never sends it past its ttl, and its Cache-Control is PROMPT.
    """
    declared = Cacheable(ttl, params or {}, stale_if_error)
    header = f"{cache_control}, stale-if-error={stale_if_error}" if stale_if_error else PROMPT

    def declare(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def answer(**values: Any) -> Response:
            if request.method not in {"GET", "HEAD"}:
                return make_response(view(**values))
            query = request.query_string.decode("latin-1")
            request.args = ImmutableMultiDict(declared.arguments(query))
            response = make_response(view(**values))
            if response.status_code == 200 and "Cache-Control" not in response.headers:
                response.headers["Cache-Control"] = header
                response.add_etag()
                response.make_conditional(request)
            return response

        answer.cacheable = declared  # type: ignore[attr-defined]
        return answer

    return declare


def declaration(view: Callable[..., Any]) -> Cacheable | None:
    """Return what a view declares; None where it declares nothing."""
    return getattr(view, "cacheable", None)


def one_of(values: Collection[str], default: str | None = None) -> Canonical:
    """Return the canonical form of a choice: one of the values, None for the default and for everything else."""
    return lambda value: value if value in values and value != default else None


def truncated(length: int) -> Canonical:
    """Return the canonical form of a text: the first letters of one line that can be shown, None for an empty one."""
    return lambda value: texts.trim(texts.line(texts.printable(value))[:length]) or None
