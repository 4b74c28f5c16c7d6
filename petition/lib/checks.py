"""Checks of what stands in a file that people write: each returns the value, or raises ValueError with a sentence."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from petition.lib import texts

Check = Callable[[Any], Any]

MAX_BYTES = 50_000
MOST = 100_000_000


def text(value: Any) -> str:
    """Return a text that can be shown, of up to MAX_BYTES in UTF-8."""
    if not isinstance(value, str):
        raise ValueError("This is a text, in quotation marks.")
    if texts.has_unshowable(value):
        raise ValueError("This text has a character that cannot be shown.")
    if len(value.encode()) > MAX_BYTES:
        raise ValueError(f"This text has {len(value.encode())} bytes; there is room for {MAX_BYTES}.")
    return value


def line(most: int, least: int = 0) -> Check:
    """Return the check of a text of one line, of ``least`` to ``most`` characters."""

    def check(value: Any) -> str:
        one_line = text(value)
        if "\n" in one_line:
            raise ValueError("This is a text of one line.")
        if not least <= len(one_line) <= most:
            raise ValueError(f"This has {len(one_line)} characters; write {least} to {most}.")
        return one_line

    return check


def short_text(most: int) -> Check:
    """Return the check of a text of up to ``most`` characters."""

    def check(value: Any) -> str:
        if len(text(value)) > most:
            raise ValueError(f"This has {len(value)} characters; there is room for {most}.")
        return text(value)

    return check


def slug(value: Any) -> str:
    """Return a name of a thing in addresses."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", value):
        raise ValueError("Use the letters a to z, digits and hyphens only, such as keep-culture-open.")
    return value


def url(value: Any) -> str:
    """Return the address of a page, or an empty text."""
    address = cast("str", line(300)(value))
    if address and (not address.startswith(("https://", "http://")) or " " in address):
        raise ValueError("Write a web address that begins with https://.")
    return address


def one_of(*values: str) -> Check:
    """Return the check of a choice."""

    def check(value: Any) -> str:
        if value not in values:
            raise ValueError(f"Write one of: {', '.join(values)}.")
        return cast("str", value)

    return check


def number(least: int, most: int = MOST) -> Check:
    """Return the check of a whole number."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"Write a number between {least} and {most}.")
        return value

    return check


def moment(value: Any) -> str:
    """Return an aware moment as ISO 8601 in UTC."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("Write a moment with its distance from UTC, such as 2026-06-01T12:00:00Z.")
    if not 1900 <= value.year <= 9000:
        raise ValueError("Write a year between 1900 and 9000.")
    return value.astimezone(UTC).isoformat()


def flag(value: Any) -> bool:
    """Return a boolean."""
    if not isinstance(value, bool):
        raise ValueError("Write true or false.")
    return value
