"""The outbox: who may get how many letters, which are due, and what became of them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Integer, Table, bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.orm import Session

from petition.lib import clock
from petition.models import Letter, LetterState

# The most letters for one address: about one call, in a day about all calls, and in a day with links to all signatures.
PER_CALL = 5
PER_DAY = 20
LISTS_PER_DAY = 5

# How long a worker may keep the letters it took: so late are those of a killed one. And for how long delivery is tried.
LEASE = timedelta(minutes=2)
TRY_FOR = timedelta(hours=72)

# A signature that nobody confirmed for so long is deleted.
CONFIRM_WITHIN = timedelta(days=7)

_PRIORITIES = {"confirm_signature": 0, "my_signatures": 1}
_LAST = 5

# Written out, because a database uses a partial index only for the very words of its condition.
IS_WAITING: ColumnElement[bool] = Letter.state == literal_column(f"'{LetterState.WAITING}'")


class NewLetter(NamedTuple):
    """A letter to be written, about a call or about all of them; it may leave at once or from ``due_at`` on."""

    template: str
    recipient: str
    digest: bytes
    language: str
    call_id: int | None = None
    due_at: datetime | None = None


def post(session: Session, letters: Sequence[NewLetter]) -> None:
    """Write each letter, unless its address has had enough or one like it still waits; one statement either way.

    What a letter says is decided when it is sent, so the one that waits will do.
    """
    now = clock.now()
    same = {
        "new_state": LetterState.WAITING,
        "new_attempts": 0,
        "new_created_at": now,
        "new_error": "",
        "since": now - timedelta(days=1),
    }
    rows = [
        same
        | {
            "new_template": letter.template,
            "new_priority": _PRIORITIES.get(letter.template, _LAST),
            "new_call_id": letter.call_id,
            "new_email_digest": letter.digest,
            "new_recipient": letter.recipient,
            "new_language": letter.language,
            "new_due_at": letter.due_at or now,
            "lists": LISTS_PER_DAY if letter.template == "my_signatures" else PER_DAY,
        }
        for letter in letters
    ]
    session.connection().execute(_POST, rows)


def claim(session: Session, limit: int) -> list[Letter]:
    """Take up to ``limit`` letters that are due, urgent ones first, for the time of ``LEASE``.

    Commit before sending: then no other worker takes them, and if this one is killed they come back by themselves.
    """
    now = clock.now()
    due = (
        select(Letter.id)
        .where(IS_WAITING, Letter.due_at <= now, Letter.template.in_(_PRIORITIES))
        .order_by(Letter.priority, Letter.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
        .prefix_with("MATERIALIZED")
    )
    taken = session.scalars(
        update(Letter)
        .where(Letter.id.in_(select(due.c.id)))
        .values(due_at=now + LEASE, attempts=Letter.attempts + 1)
        .returning(Letter)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(taken, key=lambda letter: (letter.priority, letter.created_at, letter.id))


def hurry(session: Session) -> int:
    """Let letters go now that were written by a clock that has been set back since; returns how many."""
    now = clock.now()
    ahead = Letter.created_at > now, Letter.attempts == 0, IS_WAITING
    hurried = update(Letter).where(*ahead).values(created_at=now, due_at=now).returning(Letter.id)
    return len(session.scalars(hurried.execution_options(synchronize_session=False)).all())


def sent(session: Session, batch: Collection[Letter]) -> None:
    """Note that letters were handed over, and forget their addresses."""
    _settle(session, batch, state=LetterState.SENT, recipient=None, sent_at=clock.now(), error="")


def fail(session: Session, batch: Collection[Letter], error: str) -> None:
    """Give letters up, visibly, and forget their addresses."""
    _settle(session, batch, state=LetterState.FAILED, recipient=None, error=error[:200])


def retry(session: Session, letter: Letter, error: str, *, in_doubt: bool = False) -> None:
    """Try a letter again later, after 1 minute, then 2, 4 … up to 1 hour; after 72 hours it has failed.

    ``in_doubt`` means that it may have arrived, so each try may be one more copy: then 1 minute, 1 hour, 1 day.
    """
    if _is_late(letter):
        fail(session, [letter], error)
        return
    tries = min(letter.attempts, 10) - 1
    pause = min(60**tries, 24 * 60) if in_doubt else min(2**tries, 60)
    _settle(session, [letter], due_at=clock.now() + timedelta(minutes=pause), error=error[:200])


def release(session: Session, batch: Collection[Letter], error: str = "") -> None:
    """Give back letters that were not tried, as if they had not been taken.

    With an ``error``, the reason why the mail server takes no letter at all, those older than 72 hours have failed.
    """
    late = [letter for letter in batch if error and _is_late(letter)]
    fail(session, late, error)
    # A lease that ran out is another worker's by now.
    is_ours = Letter.due_at.in_({letter.due_at for letter in batch})
    early = [letter for letter in batch if letter not in late]
    _settle(session, early, is_ours, due_at=clock.now(), attempts=Letter.attempts - 1, error=error[:200])


def discard(session: Session, batch: Collection[Letter]) -> None:
    """Delete letters that have nothing to say any more."""
    if batch:
        session.execute(
            delete(Letter)
            .where(Letter.id.in_([letter.id for letter in batch]), IS_WAITING)
            .execution_options(synchronize_session=False)
        )


def delete_old(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` letters that were written before that moment and are done with; returns how many."""
    is_done = Letter.state != LetterState.WAITING
    old = select(Letter.id).where(is_done, Letter.created_at < before).order_by(Letter.id).limit(limit)
    gone = delete(Letter).where(Letter.id.in_(old), is_done).returning(Letter.id)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())


def count_due(session: Session) -> int:
    """Return how many letters a worker would take now."""
    due = select(func.count()).where(IS_WAITING, Letter.due_at <= clock.now())
    return session.scalar(due) or 0


def count_late(session: Session) -> int:
    """Return how many letters should have been taken ten minutes ago."""
    late = select(func.count()).where(IS_WAITING, Letter.due_at < clock.now() - timedelta(minutes=10))
    return session.scalar(late) or 0


def count_failed(session: Session) -> int:
    """Return how many letters were given up and are still remembered."""
    return session.scalar(select(func.count()).where(Letter.state == LetterState.FAILED)) or 0


def _settle(session: Session, batch: Collection[Letter], *conditions: ColumnElement[bool], **values: Any) -> None:
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
    & (Letter.attempts == 0)
    & IS_WAITING
)
_HAD = (
    select(
        _count(Letter.call_id == _NEW["call_id"]).label("of_call"),
        _count(_IS_OF_TODAY).label("of_today"),
        _count(_IS_OF_TODAY & (Letter.template == "my_signatures")).label("lists"),
        _count(_IS_THE_SAME).label("waiting"),
    )
    .where(Letter.email_digest == _NEW["email_digest"])
    .subquery("had")
)
_POST = insert(_TABLE).from_select(
    list(_NEW),
    select(*_NEW.values()).where(
        _HAD.c.of_call < PER_CALL,
        _HAD.c.of_today < PER_DAY,
        _HAD.c.lists < bindparam("lists", type_=Integer),
        _HAD.c.waiting == 0,
    ),
)
