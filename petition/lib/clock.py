"""The only reader of the clock."""

from datetime import UTC, datetime

_stopped: datetime | None = None


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return _stopped or datetime.now(UTC)


def stop(at: datetime) -> None:
    """Hold the clock at ``at``; for tests."""
    global _stopped  # noqa: PLW0603 - one clock for the whole process is the point
    _stopped = at


def start() -> None:
    """Let the clock run again."""
    global _stopped  # noqa: PLW0603
    _stopped = None
