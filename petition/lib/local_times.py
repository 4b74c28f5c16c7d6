"""Moments as people type them, by the clocks of a time zone."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_SHAPE = re.compile(r"(20\d\d)-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", re.ASCII)
FIRST, SECOND = "first", "second"


class NoSuchTime(ValueError):
    """Raised for a time that clocks leave out when they go forward; ``earlier`` and ``later`` are times around it."""

    def __init__(self, earlier: datetime, later: datetime) -> None:
        super().__init__(earlier, later)
        self.earlier, self.later = earlier, later


class TimeComesTwice(ValueError):
    """Raised for a time that clocks show twice when they go back, without a word which one is meant."""


def parse(text: str, zone: str, which: str = "") -> datetime:
    """Return the instant of a local time, such as ``2026-06-01T12:00``, in UTC.

    ``which`` is FIRST or SECOND for a time that comes twice. Raises NoSuchTime, TimeComesTwice, and ValueError for what
    is no date and time of this century.
    """
    if not _SHAPE.fullmatch(text):
        raise ValueError(text)
    typed = datetime.fromisoformat(text)
    first, second = (typed.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:
        raise NoSuchTime(second.astimezone(ZoneInfo(zone)), first.astimezone(ZoneInfo(zone)))
    if first < second and which not in {FIRST, SECOND}:
        raise TimeComesTwice(text)
    return second if which == SECOND else first


def shown(moment: datetime, zone: str) -> str:
    """Return an instant by the clocks of a zone, to the minute, as ``<input type=datetime-local>`` has it."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def which(moment: datetime, zone: str) -> str:
    """Return FIRST or SECOND for an instant whose local time comes twice, and nothing for any other."""
    local = moment.astimezone(ZoneInfo(zone))
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return ""
    return SECOND if local.fold else FIRST
