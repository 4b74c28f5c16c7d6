"""Sends the letters that are due: many over one connection, each noted soon after it is gone."""

import re
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from copy import copy
from datetime import date, datetime
from email.utils import formatdate
from functools import lru_cache, partial
from itertools import count
from threading import Event, Lock
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import structlog
from babel.core import UnknownLocaleError
from flask import current_app
from flask_babel import force_locale
from jinja2 import TemplateError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from petition.config import Settings
from petition.domain import letters
from petition.domain.letters import Content, Entry
from petition.jobs import guard, mail
from petition.lib import clock, tokens
from petition.lib.languages import LOCALES
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

# What links are for, and what the templates call them.
_PURPOSES = {"confirm": "confirm_url", "not-me": "not_me_url", "me": "me_url"}

_HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}

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
        contents = ledger.insist(partial(letters.contents, ledger.session, few))
        for letter in few:
            content = contents.get(letter.id)
            if content and not may_go():
                return
            yield attempt(letter, content) if content else Fate(letter, "moot")


def _try(letter: Letter, content: Content, post: mail.Post, settings: Settings) -> Fate:
    try:
        post.deliver(letter.id, write(letter, content, settings))
    except mail.Refused as fault:
        return Fate(letter, "failed", fault.reason)
    except mail.Undelivered as fault:
        kind = "left" if isinstance(fault, mail.Down) else "postponed"
        return Fate(letter, kind, fault.reason, fault.in_doubt, is_last=not isinstance(fault, mail.Postponed))
    except _MISPRINTS:
        log.exception("letter_misprinted", template=content.template, language=letter.language)
        return Fate(letter, "postponed", "The text could not be written.")
    return Fate(letter, "sent")


class _Subject(NamedTuple):
    """What a letter says about one signature; the same for many."""

    title: str
    language: str
    accent: str
    slug: str
    confirmed_on: date | None
    confirm_until: datetime


class _Kind(NamedTuple):
    """All that a text depends on: letters of one kind differ only in their blanks."""

    template: str
    language: str
    base_url: str
    sender: str
    subjects: tuple[_Subject, ...]


def write(letter: Letter, content: Content, settings: Settings) -> mail.Ready:
    """Return the letter ready to go, in the language of its reader; nothing that a signer typed is in it.

    A list of several signatures is like no other letter; it is written for itself. All else fills in a form.
    """
    recipient = mail.usable(letter.recipient or "")
    subjects = tuple(_subject(entry) for entry in content.entries)
    kind = _Kind(content.template, letter.language, settings.base_url, settings.mail_default_sender, subjects)
    stamp = f"{letter.id}.{int(letter.created_at.timestamp())}"
    links = [partial(tokens.make, number=entry.signature_id) for entry in content.entries]
    if len(subjects) > 1:
        message = compose(kind, links, recipient=recipient, stamp=stamp)
        return mail.Ready(recipient, message.as_bytes())
    form = _form(kind)
    values = {"recipient": recipient, "stamp": stamp, "date": _dated(int(clock.now().timestamp()))}
    values |= {purpose: link(purpose) for link in links for purpose in form.blanks & _PURPOSES.keys()}
    return mail.Ready(recipient, form.fill(values))


@lru_cache(maxsize=500)
def _form(kind: _Kind) -> mail.Form:
    """Return the form of all letters of a kind; other words or another minute make another kind."""
    links = [mail.blank] * len(kind.subjects)
    return mail.Form(compose(kind, links, recipient=mail.blank("recipient"), stamp=mail.blank("stamp")))


@lru_cache(maxsize=1)
def _dated(second: int) -> str:
    return formatdate(second, localtime=True)


def compose(kind: _Kind, links: Sequence[Callable[[str], str]], *, recipient: str, stamp: str) -> mail.Message:
    """Return a message; ``links`` gives for each signature the end of a link for each purpose."""
    base, host = f"{kind.base_url}/{kind.language}", urlsplit(kind.base_url).hostname
    words: dict[str, Any] = {
        "lang": kind.language,
        "host": host,
        "home_url": f"{base}/",
        "list_url": f"{base}/my-signatures",
        "entries": [_entry(subject, link, base) for subject, link in zip(kind.subjects, links, strict=True)],
    }
    environment = current_app.jinja_env
    with force_locale(LOCALES.get(kind.language, kind.language)):
        text = environment.get_template(f"mail/{kind.template}.txt").render(words)
        subject, _, body = text.strip().partition("\n")
        words["subject"] = " ".join(subject.split())
        html = environment.get_template(f"mail/{kind.template}.html").render(words)
    message = copy(_sheet(kind.sender))
    message.subject, message.body, message.alts = words["subject"], _wrapped(body), {"html": html}
    message.recipients, message.date = [recipient], clock.now().timestamp()
    message.msgId = f"<{stamp}@{host}>"
    return message


@lru_cache(maxsize=10)
def _sheet(sender: str) -> mail.Message:
    """Return a message to copy: Flask-Mail asks the resolver for this machine's name for each new one."""
    return mail.Message(sender=sender, extra_headers=_HEADERS)


def _subject(entry: Entry) -> _Subject:
    return _Subject(
        title=" ".join(entry.title.split()),
        language=entry.language,
        accent=entry.accent,
        slug=entry.slug,
        confirmed_on=entry.confirmed_at.date() if entry.confirmed_at else None,
        # Rounded down, so that it is true, and the same for all who sign within a minute.
        confirm_until=entry.confirm_until.replace(second=0, microsecond=0),
    )


def _entry(subject: _Subject, link: Callable[[str], str], base: str) -> dict[str, Any]:
    urls = {name: f"{base}/{purpose}/{link(purpose)}" for purpose, name in _PURPOSES.items()}
    return {**subject._asdict(), "call_url": f"{base}/calls/{subject.slug}", **urls}


def _wrapped(text: str) -> str:
    """Return the text in lines that every mail program shows whole; links stay in one piece."""
    lines = [
        textwrap.fill(line.strip(), 72, break_long_words=False, break_on_hyphens=False) for line in text.splitlines()
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
