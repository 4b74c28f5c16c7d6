"""The outbox: who may get how many letters, which are due and what they say now, and what became of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
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

from petition.lib import clock
from petition.models import (
    CONFIRMING_GRACE,
    Call,
    CallState,
    CallText,
    Campaign,
    Letter,
    LetterState,
    Signature,
    SignatureState,
)

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
_IS_WAITING: ColumnElement[bool] = Letter.state == literal_column(f"'{LetterState.WAITING}'")


_Row = Row[*tuple[Any, ...]]


class Entry(NamedTuple):
    """A signature that a letter speaks of, with its call's title and the moment until which it can be confirmed."""

    signature_id: int
    slug: str
    accent: str
    title: str
    language: str
    confirmed_at: datetime | None
    confirm_until: datetime


class Content(NamedTuple):
    """What a letter says as things stand now: its template and the signatures it speaks of."""

    template: str
    entries: Sequence[Entry]


def post(
    session: Session,
    template: str,
    *,
    recipient: str,
    digest: bytes,
    language: str,
    call_id: int | None = None,
    priority: int | None = None,
) -> None:
    """Write a letter, unless its address has had enough or one like it still waits; one statement either way.

    What a letter says is decided when it is sent, so the one that waits will do.
    """
    now = clock.now()
    row = {
        "template": template,
        "priority": _PRIORITIES.get(template, _LAST) if priority is None else priority,
        "state": LetterState.WAITING,
        "call_id": call_id,
        "email_digest": digest,
        "recipient": recipient,
        "language": language,
        "attempts": 0,
        "created_at": now,
        "due_at": now,
        "error": "",
    }
    limits = {"since": now - timedelta(days=1), "lists": LISTS_PER_DAY if template == "my_signatures" else PER_DAY}
    session.execute(_POST, {f"new_{name}": value for name, value in row.items()} | limits)


def claim(session: Session, limit: int) -> list[Letter]:
    """Take up to ``limit`` letters that are due, urgent ones first, for the time of ``LEASE``.

    Commit before sending: then no other worker takes them, and if this one is killed they come back by themselves.
    """
    now = clock.now()
    due = (
        select(Letter.id)
        .where(_IS_WAITING, Letter.due_at <= now, Letter.template.in_(_RULES))
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


def contents(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what each letter of a batch says now, by letter; those with nothing to say any more are left out."""
    digests = [letter.email_digest for letter in batch]
    found = defaultdict(list)
    for row in session.execute(_SIGNATURES, {"digests": digests}):
        found[row.email_digest].append(row)
    titles = _titles(session, {row.call_id for rows in found.values() for row in rows})
    said = {}
    for letter in batch:
        template, spoken_of = _RULES[letter.template](letter, found[letter.email_digest])
        if template and letter.recipient:
            entries = [_entry(row, titles, letter.language) for row in spoken_of]
            said[letter.id] = Content(template, entries)
    return said


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


def postpone(session: Session, digest: bytes, *, since: datetime, until: datetime) -> None:
    """Let the letters for an address that were written since then and not yet taken wait until a moment."""
    session.execute(
        update(Letter)
        .where(Letter.email_digest == digest, Letter.created_at >= since, Letter.attempts == 0, _IS_WAITING)
        .values(due_at=until)
        .execution_options(synchronize_session=False)
    )


def discard(session: Session, batch: Collection[Letter]) -> None:
    """Delete letters that have nothing to say any more."""
    if batch:
        session.execute(
            delete(Letter)
            .where(Letter.id.in_([letter.id for letter in batch]), _IS_WAITING)
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
    due = select(func.count()).where(_IS_WAITING, Letter.due_at <= clock.now())
    return session.scalar(due) or 0


def count_late(session: Session) -> int:
    """Return how many letters should have been taken ten minutes ago."""
    late = select(func.count()).where(_IS_WAITING, Letter.due_at < clock.now() - timedelta(minutes=10))
    return session.scalar(late) or 0


def count_failed(session: Session) -> int:
    """Return how many letters were given up and are still remembered."""
    return session.scalar(select(func.count()).where(Letter.state == LetterState.FAILED)) or 0


def _settle(session: Session, batch: Collection[Letter], *conditions: ColumnElement[bool], **values: Any) -> None:
    if batch:
        session.execute(
            update(Letter)
            .where(Letter.id.in_([letter.id for letter in batch]), _IS_WAITING, *conditions)
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def _is_late(letter: Letter) -> bool:
    return clock.now() >= letter.created_at + TRY_FOR


def _confirm_signature(letter: Letter, theirs: Sequence[_Row]) -> tuple[str, list[_Row]]:
    mine = [row for row in theirs if row.call_id == letter.call_id and _is_shown(row)]
    if any(row.state == SignatureState.CONFIRMED for row in mine):
        return "already_signed", mine
    return ("confirm_signature", mine) if any(map(_is_open, mine)) else ("", [])


def _my_signatures(_letter: Letter, theirs: Sequence[_Row]) -> tuple[str, list[_Row]]:
    known = [row for row in theirs if row.state == SignatureState.CONFIRMED or _is_open(row)]
    shown = [row for row in known if _is_shown(row)]
    return "my_signatures" if shown else "no_signatures", shown


def _is_shown(row: _Row) -> bool:
    """Whether its call is there for the public; about one that was taken away there is nothing to write."""
    return bool(row.call_state == CallState.PUBLISHED)


def _is_open(row: _Row) -> bool:
    """Whether the signature can still be confirmed."""
    return row.state == SignatureState.PENDING and clock.now() < _confirm_until(row)


def _confirm_until(row: _Row) -> datetime:
    forgotten_at: datetime = row.requested_at + CONFIRM_WITHIN
    return forgotten_at if row.closes_at is None else min(forgotten_at, row.closes_at + CONFIRMING_GRACE)


def _titles(session: Session, calls: Collection[int]) -> dict[tuple[int, str], str]:
    rows = session.execute(
        select(CallText.call_id, CallText.language, CallText.title).where(CallText.call_id.in_(calls))
    )
    return {(call_id, language): title for call_id, language, title in rows}


def _entry(row: _Row, titles: dict[tuple[int, str], str], language: str) -> Entry:
    """Take the title in the letter's language, or else in the call's own."""
    found: str = language if (row.call_id, language) in titles else row.call_language
    title = titles.get((row.call_id, found), row.hashtag or row.slug)
    return Entry(row.id, row.slug, row.accent, title, found, row.confirmed_at, _confirm_until(row))


# Plain columns: whole rows with their calls would take three times as long as all the rest of a letter.
_SIGNATURES = (
    select(
        Signature.id,
        Signature.call_id,
        Signature.email_digest,
        Signature.state,
        Signature.requested_at,
        Signature.confirmed_at,
        Call.slug,
        Call.hashtag,
        Call.language.label("call_language"),
        Call.state.label("call_state"),
        Call.closes_at,
        Campaign.accent,
    )
    .join(Call, Call.id == Signature.call_id)
    .join(Campaign, Campaign.id == Call.campaign_id)
    .where(Signature.email_digest.in_(bindparam("digests", expanding=True)))
    .order_by(Signature.id)
)

# What a posted letter turns into, by its template; no template means that it has nothing to say.
_RULES: dict[str, Callable[[Letter, Sequence[_Row]], tuple[str, list[_Row]]]] = {
    "confirm_signature": _confirm_signature,
    "my_signatures": _my_signatures,
}


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    theirs = Letter.email_digest == _NEW["email_digest"]
    return select(func.count()).where(theirs, *conditions).scalar_subquery()


# The one statement that writes a letter if its address has room, put together once: that takes five times as long as
# to run it.
_TABLE = cast("Table", Letter.__table__)
_NEW = {
    column.name: bindparam(f"new_{column.name}", type_=column.type)
    for column in _TABLE.c
    if column.name not in {"id", "sent_at"}
}
_IS_OF_TODAY = Letter.created_at > bindparam("since", type_=_TABLE.c.created_at.type)
_IS_THE_SAME = (
    (Letter.email_digest == _NEW["email_digest"])
    & (Letter.template == _NEW["template"])
    & Letter.call_id.is_not_distinct_from(_NEW["call_id"])
    & (Letter.attempts == 0)
    & _IS_WAITING
)
_POST = insert(_TABLE).from_select(
    list(_NEW),
    select(*_NEW.values()).where(
        _count(Letter.call_id == _NEW["call_id"]) < PER_CALL,
        _count(_IS_OF_TODAY) < PER_DAY,
        ~exists().where(_IS_THE_SAME),
        _count(_IS_OF_TODAY, Letter.template == "my_signatures") < bindparam("lists", type_=Integer),
    ),
)
