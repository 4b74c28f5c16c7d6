"""Sends the letters that are due: many over one connection, each noted soon after it is gone."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from functools import partial
from itertools import count
from threading import Event, Lock
from typing import NamedTuple, TypeVar

import structlog
from babel.core import UnknownLocaleError
from jinja2 import TemplateError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from petition.config import Settings
from petition.domain import contents, letters
from petition.domain.contents import Content
from petition.jobs import guard, mail, writing
from petition.models import Letter

# What one connection takes from the outbox at once, and where letters go slowly, for how many seconds.
TAKEN_AT_ONCE = 100
_TAKEN_FOR = 5

# Killed at any instant, a worker sends again what it had not noted: for each of its connections at most so many
# letters, or those of one second.
NOTED_AT_ONCE = 20
NOTED_AFTER = 1.0

# After so many seconds the rest of a batch is given back: the slowest letter that can follow still fits into the lease.
_SENDING = 20.0
# For so long a lost database is waited for.
_NOTING = letters.LEASE.total_seconds() * 0.9

# What a mistake in a template or in a translation raises.
_MISPRINTS = (TemplateError, UnknownLocaleError, LookupError, TypeError, ValueError)

log = structlog.get_logger()

T = TypeVar("T")


class Fate(NamedTuple):
    """What became of one letter: ``sent``, ``postponed``, ``failed``, ``moot``, or ``left`` when it was not tried."""

    letter: Letter
    kind: str
    reason: str = ""
    in_doubt: bool = False
    is_last: bool = False


class Round(NamedTuple):
    """What one call of ``send`` did: how many letters it took, what became of them, and what is wrong with the mail."""

    taken: int
    counts: Counter[str]
    fault: str


class Pace:
    """Lets no more than so many letters go in a second, over all connections of this process together."""

    def __init__(self, per_second: float) -> None:
        self._pause = 1 / per_second if per_second else 0.0
        self._next, self._lock = 0.0, Lock()

    def wait(self, stop: Event) -> bool:
        """Return when the next letter may go; False when ``stop`` was set meanwhile."""
        if not self._pause:
            return not stop.is_set()
        with self._lock:
            now = time.monotonic()
            at = max(self._next, now)
            self._next = at + self._pause
        return not stop.wait(at - now)


def share(settings: Settings) -> int:
    """Return how many letters a connection takes at once: what it can send in a few seconds."""
    in_time = settings.mail_rate * _TAKEN_FOR / settings.mail_connections if settings.mail_rate else TAKEN_AT_ONCE
    return max(1, min(TAKEN_AT_ONCE, int(in_time)))


def send(
    session: Session,
    settings: Settings,
    limit: int = TAKEN_AT_ONCE,
    stop: Event | None = None,
    *,
    post: mail.Post | None = None,
    pace: Pace | None = None,
) -> Round:
    """Send up to ``limit`` letters that are due, over ``post`` if there is one already; needs the app's context.

    Those that the mail server did not get to, or that were left when ``stop`` was set, are due again at once.
    """
    stop, pace, began = stop or Event(), pace or Pace(settings.mail_rate), time.monotonic()
    room = guard.room(session, settings.letters_per_minute, limit)
    batch = letters.claim(session, room) if room else []
    guard.note_taken(session, settings.letters_per_minute, len(batch))
    session.commit()
    session.expunge_all()
    if not batch:
        return Round(0, Counter(), "")
    ledger = _Ledger(session, stop, until=began + _NOTING)
    with nullcontext(post) if post else closing(mail.post(settings)) as way:
        try:
            for fate in _deliver(batch, partial(_try, post=way, settings=settings), ledger, partial(pace.wait, stop)):
                ledger.add(fate)
                if fate.is_last or stop.is_set() or time.monotonic() > began + _SENDING:
                    break
            fault = ledger.fault
            for letter in batch[ledger.size :]:
                ledger.add(Fate(letter, "left", fault))
        finally:
            ledger.write()
    return Round(len(batch), ledger.counts, fault)


class _Ledger:
    """What became of letters, written to the database in small commits."""

    def __init__(self, session: Session, stop: Event, until: float) -> None:
        self.counts: Counter[str] = Counter()
        self.fault = ""
        self.session, self._stop, self._until = session, stop, until
        self._open: list[Fate] = []
        self._written_at = time.monotonic()

    @property
    def size(self) -> int:
        """How many letters stand in it."""
        return self.counts.total()

    def add(self, fate: Fate) -> None:
        """Note one more letter."""
        self._open.append(fate)
        self.counts[fate.kind] += 1
        self.fault = fate.reason if fate.is_last else ""
        if fate.kind != "left" and (
            len(self._open) >= NOTED_AT_ONCE or time.monotonic() > self._written_at + NOTED_AFTER
        ):
            self.write()

    def write(self) -> None:
        """Write down what is not written yet."""
        if self._open:
            self.insist(self._write)
        self._open.clear()
        self._written_at = time.monotonic()

    def insist(self, act: Callable[[], T]) -> T:
        """Do something with the database; when it is away, wait for it to come back, for as long as the lease lasts."""
        for tries in count(1):
            try:
                done = act()
                self.session.commit()
                # What was read stays as it is; after a rollback the session would read it again.
                self.session.expunge_all()
            except (OperationalError, InterfaceError) as error:
                self.session.rollback()
                if self._stop.is_set() or time.monotonic() > self._until:
                    raise
                if tries == 1:
                    log.warning("letters_wait_for_database", reason=type(error).__name__)
                self._stop.wait(0.5)
            else:
                break
        return done

    def _write(self) -> None:
        of = {kind: [fate for fate in self._open if fate.kind == kind] for kind in self.counts}
        letters.sent(self.session, [fate.letter for fate in of.get("sent", [])])
        letters.discard(self.session, [fate.letter for fate in of.get("moot", [])])
        for fate in of.get("failed", []):
            letters.fail(self.session, [fate.letter], fate.reason)
        for fate in of.get("postponed", []):
            letters.retry(self.session, fate.letter, fate.reason, in_doubt=fate.in_doubt)
        if left := of.get("left"):
            letters.release(self.session, [fate.letter for fate in left], left[0].reason)


def _deliver(
    batch: Sequence[Letter], attempt: Callable[[Letter, Content], Fate], ledger: _Ledger, may_go: Callable[[], bool]
) -> Iterator[Fate]:
    """Give the letters to the mail server, each as it reads at that moment, and yield what became of them."""
    for start in range(0, len(batch), NOTED_AT_ONCE):
        few = batch[start : start + NOTED_AT_ONCE]
        said = ledger.insist(partial(contents.of, ledger.session, few))
        for letter in few:
            content = said.get(letter.id)
            if content and not may_go():
                return
            yield attempt(letter, content) if content else Fate(letter, "moot")


def _try(letter: Letter, content: Content, post: mail.Post, settings: Settings) -> Fate:
    try:
        post.deliver(letter.id, writing.write(letter, content, settings))
    except mail.Refused as fault:
        return Fate(letter, "failed", fault.reason)
    except mail.Undelivered as fault:
        kind = "left" if isinstance(fault, mail.Down) else "postponed"
        return Fate(letter, kind, fault.reason, fault.in_doubt, is_last=not isinstance(fault, mail.Postponed))
    except _MISPRINTS:
        log.exception("letter_misprinted", template=content.template, language=letter.language)
        return Fate(letter, "postponed", "The text could not be written.")
    return Fate(letter, "sent")
