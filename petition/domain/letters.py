"""The outbox: who may get how many letters, which are due, and what became of them.

Each feature registers its kinds of letters here; those about signatures are in ``letter_contents.py``.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Session

from petition import terms
from petition.lib import clock, email_addresses, retries
from petition.lib.retries import RetryPlan
from petition.models import Letter, LetterState, Organiser, SilencedAddress

# How long a worker may keep the letters it claimed: so late are those of a killed one. And how long delivery is tried.
LEASE = timedelta(minutes=5)
TRY_FOR = timedelta(hours=72)

# The most letters for one mailbox in 24 hours: about one call, and about anything. A day, because that is for how long
# strangers could keep somebody from getting one; a letter that nobody used is good for longer.
PER_CALL = terms.LETTERS_PER_CALL_A_DAY
PER_DAY = 20

# Written out, because a database uses a partial index only for the very words of its condition.
IS_WAITING: ColumnElement[bool] = Letter.state == literal_column(f"'{LetterState.WAITING}'")


class UnknownLetter(ValueError):
    """Raised when a letter is enqueued whose kind nobody registered."""


class Entry(NamedTuple):
    """One row that a letter speaks of: what its template reads, hashable, and what its links mean."""

    context: NamedTuple
    link_id: str


class Content(NamedTuple):
    """What a letter says as things stand now: a template ``mail/<template>.txt`` and ``.html``, and its entries."""

    template: str
    entries: Sequence[Entry] = ()


@dataclass(frozen=True)
class LetterKind:
    """One kind of letter, registered once by the feature that it belongs to.

    ``priority`` orders the outbox, 0 first. ``content`` says what each letter of a batch says now, by ``Letter.id``,
    without those that have nothing to say any more; kinds with the same function are given to it together.
    ``per_call`` bounds the letters of any kind to one mailbox about one call in 24 hours, ``per_day`` those about
    anything, ``same_per_day`` those of this kind in 24 hours. ``links`` says for each purpose how long its link
    works; the path of the link is ``folder``, or else the reader's language, and the purpose; templates call it
    ``not_me_url`` for ``not-me``. With ``even_silenced`` they go to mailboxes too that want none about signatures.
    """

    template: str
    priority: int
    content: Callable[[Session, Sequence[Letter]], Mapping[int, Content]]
    per_call: int = PER_CALL
    per_day: int = PER_DAY
    same_per_day: int = PER_DAY
    links: dict[str, timedelta] = field(default_factory=dict)
    folder: str = ""
    even_silenced: bool = False


# Filled by ``register``: the kinds by template, and how long links work by purpose.
KINDS: dict[str, LetterKind] = {}
LINK_LIFETIMES: dict[str, timedelta] = {}


def register(kind: LetterKind) -> None:
    """Add a kind; raises ValueError for another one of that name, or when one purpose would have two lifetimes."""
    if KINDS.get(kind.template, kind) != kind:
        raise ValueError(f"Another letter is registered as {kind.template}.")
    if LINK_LIFETIMES | kind.links != kind.links | LINK_LIFETIMES:
        raise ValueError(f"Links of {kind.template} and of another letter have one purpose and two lifetimes.")
    KINDS[kind.template] = kind
    LINK_LIFETIMES.update(kind.links)


def current_contents(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what letters of known kinds say now, by id, without those that have nothing to say any more."""
    batches = defaultdict(list)
    for letter in batch:
        batches[KINDS[letter.template].content].append(letter)
    return {letter_id: content for read, some in batches.items() for letter_id, content in read(session, some).items()}


class NewLetter(NamedTuple):
    """A letter to be enqueued, about a call or about all of them; it may leave at once or from ``due_at`` on."""

    template: str
    recipient: str
    digest: bytes
    language: str
    call_id: int | None = None
    due_at: datetime | None = None
    version: str = ""


def for_organiser(template: str, organiser: Organiser, version: str = "") -> NewLetter:
    """Return a letter to the owner of an account; ``version`` names the row that it is about, else their own."""
    digest = email_addresses.digest(organiser.email)
    return NewLetter(template, organiser.email, digest, organiser.language, version=version or str(organiser.id))


def enqueue(session: Session, letters: Sequence[NewLetter]) -> None:
    """Write each letter, unless its address has had enough or one like it still waits; one statement either way.

    What a letter says is decided when it is sent, so the one that waits will do. Raises UnknownLetter, and then none is
    written.
    """
    now = clock.now()
    same = {
        "new_state": LetterState.WAITING,
        "new_attempts": 0,
        "new_created_at": now,
        "new_error": "",
        "since": now - timedelta(days=1),
    }
    rows = [same | _parameters(letter, now) for letter in letters]
    if rows:
        session.connection().execute(_ENQUEUE, rows)


def _parameters(letter: NewLetter, now: datetime) -> dict[str, Any]:
    kind = KINDS.get(letter.template)
    if kind is None:
        raise UnknownLetter(letter.template)
    return {
        "new_template": letter.template,
        "new_priority": kind.priority,
        "new_call_id": letter.call_id,
        "new_version": letter.version,
        "new_email_digest": letter.digest,
        "new_recipient": letter.recipient,
        "new_language": letter.language,
        "new_due_at": letter.due_at or now,
        "per_call": kind.per_call,
        "per_day": kind.per_day,
        "same_per_day": kind.same_per_day,
        "even_silenced": kind.even_silenced,
    }


def claim(session: Session, limit: int) -> list[Letter]:
    """Take up to ``limit`` letters that are due, of known kinds or not, urgent ones first, for the time of ``LEASE``.

    Commit before sending: then no other worker takes them, and if this one is killed they come back by themselves.
    """
    now = clock.now()
    due = (
        select(Letter.id)
        .where(IS_WAITING, Letter.due_at <= now)
        .order_by(Letter.priority, Letter.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
        .prefix_with("MATERIALIZED")
    )
    claimed = session.scalars(
        update(Letter)
        .where(Letter.id.in_(select(due.c.id)))
        .values(due_at=now + LEASE, attempts=Letter.attempts + 1)
        .returning(Letter)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(claimed, key=lambda letter: (letter.priority, letter.created_at, letter.id))


def reset_future_due(session: Session) -> int:
    """Let letters go now that were written, and never tried, by a clock that was set back since; returns how many."""
    now = clock.now()
    ahead = Letter.created_at > now, Letter.attempts == 0, IS_WAITING
    reset = update(Letter).where(*ahead).values(created_at=now, due_at=now).returning(Letter.id)
    return len(session.scalars(reset.execution_options(synchronize_session=False)).all())


def mark_sent(session: Session, batch: Collection[Letter]) -> None:
    """Note that letters were handed over, and forget their addresses."""
    _update_waiting(session, batch, state=LetterState.SENT, recipient=None, sent_at=clock.now(), error="")


def mark_failed(session: Session, batch: Collection[Letter], error: str) -> None:
    """Give letters up, visibly, and forget their addresses."""
    _update_waiting(session, batch, state=LetterState.FAILED, recipient=None, error=error[:200])


def schedule_retry(session: Session, letter: Letter, error: str, plan: RetryPlan = retries.USUAL) -> None:
    """Try a letter again later; at the end of its plan, and after 72 hours in any case, it has failed."""
    if _is_late(letter) or plan.is_over(letter.attempts, clock.now() - letter.created_at):
        mark_failed(session, [letter], error)
        return
    _update_waiting(session, [letter], due_at=clock.now() + plan.pause(letter.attempts), error=error[:200])


def release(session: Session, batch: Collection[Letter], error: str = "", *, pause: timedelta = timedelta()) -> None:
    """Give back letters that were not tried, as if they had not been claimed; they are due again after ``pause``.

    With an ``error``, the reason why no letter like them goes out, those older than 72 hours have failed.
    """
    late = [letter for letter in batch if error and _is_late(letter)]
    mark_failed(session, late, error)
    # A lease that ran out is another worker's by now.
    is_ours = Letter.due_at.in_({letter.due_at for letter in batch})
    early = [letter for letter in batch if letter not in late]
    _update_waiting(
        session, early, is_ours, due_at=clock.now() + pause, attempts=Letter.attempts - 1, error=error[:200]
    )


def discard(session: Session, batch: Collection[Letter]) -> None:
    """Delete letters that have nothing to say any more."""
    if batch:
        session.execute(
            delete(Letter)
            .where(Letter.id.in_([letter.id for letter in batch]), IS_WAITING)
            .execution_options(synchronize_session=False)
        )


def _update_waiting(
    session: Session, batch: Collection[Letter], *conditions: ColumnElement[bool], **values: Any
) -> None:
    if batch:
        session.execute(
            update(Letter)
            .where(Letter.id.in_([letter.id for letter in batch]), IS_WAITING, *conditions)
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def _is_late(letter: Letter) -> bool:
    return clock.now() >= letter.created_at + TRY_FOR


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


# The one statement that writes a letter if its address has room, put together once: that takes five times as long as
# to run it. It looks at the letters of the address only; thousands of others may wait.
_TABLE = cast("Table", Letter.__table__)
_NEW = {
    column.name: bindparam(f"new_{column.name}", type_=column.type)
    for column in _TABLE.c
    if column.name not in {"id", "sent_at"}
}
_IS_OF_TODAY = Letter.created_at > bindparam("since", type_=_TABLE.c.created_at.type)
_IS_THE_SAME = (
    (Letter.template == _NEW["template"])
    & Letter.call_id.is_not_distinct_from(_NEW["call_id"])
    & (Letter.version == _NEW["version"])
    & (Letter.attempts == 0)
    & IS_WAITING
)
_HAD = (
    select(
        _count(_IS_OF_TODAY & (Letter.call_id == _NEW["call_id"])).label("of_call"),
        _count(_IS_OF_TODAY).label("of_today"),
        _count(_IS_OF_TODAY & (Letter.template == _NEW["template"])).label("same_of_today"),
        _count(_IS_THE_SAME).label("waiting"),
    )
    .where(Letter.email_digest == _NEW["email_digest"])
    .subquery("had")
)
_ENQUEUE = insert(_TABLE).from_select(
    list(_NEW),
    select(*_NEW.values()).where(
        _HAD.c.of_call < bindparam("per_call", type_=Integer),
        _HAD.c.of_today < bindparam("per_day", type_=Integer),
        _HAD.c.same_of_today < bindparam("same_per_day", type_=Integer),
        _HAD.c.waiting == 0,
        bindparam("even_silenced", type_=Boolean)
        | ~exists().where(SilencedAddress.email_digest == _NEW["email_digest"]),
    ),
)
