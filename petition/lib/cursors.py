"""Places in a list that is ordered by a moment and an id, as texts that can stand in a query."""

import re
from datetime import UTC, datetime, timedelta

from petition.errors import NotFound

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Microseconds since 1970, until the year 5138, and an id; each place has one spelling.
_CURSOR = re.compile(r"(0|[1-9][0-9]{0,16})-([1-9][0-9]{0,17})", re.ASCII)
_LONGEST = 36


class BadCursor(NotFound):
    """Raised for a text that is no place in a list."""


def write(moment: datetime, row_id: int) -> str:
    """Return the place of a row."""
    return f"{(moment - _EPOCH) // timedelta(microseconds=1)}-{row_id}"


def read(text: str) -> tuple[datetime, int]:
    """Return moment and id of a place, whether or not a row is there still; raises BadCursor."""
    found = _CURSOR.fullmatch(text)
    if not found:
        raise BadCursor
    return _EPOCH + timedelta(microseconds=int(found[1])), int(found[2])


def canonical(text: str) -> str:
    """Return a text as it is read: one that is too long for a place is cut, and still none."""
    return text[: _LONGEST + 1]
