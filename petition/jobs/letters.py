"""Sends the letters that are due: many over one connection, each noted soon after it is gone."""

import re
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from copy import copy
from functools import partial
from itertools import count
from threading import Event
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

# Killed at any instant, a worker sends again what it had not noted: at most so many letters, or those of one second.
NOTED_AT_ONCE = 10
NOTED_AFTER = 1.0

# After so many seconds the rest of a batch is given back: the slowest letter that can follow still fits into the lease.
_SENDING = 20.0
# For so long a lost database is waited for.
_NOTING = letters.LEASE.total_seconds() * 0.9

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


def send(session: Session, settings: Settings, limit: int = 100, stop: Event | None = None) -> Round:
    """Send up to ``limit`` letters that are due; needs the app's context.

    Those that the mail server did not get to, or that were left when ``stop`` was set, are due again at once.
    """
    stop, began = stop or Event(), time.monotonic()
    room = guard.room(session, settings.letters_per_minute, limit)
    batch = letters.claim(session, room) if room else []
    guard.note_taken(session, settings.letters_per_minute, len(batch))
    session.commit()
    session.expunge_all()
    if not batch:
        return Round(0, Counter(), "")
    ledger = _Ledger(session, stop, until=began + _NOTING)
    with closing(mail.post(settings)) as post:
        try:
            for fate in _deliver(batch, post, settings, ledger):
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


def _deliver(batch: Sequence[Letter], post: mail.Post, settings: Settings, ledger: _Ledger) -> Iterator[Fate]:
    """Give the letters to the mail server, each as it reads at that moment, and yield what became of them."""
    blank = mail.Message(sender=settings.mail_default_sender, extra_headers=_HEADERS)
    for start in range(0, len(batch), NOTED_AT_ONCE):
        few = batch[start : start + NOTED_AT_ONCE]
        contents = ledger.insist(partial(letters.contents, ledger.session, few))
        for letter in few:
            content = contents.get(letter.id)
            yield _try(letter, content, blank, post, settings) if content else Fate(letter, "moot")


def _try(letter: Letter, content: Content, blank: mail.Message, post: mail.Post, settings: Settings) -> Fate:
    try:
        post.deliver(letter.id, compose(letter, content, blank, settings))
    except mail.Refused as fault:
        return Fate(letter, "failed", fault.reason)
    except mail.Undelivered as fault:
        kind = "left" if isinstance(fault, mail.Down) else "postponed"
        return Fate(letter, kind, fault.reason, fault.in_doubt, is_last=not isinstance(fault, mail.Postponed))
    except _MISPRINTS:
        log.exception("letter_misprinted", template=content.template, language=letter.language)
        return Fate(letter, "postponed", "The text could not be written.")
    return Fate(letter, "sent")


def compose(letter: Letter, content: Content, blank: mail.Message, settings: Settings) -> mail.Message:
    """Return the message, in the language of its reader; nothing that a signer typed is in it."""
    base = f"{settings.base_url}/{letter.language}"
    host = urlsplit(settings.base_url).hostname
    words: dict[str, Any] = {
        "lang": letter.language,
        "host": host,
        "home_url": f"{base}/",
        "list_url": f"{base}/my-signatures",
        "entries": [_links(entry, base) for entry in content.entries],
    }
    environment = current_app.jinja_env
    with force_locale(LOCALES.get(letter.language, letter.language)):
        text = environment.get_template(f"mail/{content.template}.txt").render(words)
        subject, _, body = text.strip().partition("\n")
        words["subject"] = " ".join(subject.split())
        html = environment.get_template(f"mail/{content.template}.html").render(words)
    # Flask-Mail asks the resolver for this machine's name for each new message, so all are copies of one.
    message = copy(blank)
    message.subject, message.body, message.alts = words["subject"], _wrapped(body), {"html": html}
    message.recipients, message.date = [letter.recipient or ""], clock.now().timestamp()
    message.msgId = f"<{letter.id}.{int(letter.created_at.timestamp())}@{host}>"
    return message


def _links(entry: Entry, base: str) -> dict[str, Any]:
    signature, call = entry.signature, entry.signature.call

    def link(purpose: str) -> str:
        return f"{base}/{purpose}/{tokens.make(purpose, signature.id)}"

    return {
        "title": " ".join(entry.title.split()),
        "language": entry.language,
        "accent": call.campaign.accent,
        "confirmed_at": signature.confirmed_at,
        "confirm_until": entry.confirm_until,
        "call_url": f"{base}/calls/{call.slug}",
        "confirm_url": link("confirm"),
        "not_me_url": link("not-me"),
        "me_url": link("me"),
    }


def _wrapped(text: str) -> str:
    """Return the text in lines that every mail program shows whole; links stay in one piece."""
    lines = [
        textwrap.fill(line.strip(), 72, break_long_words=False, break_on_hyphens=False) for line in text.splitlines()
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
