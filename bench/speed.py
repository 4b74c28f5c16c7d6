"""How fast: pages, sign-ups, confirmations, letters, and all of it with a million signatures."""

import smtplib
import statistics
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from itertools import count

from bench import fixtures, load, processes, servers
from bench.load import Speed
from bench.plan import Plan
from bench.servers import Platform
from bench.table import Table

COUNTER = f"/counters/{fixtures.CALL}.json"
PAGE = f"/en/calls/{fixtures.CALL}"

_prefixes = (f"s{number}r" for number in count())


def reads(plan: Plan, table: Table, platform: Platform) -> None:
    """Measure the counter and the page of a call against nginx that serves the same bytes as files."""
    if not processes.program("nginx"):
        table.skip("reads", "nginx is not installed, so there is nothing to compare with")
        return
    fixtures.crowd(platform.engine, 1000)
    with platform.serving():
        _warm(platform)
        files = {"counter.json": _get(platform.url + COUNTER), "page.html": _get(platform.url + PAGE)}
        with servers.nginx(platform.folder / "nginx", files) as port:
            for what, path, name, wanted in (
                ("counter JSON", COUNTER, "counter.json", "≥ 0.4"),
                ("call page", PAGE, "page.html", "≥ 0.25"),
            ):
                for connections in plan.connections:
                    ours, theirs = _compare(
                        plan,
                        table,
                        partial(load.read, platform.url + path, plan.seconds, connections),
                        partial(load.read, f"http://127.0.0.1:{port}/{name}", plan.seconds, connections),
                    )
                    table.add(
                        f"{what}, {connections} connections",
                        platform.name,
                        ours,
                        theirs,
                        "requests/s",
                        "nginx, same bytes",
                        wanted,
                    )
    fixtures.clear(platform.engine)


def writes(plan: Plan, table: Table, platform: Platform) -> None:
    """Measure signing and confirming against bare Flask that says hello to the same requests."""
    with servers.hello() as hello, platform.serving():
        _warm(platform)
        for connections in plan.connections:
            ours, theirs = _compare(
                plan,
                table,
                partial(_signing, plan, table, platform, connections),
                partial(load.sign, hello, plan.seconds, connections, "hello"),
            )
            table.add(
                f"sign POST, {connections} connections",
                platform.name,
                ours,
                theirs,
                "sign-ups/s",
                "bare Flask hello",
                "≥ 0.12",
            )
        ours, theirs = _compare(
            plan, table, lambda: _confirming(plan, table, platform), lambda: load.sign(hello, plan.seconds, 16, "hello")
        )
        table.add(
            "confirm POST, 16 connections", platform.name, ours, theirs, "confirmations/s", "bare Flask hello", "≥ 0.15"
        )
    fixtures.clear(platform.engine)


def growth(plan: Plan, table: Table, small: Platform, large: Platform) -> None:
    """Measure the same with a thousand and with very many signatures, side by side."""
    fixtures.crowd(small.engine, 1000)
    fixtures.crowd(large.engine, plan.crowd)
    table.say(f"{large.name}: {plan.crowd:,} signatures are there")
    measures: dict[str, Callable[[Platform], Speed]] = {
        "sign": lambda platform: _signing(plan, table, platform, 16),
        "confirm": lambda platform: _confirming(plan, table, platform),
        "total": lambda platform: load.read(platform.url + COUNTER, plan.seconds, 16),
    }
    with small.serving(), large.serving():
        _warm(small)
        _warm(large)
        for what, measure in measures.items():
            many, few = _compare(plan, table, partial(measure, large), partial(measure, small))
            about = f"{what} with {plan.crowd:,} signatures"
            table.add(about, small.name, many, few, "requests/s", "with 1,000", "≥ 0.8")
    fixtures.clear(small.engine)


def letters(plan: Plan, table: Table, platform: Platform) -> None:
    """Measure one worker with a full outbox against one connection that sends one prepared letter again and again."""
    people = fixtures.emails("letter", plan.letters)
    fixtures.sign_up(platform.engine, people)
    fixtures.letters(platform.engine, people)
    postfix = plan.smtp_sink
    with servers.mail_sink(platform.folder / "letters.log", postfix) as port:
        theirs = _send_one_again(port, min(plan.letters, 3000))
        platform.mail_port = port
        ran = platform.command("worker", "--once", seconds=600)
        platform.mail_port = 0
    if ran.returncode:
        table.say(f"the worker failed: {ran.stderr[-500:]}")
    ours = _sent_per_second(platform)
    sink = "smtp-sink" if postfix else "our own sink"
    table.add(f"letters, one worker into {sink}", platform.name, ours, 1000, "letters/s", "1,000 a second", "≥ 1")
    table.add(
        f"letters, one worker into {sink}",
        platform.name,
        ours,
        theirs,
        "letters/s",
        "smtplib, one connection, ready bytes",
    )
    fixtures.clear(platform.engine)


def _warm(platform: Platform) -> None:
    """Let processes read their templates, and the database learn how much there is, outside what is measured.

    PostgreSQL looks at each table once a minute; until then its plans are those for empty tables.
    """
    load.read(platform.url + PAGE, 1, 8)
    load.sign(platform.url + fixtures.SIGN, 1, 8, next(_prefixes))
    fixtures.settle(platform.engine)


def _compare(plan: Plan, table: Table, ours: Callable[[], Speed], theirs: Callable[[], Speed]) -> tuple[float, float]:
    """Measure both in turns and return the medians of their rates."""
    pairs = [(ours(), theirs()) for _ in range(plan.rounds)]
    for speed in (speed for pair in pairs for speed in pair):
        if speed.bad_answers or speed.broken:
            table.say(f"{speed.bad_answers} bad answers, {speed.broken} broken connections among {speed.requests}")
    return statistics.median(a.rate for a, _ in pairs), statistics.median(b.rate for _, b in pairs)


def _signing(plan: Plan, table: Table, platform: Platform, connections: int) -> Speed:
    """Sign and make sure that each answer stands for a row with its letter."""
    prefix = next(_prefixes)
    speed = load.sign(platform.url + fixtures.SIGN, plan.seconds, connections, prefix)
    written = "select count(*) from signature s where email like :mine and exists (select 1 from letter l where l.email_digest = s.email_digest)"
    found = fixtures.one(platform.engine, written, mine=f"{prefix}%")
    if found < speed.requests - speed.bad_answers:
        table.say(f"! {speed.requests - speed.bad_answers} sign-ups were answered, {found} are rows with a letter")
    return speed


def _confirming(plan: Plan, table: Table, platform: Platform) -> Speed:
    """Confirm as many different signatures as time allows, and make sure that each answer was counted."""
    room = int(plan.seconds * 4000)
    fixtures.change(platform.engine, "delete from signature where state = 'pending'")
    fixtures.sign_up(platform.engine, fixtures.emails(next(_prefixes), room))
    paths = platform.folder / "links"
    paths.write_text("\n".join(fixtures.links(platform.engine)) + "\n")
    before = fixtures.confirmed_and_total(platform.engine)[1]
    speed = load.post_each(platform.url, plan.seconds, 16, paths)
    counted = fixtures.confirmed_and_total(platform.engine)[1] - before
    if counted < min(speed.requests - speed.bad_answers, room) or speed.requests > room:
        table.say(f"! {speed.requests} confirmations were answered of {room} links, {counted} were counted")
    return speed


def _send_one_again(port: int, times: int) -> float:
    letter = (
        b"Subject: A letter\r\nTo: <suzie@example.org>\r\n\r\n" + b"A line of a letter, as long as they are.\r\n" * 60
    )
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as connection:
        began = time.monotonic()
        for number in range(times):
            connection.sendmail("petition@petition.example", [f"suzie{number}@example.org"], letter)
        return times / (time.monotonic() - began)


def _sent_per_second(platform: Platform) -> float:
    moments = fixtures.table(platform.engine, "select sent_at from letter where state = 'sent' order by sent_at")
    if len(moments) < 2:
        return 0.0
    first, last = fixtures.moment(moments[0][0]), fixtures.moment(moments[-1][0])
    return len(moments) / max((last - first).total_seconds(), 0.001)


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        content: bytes = answer.read()
    return content
