"""Sends the letters that are due: many over one connection, each recorded soon after it is gone."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from datetime import timedelta
from functools import partial
from itertools import count
from threading import Event, Lock
from typing import NamedTuple, TypeVar

import prometheus_client
import structlog
from babel.core import UnknownLocaleError
from jinja2 import TemplateError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from petition.config import Settings
from petition.domain import letters
from petition.domain.letters import Content
from petition.domain.settings import Switches
from petition.http import current
from petition.jobs import guard
from petition.lib import metrics, retries
from petition.lib.retries import RetryPlan
from petition.mail import rendering
from petition.mail.errors import DeliveryError, PermanentFailure, PolicyFailure, ServerUnavailable, TransientFailure
from petition.mail.transport import Transport, open_transport
from petition.models import Letter

# What one connection claims from the outbox at once, and where letters go slowly, for how many seconds.
BATCH_SIZE = 100
_BATCH_SECONDS = 5

# Killed at any instant, a worker sends again what it had not recorded: for each of its connections at most so many
# letters, or those of one second.
COMMIT_EVERY = 20
_COMMIT_AFTER = 1.0

# After so many seconds the rest of a batch is given back, for others to send.
_SEND_SECONDS = 20.0
# What a lease allows: no letter is begun whose answer might come later, and for so long a lost database is waited for.
_LEASE_SECONDS = letters.LEASE.total_seconds() * 0.9

# So long letters wait that this version does not know, for a worker of a newer one.
_UNKNOWN_PAUSE = timedelta(minutes=1)

# What a mistake in a template or in a translation raises.
RENDER_ERRORS = (TemplateError, UnknownLocaleError, LookupError, TypeError, ValueError)

outcomes = prometheus_client.Counter(
    "petition_letter_outcomes", "What became of the letters of workers.", ["outcome"], registry=metrics.REGISTRY
)

log = structlog.get_logger()

T = TypeVar("T")


class DeliveryResult(NamedTuple):
    """What became of one letter.

    ``kind`` is ``sent``, ``deferred`` (tried again later), ``failed``, ``obsolete`` (nothing to say any more) or
    ``released`` (given back without a try). ``plan`` is for ``deferred``. After one that ``is_last`` the connection is
    of no more use.
    """

    letter: Letter
    kind: str
    reason: str = ""
    plan: RetryPlan = retries.USUAL
    is_last: bool = False


class BatchResult(NamedTuple):
    """What one call of ``send`` did: how many letters it claimed, how many of each kind, and what ails the server."""

    claimed: int
    counts: Counter[str]
    fault: str


class Throttle:
    """Spaces letters evenly, ``per_second`` over all threads of this process together; 0 means no limit."""

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


def batch_size(settings: Settings) -> int:
    """Return how many letters a connection claims at once: what it can send in 5 seconds, from 1 to ``BATCH_SIZE``."""
    rate = settings.mail_per_worker_per_second
    in_time = rate * _BATCH_SECONDS / settings.mail_connections if rate else BATCH_SIZE
    return max(1, min(BATCH_SIZE, int(in_time)))


def send(
    session: Session,
    settings: Settings,
    limit: int = BATCH_SIZE,
    stop: Event | None = None,
    *,
    transport: Transport | None = None,
    throttle: Throttle | None = None,
) -> BatchResult:
    """Send up to ``limit`` letters that are due, over ``transport`` if one is open already; needs the app's context.

    Those that the mail server did not get to, or that were left when ``stop`` was set or letters were paused, are due
    again at once.
    """
    stop, started = stop or Event(), time.monotonic()
    throttle = throttle or Throttle(settings.mail_per_worker_per_second)
    batch, unknown = _claim(session, settings, limit)
    until = started + _LEASE_SECONDS
    recorder, fault = DeliveryRecorder(session, stop, until), ""
    if batch:
        with nullcontext(transport) if transport else closing(open_transport(settings)) as opened:
            attempt = partial(_try, transport=opened, settings=settings, until=until)
            try:
                for result in _deliver(batch, attempt, recorder, partial(_may_send, throttle, stop)):
                    recorder.add(result)
                    if result.is_last or stop.is_set() or time.monotonic() > started + _SEND_SECONDS:
                        break
                fault = recorder.fault
                for letter in batch[recorder.size :]:
                    recorder.add(DeliveryResult(letter, "released", fault))
            finally:
                recorder.write()
    return BatchResult(len(batch) + len(unknown), recorder.counts + Counter(released=len(unknown)), fault)


def _claim(session: Session, settings: Settings, limit: int) -> tuple[list[Letter], list[Letter]]:
    """Return letters to be sent, and those given back because no kind of this version is theirs; commits."""
    wanted = 0 if current.latest(Switches).pause_letters else limit
    quota = guard.remaining_quota(session, settings.mail_per_minute, wanted)
    claimed = letters.claim(session, quota) if quota else []
    batch = [letter for letter in claimed if letter.template in letters.KINDS]
    unknown = [letter for letter in claimed if letter.template not in letters.KINDS]
    for template, number in Counter(letter.template for letter in unknown).items():
        log.warning("letters_of_unknown_kind", template=template, letters=number)
    letters.release(session, unknown, "This version does not know this kind of letter.", pause=_UNKNOWN_PAUSE)
    guard.record_sent(session, settings.mail_per_minute, len(batch))
    session.commit()
    session.expunge_all()
    return batch, unknown


class DeliveryRecorder:
    """Writes what became of letters to the database, in commits of at most ``COMMIT_EVERY`` letters or one second."""

    def __init__(self, session: Session, stop: Event, until: float) -> None:
        self.counts: Counter[str] = Counter()
        self.fault = ""
        self.session, self._stop, self._until = session, stop, until
        self._pending: list[DeliveryResult] = []
        self._written_at = time.monotonic()

    @property
    def size(self) -> int:
        """How many letters were added."""
        return self.counts.total()

    def add(self, result: DeliveryResult) -> None:
        """Take one more letter, and write when it is time to; raises as ``retry``."""
        self._pending.append(result)
        self.counts[result.kind] += 1
        self.fault = result.reason if result.is_last else ""
        if result.kind != "released" and (
            len(self._pending) >= COMMIT_EVERY or time.monotonic() > self._written_at + _COMMIT_AFTER
        ):
            self.write()

    def write(self) -> None:
        """Write what is not written yet; raises as ``retry``."""
        if self._pending:
            self.retry(self._write)
        self._pending.clear()
        self._written_at = time.monotonic()

    def retry(self, act: Callable[[], T]) -> T:
        """Return what ``act`` does with the database, and commit.

        A database that is away is waited for, for as long as the lease lasts or until ``stop`` is set; then this raises
        OperationalError or InterfaceError.
        """
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
        by_kind = {kind: [result for result in self._pending if result.kind == kind] for kind in self.counts}
        letters.mark_sent(self.session, [result.letter for result in by_kind.get("sent", [])])
        letters.discard(self.session, [result.letter for result in by_kind.get("obsolete", [])])
        for result in by_kind.get("failed", []):
            letters.mark_failed(self.session, [result.letter], result.reason)
        for result in by_kind.get("deferred", []):
            letters.schedule_retry(self.session, result.letter, result.reason, result.plan)
        if released := by_kind.get("released"):
            letters.release(self.session, [result.letter for result in released], released[0].reason)


def _deliver(
    batch: Sequence[Letter],
    attempt: Callable[[Letter, Content], DeliveryResult],
    recorder: DeliveryRecorder,
    may_send: Callable[[], bool],
) -> Iterator[DeliveryResult]:
    """Give the letters to the mail server, each as it reads at that moment, and yield what became of them."""
    for start in range(0, len(batch), COMMIT_EVERY):
        some = batch[start : start + COMMIT_EVERY]
        contents = recorder.retry(partial(letters.current_contents, recorder.session, some))
        for letter in some:
            content = contents.get(letter.id)
            if content and not may_send():
                return
            yield attempt(letter, content) if content else DeliveryResult(letter, "obsolete")


def _may_send(throttle: Throttle, stop: Event) -> bool:
    return throttle.wait(stop) and not current.latest(Switches).pause_letters


def _try(letter: Letter, content: Content, transport: Transport, settings: Settings, until: float) -> DeliveryResult:
    try:
        transport.send(letter.id, rendering.render(letter, content, settings), until)
    except PermanentFailure as error:
        return DeliveryResult(letter, "failed", error.reason)
    except DeliveryError as error:
        kind = "released" if isinstance(error, ServerUnavailable) else "deferred"
        plan = retries.REFUSED if isinstance(error, PolicyFailure) else retries.USUAL
        plan = retries.IN_DOUBT if error.maybe_delivered else plan
        return DeliveryResult(letter, kind, error.reason, plan, is_last=not isinstance(error, TransientFailure))
    except RENDER_ERRORS:
        log.exception("letter_not_rendered", template=content.template, language=letter.language)
        return DeliveryResult(letter, "deferred", "The text could not be written.")
    return DeliveryResult(letter, "sent")
