"""Asks the Europeana APIs for objects and people of cultural heritage, and for their thumbnails.

The key travels in a header, to the configured host and no other. What comes back repeats it in several fields: it is
taken out before anything is read.
"""

import json
import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import structlog

from petition.errors import PetitionError
from petition.lib import europeana_records
from petition.lib.circuit_breaker import CircuitBreaker
from petition.lib.europeana_records import Record
from petition.lib.http_client import BUSY, Answer, HttpClient, RequestFailed

Found = TypeVar("Found")

# Seconds that somebody waits at a page, and a job.
PAGE_SECONDS, JOB_SECONDS = 3.0, 10.0
ROWS = 12
THUMBNAIL_SIDE = 400

_MAX_JSON_BYTES = 2_000_000
_MAX_THUMBNAIL_BYTES = 1_000_000
_KEY_PAUSE = 600.0
_LONGEST_PAUSE = 3600.0
# A process of pages has four threads behind a proxy; the others are for those who want nothing of Europeana.
_AT_ONCE = 2
_USUAL_QUOTA = 1000
# Lucene's own signs, and its words, which are taken as what they say.
_SIGNS = re.compile(r'([+\-&|!(){}\[\]^"~*?:\\/])')
_WORDS = re.compile(r"\b(AND|OR|NOT|TO)\b")

log = structlog.get_logger()


class Reason(StrEnum):
    """Why Europeana has no answer for us."""

    NO_KEY = "no_key"
    KEY_REFUSED = "key_refused"
    QUOTA = "quota"
    AWAY = "away"


class EuropeanaAway(PetitionError):
    """Raised when Europeana cannot be asked, or its answer cannot be used."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Fetched(NamedTuple):
    """What was found under an id: None if nothing is there any more. ``is_same`` if the ETag that was given holds."""

    record: Record | None
    etag: str = ""
    is_same: bool = False


class _Api:
    """One installation's access: the host, the key, one circuit breaker for each service, and the quota last named."""

    def __init__(self, url: str, key: str) -> None:
        self.key, self.quota, self._client = key, _USUAL_QUOTA, HttpClient(url, most_at_once=_AT_ONCE)
        self._breakers: dict[str, CircuitBreaker] = {}
        self._lock = Lock()

    def get(
        self, service: str, path: str, read: Callable[[Answer], Found], query: Sequence[tuple[str, str]] = (), *,
        seconds: float, etag: str = "", most_bytes: int = _MAX_JSON_BYTES, needs_key: bool = True,
    ) -> Found | None:  # fmt: skip
        """Return what ``read`` makes of an answer, None for what is not there; raises EuropeanaAway."""
        if needs_key and not self.key:
            raise EuropeanaAway(Reason.NO_KEY)
        breaker = self._breaker(service)
        if not breaker.allows():
            raise EuropeanaAway(Reason.AWAY)
        headers = {"Accept": "application/json" if needs_key else "image/*"}
        headers |= {"X-Api-Key": self.key} if needs_key else {}
        headers |= {"If-None-Match": etag} if etag else {}
        try:
            answer = self._client.get(f"/{service}{path}", query, headers, seconds=seconds, most_bytes=most_bytes)
            self._check(answer, breaker)
            # They read a question that they do not understand as one of ours that is wrong; it finds nothing.
            found = None if answer.status in {400, 404, 410} else read(self._without_key(answer))
        except RequestFailed as failure:
            if failure.reason != BUSY:
                breaker.failed()
            raise self._away(service, failure.reason) from None
        except (ValueError, RecursionError):
            # JSON that is cut off, or a page of a gateway in its place.
            breaker.failed()
            raise self._away(service, "unreadable") from None
        breaker.succeeded()
        return found

    def _check(self, answer: Answer, breaker: CircuitBreaker) -> None:
        """Raise EuropeanaAway and RequestFailed for what is no answer to a question."""
        if named := re.search(r";\s*q=(\d{1,9})\b", answer.headers.get("ratelimit-policy", "")):
            self.quota = int(named[1])
        if answer.status == 429:
            breaker.failed(min(_LONGEST_PAUSE, _pause(answer)))
            raise EuropeanaAway(Reason.QUOTA)
        if answer.status in {401, 403} or (answer.status == 400 and b"401_key_" in answer.body):
            breaker.failed(_KEY_PAUSE)
            log.error("europeana_key_refused", status=answer.status)
            raise EuropeanaAway(Reason.KEY_REFUSED)
        if answer.status not in {200, 304, 400, 404, 410}:
            raise RequestFailed(f"status {answer.status}")

    def _without_key(self, answer: Answer) -> Answer:
        return answer._replace(body=answer.body.replace(self.key.encode(), b"")) if self.key else answer

    def _breaker(self, service: str) -> CircuitBreaker:
        with self._lock:
            return self._breakers.setdefault(service, CircuitBreaker())

    @staticmethod
    def _away(service: str, reason: str) -> EuropeanaAway:
        log.warning("europeana_away", service=service, reason=reason)
        return EuropeanaAway(Reason.AWAY)


_state: dict[str, _Api] = {}


def configure(url: str, key: str) -> None:
    """Ask the APIs below ``url``, which is an origin, with this key; without a key nothing is asked but thumbnails."""
    _state["api"] = _Api(url, key)


def has_key() -> bool:
    """Whether there is a key."""
    return bool(_state["api"].key)


def quota() -> int:
    """Return how many requests an hour the key has, as the API named it last."""
    return _state["api"].quota


def search(text: str, seconds: float = PAGE_SECONDS) -> list[Record]:
    """Return objects in which all words of a text occur, ROWS at most; raises EuropeanaAway."""
    words = _WORDS.sub(lambda word: word[0].lower(), _SIGNS.sub(r"\\\1", text))
    query = [("query", words), ("qf", "contentTier:(1 OR 2 OR 3 OR 4)"), ("profile", "standard"), ("rows", str(ROWS))]
    answer = _state["api"].get("record", "/search.json", _json, query, seconds=seconds)
    return _records(answer, europeana_records.from_search)


def suggest(text: str, language: str, seconds: float = PAGE_SECONDS) -> list[Record]:
    """Return people whose name begins like a text, in any language, ROWS at most; raises EuropeanaAway."""
    query = [("text", text), ("type", "agent"), ("scope", "europeana"), ("language", language), ("rows", str(ROWS))]
    answer = _state["api"].get("entity", "/suggest", _json, query, seconds=seconds)
    return _records(answer, europeana_records.from_entity)


def fetch(europeana_id: str, etag: str = "", seconds: float = JOB_SECONDS) -> Fetched:
    """Return what Europeana says of an object or a person now; raises EuropeanaAway."""
    is_person = europeana_records.is_person(europeana_id)
    read = europeana_records.from_entity if is_person else europeana_records.from_record

    def found(answer: Answer) -> Fetched:
        if answer.status == 304:
            return Fetched(None, etag, is_same=True)
        return Fetched(read(_json(answer)), answer.headers.get("etag", "")[:200])

    service = "entity" if is_person else "record"
    return _state["api"].get(service, f"{europeana_id}.json", found, seconds=seconds, etag=etag) or Fetched(None)


def thumbnail(digest: str, seconds: float = JOB_SECONDS) -> bytes | None:
    """Return a thumbnail as Europeana has it, None if there is none; raises EuropeanaAway."""
    return _state["api"].get(
        "thumbnail",
        f"/v3/{THUMBNAIL_SIDE}/{digest}",
        lambda answer: answer.body,
        seconds=seconds,
        most_bytes=_MAX_THUMBNAIL_BYTES,
        needs_key=False,
    )


def _json(answer: Answer) -> dict[str, Any]:
    """Return a JSON object; raises ValueError for everything else, an answer that says it failed too."""
    found = json.loads(answer.body)
    if not isinstance(found, dict) or found.get("success") is False:
        raise ValueError
    return found


def _records(answer: dict[str, Any] | None, read: Callable[[Any], Record | None]) -> list[Record]:
    items = (answer or {}).get("items")
    found = [read(item) for item in (items if isinstance(items, list) else [])[:ROWS] if isinstance(item, dict)]
    # The same thing twice would be one choice twice.
    return list({record.europeana_id: record for record in found if record}.values())


def _pause(answer: Answer) -> float:
    """Return the seconds after which a quota begins anew, as far as the answer says so."""
    named = re.search(r";\s*t=(\d{1,6})\b", answer.headers.get("ratelimit", ""))
    after = named[1] if named else answer.headers.get("retry-after", "")
    return float(after) if after.isdecimal() and float(after) else 60.0
