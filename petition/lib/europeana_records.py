"""Reads what the Europeana APIs answer: any field may be missing, a list or a text, in many languages or none."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from petition.lib import languages, texts

# The most characters of what is kept of a text, a name and an address.
TITLE_LENGTH, NAME_LENGTH, URL_LENGTH = 256, 160, 500

DATA = "http://data.europeana.eu"
SITE = "https://www.europeana.eu"

_OBJECT = re.compile(r"/\d{1,10}/\w{1,100}", re.ASCII)
_PERSON = re.compile(r"/agent/\d{1,18}", re.ASCII)
_HOSTS = {"data.europeana.eu", "www.europeana.eu", "europeana.eu"}
_PATHS = (
    re.compile(r"(?:/[a-z]{2})?(?:/portal)?(?:/[a-z]{2})?/(?:item|record)(/\d{1,10}/\w{1,100})(?:\.\w+)?/?", re.ASCII),
    re.compile(r"(/agent/)(?:base/)?(\d{1,18})(?:\.\w+)?/?", re.ASCII),
    re.compile(r"(?:/[a-z]{2})?/collections/person/(\d{1,18})(?:-[^/]*)?/?", re.ASCII),
)


class Record(NamedTuple):
    """An object or a person as Europeana describes it.

    ``europeana_id`` is ``/dataset/local`` for an object and ``/agent/number`` for a person. ``titles`` go by language,
    the empty one for a title that says none. ``rights`` is the URI of the statement of its picture, ``source_url`` the
    page at the institution, ``thumbnail`` the digest under which its thumbnail is asked for. The picture of a person is
    that of an object, ``picture_of``. What is not known is empty.
    """

    europeana_id: str
    titles: dict[str, str]
    creator: str = ""
    dates: str = ""
    provider: str = ""
    data_provider: str = ""
    rights: str = ""
    source_url: str = ""
    thumbnail: str = ""
    picture_of: str = ""

    @property
    def folded(self) -> str:
        """Its titles and its creator with letters and digits only, each once, in lines: what can be searched."""
        named = (texts.fold(text) for text in (*self.titles.values(), self.creator))
        return "\n".join(dict.fromkeys(text for text in named if text))


def find_id(text: str) -> str | None:
    """Return the id in an id, an identifier of ours or theirs, or an address of Europeana's website; or None."""
    text = text.strip()
    if _OBJECT.fullmatch(text) or _PERSON.fullmatch(text):
        return text
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or parts.hostname not in _HOSTS:
        return None
    objects, agents, people = (pattern.fullmatch(parts.path) for pattern in _PATHS)
    if objects:
        return objects[1]
    number = agents[2] if agents else people[1] if people else ""
    return f"/agent/{number}" if number else None


def is_person(europeana_id: str) -> bool:
    """Whether an id is that of a person."""
    return europeana_id.startswith("/agent/")


def page_url(europeana_id: str) -> str:
    """Return the page of an object or a person on Europeana's website."""
    if is_person(europeana_id):
        return f"{SITE}/collections/person/{europeana_id.removeprefix('/agent/')}"
    return f"{SITE}/item{europeana_id}"


def from_search(item: Mapping[str, Any]) -> Record | None:
    """Return an object of a search's answer; None without an id and a title."""
    titles = _titles(item.get("dcTitleLangAware")) or _titles({"def": item.get("title")})
    found = find_id(_text(item.get("id"), 200))
    if not found or not titles:
        return None
    return Record(
        europeana_id=found,
        titles=titles,
        creator=_label(item.get("dcCreatorLangAware")) or _label({"def": item.get("dcCreator")}),
        dates=_text(item.get("year"), 40),
        provider=_text(item.get("provider"), NAME_LENGTH),
        data_provider=_text(item.get("dataProvider"), NAME_LENGTH),
        rights=_url(item.get("rights")),
        source_url=_url(item.get("edmIsShownAt")),
        thumbnail=_thumbnail(item.get("edmPreview")),
    )


def from_record(answer: Mapping[str, Any]) -> Record | None:
    """Return the object of a record's answer; None for one that was deleted or says too little."""
    thing = _mapping(answer.get("object"))
    europeana, proxies = _mapping(thing.get("europeanaAggregation")), [_mapping(p) for p in _list(thing.get("proxies"))]
    changes = [_mapping(change).get("type") for change in _list(europeana.get("changeLog"))]
    found = find_id(_text(thing.get("about"), 200))
    if not found or changes[-1:] == ["Delete"]:
        return None
    # The institution's own words come last, and are the best; Europeana's add what was found out about them.
    proxies.sort(key=lambda proxy: bool(proxy.get("europeanaProxy")))
    titles = next(filter(None, (_titles(proxy.get("dcTitle")) for proxy in proxies)), {})
    titles = titles or _titles({"def": thing.get("title")})
    aggregations = [_mapping(aggregation) for aggregation in _list(thing.get("aggregations"))]
    theirs = next((a for a in aggregations if a.get("about") == f"/aggregation/provider{found}"), {}) or next(
        iter(aggregations), {}
    )
    names = {_text(named.get("about"), URL_LENGTH): _label(named.get("prefLabel")) for named in _named(thing)}
    if not titles:
        return None
    return Record(
        europeana_id=found,
        titles=titles,
        creator=next(filter(None, (_label(proxy.get("dcCreator"), names) for proxy in proxies)), ""),
        dates=next(filter(None, (_text(_values(proxy.get("year")), 40) for proxy in reversed(proxies))), ""),
        provider=_label(theirs.get("edmProvider"), names),
        data_provider=_label(theirs.get("edmDataProvider"), names),
        rights=_url(_values(theirs.get("edmRights"))),
        source_url=_url(theirs.get("edmIsShownAt")),
        thumbnail=_thumbnail(europeana.get("edmPreview")),
    )


def from_entity(entity: Mapping[str, Any]) -> Record | None:
    """Return a person of the Entity API, from a suggestion or as asked for by number; None without id and name."""
    found, titles = find_id(_text(entity.get("id"), 200)), _titles(entity.get("prefLabel"))
    if not found or not is_person(found) or not titles:
        return None
    born, died = (_year(entity.get(name)) for name in ("dateOfBirth", "dateOfDeath"))
    picture = _mapping(entity.get("isShownBy"))
    source = find_id(_text(picture.get("source"), 200)) or ""
    return Record(
        europeana_id=found,
        titles=titles,
        dates=f"{born}–{died}" if born or died else "",
        thumbnail=_thumbnail(picture.get("thumbnail")),
        picture_of="" if is_person(source) else source,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _named(thing: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (_mapping(named) for kind in ("agents", "organizations") for named in _list(thing.get(kind)))


def _text(value: Any, most: int) -> str:
    """Return the first text in a value as one line that can be shown; an empty one if there is none."""
    found = value if isinstance(value, str) else next((v for v in _list(value) if isinstance(v, str)), "")
    return texts.trim(texts.line(texts.printable(found[: 4 * most]))[:most])


def _titles(value: Any) -> dict[str, str]:
    """Return the titles by language: those of the European Union, and as "" what says none of them."""
    given = _mapping(value)
    found = {code: _text(given.get(code), TITLE_LENGTH) for code in languages.ENDONYMS}
    others = (_text(title, TITLE_LENGTH) for code, title in given.items() if code not in found)
    found[""] = "" if any(found.values()) and "def" not in given else next((t for t in others if not _is_uri(t)), "")
    return {code: title for code, title in found.items() if title and not _is_uri(title)}


def _values(value: Any) -> list[Any]:
    """Return all values of a language map, ``def`` first, then English, or a value that is none."""
    if not isinstance(value, dict):
        return value if isinstance(value, list) else [value]
    codes = sorted(value, key=lambda code: (code != "def", code != "en"))
    return [v for code in codes for v in (value[code] if isinstance(value[code], list) else [value[code]])]


def _label(value: Any, names: Mapping[str, str] | None = None) -> str:
    """Return the first name in a language map, English before others; a URI counts where ``names`` know its name.

    Of one that is an object its ``prefLabel`` counts.
    """
    given = value if isinstance(value, dict) else {"def": value}
    for named in sorted(given, key=lambda code: (code != "en", code != "def")):
        for part in _values(given[named]):
            text = (
                _label(part["prefLabel"])
                if isinstance(part, dict) and "prefLabel" in part
                else _text(part, NAME_LENGTH)
            )
            text = (names or {}).get(text, "") if _is_uri(text) else text
            if text:
                return text
    return ""


def _is_uri(text: str) -> bool:
    return text.startswith(("http://", "https://", "urn:"))


def _url(value: Any) -> str:
    """Return the first web address in a value that a link may have."""
    text = _text(value, URL_LENGTH + 1)
    try:
        is_whole = urlsplit(text).scheme in {"http", "https"} and bool(urlsplit(text).hostname)
    except ValueError:
        return ""
    return text if is_whole and len(text) <= URL_LENGTH and " " not in text else ""


def _thumbnail(value: Any) -> str:
    """Return the digest under which the third version of the Thumbnail API knows a preview of the second."""
    _address, _mark, query = _text(value, 4 * URL_LENGTH).partition("?")
    media = parse_qs(query).get("uri", [""])[0]
    return hashlib.md5(media.encode(), usedforsecurity=False).hexdigest() if media else ""


def _year(value: Any) -> str:
    """Return the year of a date such as ``1850-01-01``, ``1955`` or ``-0384``; lists are taken by their first."""
    return next(iter(re.findall(r"^-?\d{1,4}", _text(value, 40))), "")
