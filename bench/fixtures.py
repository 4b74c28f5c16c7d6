"""Rows in bulk, links to them, and what the tables say afterwards."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from petition.domain import totals
from petition.lib import clock, email_addresses, tokens
from petition.models import CONSENT_VERSION

CALL = "keep-culture-open"
SIGN = f"/en/calls/{CALL}/sign"

# What the button of a confirmation page names: rows written in bulk have no digest of their words, and the call shows
# its first version.
BUTTON = "version=.1"

_SIGNATURE = (
    "call_id",
    "email_digest",
    "email",
    "state",
    "name",
    "country",
    "show_name",
    "wants_updates",
    "language",
    "partner",
    "consent_version",
    "requested_at",
    "confirmed_at",
)
_LETTER = (
    "template",
    "priority",
    "state",
    "call_id",
    "email_digest",
    "recipient",
    "language",
    "attempts",
    "created_at",
    "due_at",
    "error",
)

_STORY = (
    "signature_id",
    "call_id",
    "kind",
    "language",
    "text",
    "details",
    "wants_letter",
    "state",
    "revision",
    "text_digest",
)
_PUBLISHED = (
    "story_id",
    "call_id",
    "kind",
    "language",
    "country",
    "text",
    "details",
    "licence",
    "credit",
    "hero",
    "revision",
    "published_at",
    "updated_at",
)
_LANGUAGES = ("en", "fr", "de", "it", "es", "nl", "pl", "el", "bg", "pt")
_COUNTRIES = ("FR", "DE", "IT", "ES", "NL", "PL", "GR", "BG", "PT", "BE", "AT", "IE", "SE", "FI", "", "CZ", "HU")
_WORDS = "Culture opens doors, and what it opens belongs to everyone who walks through them. " * 4


def emails(prefix: str, count: int) -> list[str]:
    """Return as many addresses, at a hundred domains."""
    return [f"{prefix}{number}@d{number % 100}.example" for number in range(count)]


def sign_up(engine: Engine, people: Iterable[str], state: str = "pending") -> None:
    """Write signatures of these addresses in bulk and bring the totals up to them."""
    now = clock.now() - timedelta(minutes=10)
    moment, call, kept = _moment(engine, now), call_id(engine), state == "pending"
    _insert(
        engine,
        "signature",
        _SIGNATURE,
        (
            (call, email_addresses.digest(email), email if kept else None, state, "Suzie Signer", "FR", _flag(engine, number % 2),
             _flag(engine, 0), "en", "", CONSENT_VERSION, moment, None if kept else moment)
            for number, email in enumerate(people)
        ),
    )  # fmt: skip
    with Session(engine) as session:
        totals.repair(session)
        session.commit()
    settle(engine)


def crowd(engine: Engine, count: int) -> None:
    """Write as many confirmed signatures of nobody in particular: made-up digests, for speed."""
    now = clock.now() - timedelta(days=1)
    call = call_id(engine)
    _insert(
        engine,
        "signature",
        _SIGNATURE,
        (
            (call, sha256(b"%d" % number).digest(), None, "confirmed", "Suzie Signer", "FR", _flag(engine, number % 2),
             _flag(engine, 0), "en", "", CONSENT_VERSION, _moment(engine, at), _moment(engine, at))
            for number in range(count)
            for at in (now + timedelta(milliseconds=number % 3_600_000),)
        ),
    )  # fmt: skip
    with Session(engine) as session:
        totals.repair(session)
        session.commit()
    settle(engine)


def stories(engine: Engine, count: int) -> None:
    """Publish as many stories of the call: a thousand heroes, ten languages, one in ten shown on this site only."""
    crowd(engine, count)
    call, now = call_id(engine), clock.now() - timedelta(days=1)
    # The demo has told some already.
    free = "select id from signature where id not in (select signature_id from story) order by id limit :count"
    owners = [row[0] for row in table(engine, free, count=count)]
    last = table(engine, "select max(id) from story")[0][0] or 0
    words = [(f"{number}. {_WORDS[: 80 + number % 250]}", _LANGUAGES[number % 10]) for number in range(count)]
    _insert(
        engine,
        "story",
        _STORY,
        (
            (owner, call, "petition", language, told, "{}", _flag(engine, 0), "approved", 1, sha256(told.encode()).digest())
            for owner, (told, language) in zip(owners, words, strict=True)
        ),
    )  # fmt: skip
    ids = [row[0] for row in table(engine, "select id from story where id > :last order by id", last=last)]
    _insert(
        engine,
        "published_story",
        _PUBLISHED,
        (
            (ids[number], call, "petition", language, _COUNTRIES[number % 17], told, f'{{"hero": "Hero {number % 1000}"}}',
             "cc-by" if number % 10 else "here-only", "Suzie", f"hero{number % 1000}", 1,
             *[_moment(engine, now + timedelta(milliseconds=number))] * 2)
            for number, (told, language) in enumerate(words)
        ),
    )  # fmt: skip
    for into, key in (("story_tally", "call_id, language, country"), ("hero_tally", "call_id, hero")):
        change(engine, f"delete from {into}")
        change(
            engine, f"insert into {into} ({key}, published) select {key}, count(*) from published_story group by {key}"
        )
    change(engine, "update published_story set featured_at = published_at where story_id % 10000 = 0")
    settle(engine, "story", "published_story", "story_tally", "hero_tally")


def letters(engine: Engine, people: Iterable[str]) -> None:
    """Write a waiting letter for each of these addresses in bulk."""
    moment, call = _moment(engine, clock.now()), call_id(engine)
    _insert(
        engine,
        "letter",
        _LETTER,
        (
            ("confirm_signature", 0, "waiting", call, email_addresses.digest(email), email, "en", 0, moment, moment, "")
            for email in people
        ),
    )
    settle(engine)


def clear(engine: Engine) -> None:
    """Forget everybody who signed, their letters and the totals."""
    with engine.begin() as connection:
        for table in ("letter", "tally", "signature"):
            connection.execute(text(f"delete from {table}"))
    settle(engine)


def settle(engine: Engine, *tables: str) -> None:
    """Let the database finish what it would do later, in these tables too, outside what is measured."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("set statement_timeout = 0"))
            connection.execute(text(f"vacuum analyze {', '.join(('signature', 'letter', 'tally', *tables))}"))
            connection.execute(text("checkpoint"))
            connection.execute(text("reset statement_timeout"))
    else:
        with engine.connect() as connection:
            connection.execute(text("analyze"))
            connection.commit()
            connection.execute(text("pragma wal_checkpoint(truncate)"))


def links(engine: Engine, purpose: str = "confirm") -> list[str]:
    """Return a link's path for each signature that waits for its confirmation."""
    with engine.connect() as connection:
        numbers = connection.scalars(text("select id from signature where state = 'pending' order by id")).all()
    return [f"/en/{purpose}/{tokens.make(purpose, number)}" for number in numbers]


def form_token() -> str:
    """Return a form token old enough to be taken at once."""
    with stopped_clock(clock.now() - timedelta(minutes=1)):
        return tokens.signer("form.SignForm").sign(b"").decode()


@contextmanager
def stopped_clock(moment: datetime) -> Iterator[None]:
    """Stop the clock of this process for a block."""
    clock.stop(moment)
    try:
        yield
    finally:
        clock.start()


def call_id(engine: Engine) -> int:
    """Return the number of the open call."""
    return int(one(engine, "select id from call where slug = :slug", slug=CALL))


def one(engine: Engine, query: str, **values: Any) -> Any:
    """Return the one value that a query gives."""
    with engine.connect() as connection:
        return connection.scalar(text(query), values)


def table(engine: Engine, query: str, **values: Any) -> list[Any]:
    """Return the rows that a query gives."""
    with engine.connect() as connection:
        return list(connection.execute(text(query), values))


def change(engine: Engine, statement: str, **values: Any) -> None:
    """Change rows and commit."""
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def confirmed_and_total(engine: Engine) -> tuple[int, int]:
    """Return the confirmed signatures of the open call and its total, of one instant."""
    both = (
        "select (select count(*) from signature where state = 'confirmed' and call_id = :call),"
        " (select coalesce(sum(confirmed), 0) from tally where dimension = 'total' and call_id = :call)"
    )
    confirmed, total = table(engine, both, call=call_id(engine))[0]
    return int(confirmed), int(total)


def moment(value: Any) -> datetime:
    """Return what a database gave for a moment as an aware one; SQLite gives text."""
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read


def _insert(engine: Engine, into: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
    connection = engine.raw_connection()
    names = ", ".join(columns)
    try:
        cursor = connection.cursor()
        if engine.dialect.name == "postgresql":
            cursor.execute("set statement_timeout = 0")
            with cursor.copy(f"copy {into} ({names}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute("reset statement_timeout")
        else:
            cursor.execute("begin immediate")
            cursor.executemany(f"insert into {into} ({names}) values ({', '.join('?' * len(columns))})", list(rows))
        connection.commit()
    finally:
        connection.close()


def _moment(engine: Engine, moment: Any) -> Any:
    """SQLite keeps moments as text, as SQLAlchemy writes them."""
    return moment if engine.dialect.name == "postgresql" else moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _flag(engine: Engine, value: int) -> bool | int:
    return bool(value) if engine.dialect.name == "postgresql" else value
