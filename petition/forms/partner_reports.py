"""What partners send about signatures collected elsewhere: a table as JSON."""

import json
from typing import Any, NamedTuple

from petition import terms
from petition.errors import Explained
from petition.lib import checks, countries, texts

MAX_BYTES = 20_000

_LINE = checks.line(terms.PARTNER_SOURCE_LENGTH, 1)
_NUMBER = checks.number(0, terms.PARTNER_REPORT_MOST)


class NotJson(Explained):
    """Raised for what is no JSON in UTF-8."""


class NoTable(Explained):
    """Raised for JSON that is no table."""


class Table(NamedTuple):
    """Numbers of signatures by ISO code, ``""`` for those without a country, and how they were collected."""

    countries: dict[str, int]
    source: str


def table(body: bytes) -> Table:
    """Return the table that a body of up to MAX_BYTES says, and nothing besides; raises NotJson and NoTable."""
    value = _json(body)
    if not isinstance(value, dict) or value.keys() != {"countries", "source"}:
        raise NoTable("Send an object with the two members countries and source, and no other.")
    try:
        return Table(_countries(value["countries"]), _source(value["source"]))
    except ValueError as error:
        raise NoTable(str(error)) from None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise NotJson("This is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"This is not JSON, from line {error.lineno}, column {error.colno} on.") from None
    except RecursionError:
        raise NotJson("This is nested too deeply.") from None
    except ValueError as error:
        raise NotJson(str(error)) from None


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError("A name stands twice in one object.")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")


def _countries(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        raise ValueError('countries: Send an object such as {"NL": 12, "": 3}.')
    known = {"", *countries.names("en")}
    for code, number in value.items():
        if code not in known:
            raise ValueError("countries: Use the codes of ISO 3166-1 alpha-2 such as NL, and an empty name for none.")
        try:
            _NUMBER(number)
        except ValueError as error:
            raise ValueError(f"countries, {code or 'no country'}: {error}") from None
    if sum(value.values()) > terms.PARTNER_REPORT_MOST:
        raise ValueError(f"countries: One table has up to {terms.PARTNER_REPORT_MOST} signatures.")
    return value


def _source(value: Any) -> str:
    try:
        line = str(_LINE(texts.line(checks.text(value))))
    except ValueError as error:
        raise ValueError(f"source: {error}") from None
    if texts.has_piled_marks(line):
        raise ValueError("source: Too many marks are piled on one letter.")
    return line
