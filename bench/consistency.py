"""How true under load: the peak minute, equal answers, closing to the millisecond, slow visitors, memory."""

import asyncio
import json
import socket
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count

from bench import fixtures, load, processes, servers
from bench.plan import Plan
from bench.servers import Platform
from bench.speed import COUNTER, PAGE
from bench.table import Table
from petition.lib import clock

_POLLERS = 8


def peak(plan: Plan, table: Table, platform: Platform) -> None:
    """Offer ten times the British peak minute while readers look at the total, and see how old and exact it is."""
    offered = int(plan.peak_rate * plan.peak_seconds)
    fixtures.sign_up(platform.engine, fixtures.emails("peak", offered))
    asks = [(path, load.post_request(path)) for path in fixtures.links(platform.engine)]
    seen: list[tuple[float, int, float]] = []
    with platform.serving():
        answers = asyncio.run(
            load.beside(load.paced(platform.port, asks, plan.peak_rate), *[_poller(platform, seen)] * _POLLERS)
        )
    counted = [answer for answer in answers if answer.status == 303]
    span = max(answer.at for answer in answers) - min(answer.at - answer.seconds for answer in answers)
    name, rate = platform.name, plan.peak_rate
    table.add("peak × 10: confirmations", name, len(counted) / span, rate, "confirmations/s", "offered", "≥ 0.95")
    table.add("peak × 10: confirmations answered", name, len(counted), offered, "303s", "offered", "= 1")
    as_of = max(age for _at, _total, age in seen)
    table.add("peak × 10: oldest total, by its as_of", name, as_of, 2, f"s in {len(seen)} polls", "2 s", "≤ 1")
    stale = _oldest(sorted(answer.at for answer in counted), seen)
    table.add("peak × 10: oldest total, by answered confirmations", name, stale, 2, "s", "2 s", "≤ 1")
    table.add(
        "peak × 10: confirm, 99th percentile", name, load.percentile([a.seconds for a in answers], 0.99), 1, "s", "1 s"
    )
    confirmed, total = fixtures.confirmed_and_total(platform.engine)
    table.add("peak × 10: total at the end", name, total, confirmed, "signatures", "confirmed rows", "= 1")
    table.add("peak × 10: rows at the end", name, confirmed, len(counted), "signatures", "303s", "≥ 1")
    agrees = platform.command("recount").returncode == 0
    table.add("peak × 10: recount agrees", name, agrees, 1, "", "yes", "= 1")
    fixtures.clear(platform.engine)


def equal(plan: Plan, table: Table, platform: Platform) -> None:
    """Compare how long signing takes for addresses that are new, waiting and already confirmed."""
    kinds = {kind: fixtures.emails(kind, plan.equal) for kind in ("new", "waiting", "confirmed")}
    fixtures.sign_up(platform.engine, kinds["waiting"])
    fixtures.sign_up(platform.engine, kinds["confirmed"], "confirmed")
    token = fixtures.form_token()
    warm = [("warm", load.sign_request(email, token)) for email in fixtures.emails("warm", 50)]
    asks = [
        (kind, load.sign_request(emails[number], token))
        for number in range(plan.equal)
        for kind, emails in _turned(kinds, number)
    ]
    with platform.serving():
        answers = asyncio.run(load.one_by_one(platform.port, [*warm, *asks]))[len(warm) :]
    times = {kind: [a.seconds for a in answers if a.about == kind and a.status == 303] for kind in kinds}
    medians = {kind: statistics.median(seconds or [0]) for kind, seconds in times.items()}
    for kind in ("waiting", "confirmed"):
        table.add(
            f"sign, {kind} address: median",
            platform.name,
            medians[kind] * 1000,
            medians["new"] * 1000,
            f"ms, n = {len(times[kind])}",
            "new address",
        )
        for share in (0.1, 0.9):
            here, there = (load.percentile(times[one], share) * 1000 for one in (kind, "new"))
            table.add(f"sign, {kind} address: {share:.0%} quantile", platform.name, here, there, "ms", "new address")
    fixtures.clear(platform.engine)


def closing(_plan: Plan, table: Table, platform: Platform) -> None:
    """Close a call while many sign, with two workers that send: nobody gets in late, and no letter goes twice."""
    token, log = fixtures.form_token(), platform.folder / "closing.log"
    asks = ((email, load.sign_request(email, token)) for email in (f"close{n}@d{n % 100}.example" for n in count()))
    with ExitStack() as stack:
        platform.mail_port = stack.enter_context(servers.mail_sink(log))
        with platform.serving(), platform.working(2):
            closes_at = clock.now() + timedelta(seconds=4)
            moment = closes_at if platform.is_postgresql else closes_at.strftime("%Y-%m-%d %H:%M:%S.%f")
            change = "update call set closes_at = :at where slug = :slug"
            fixtures.change(platform.engine, change, at=moment, slug=fixtures.CALL)
            answers = asyncio.run(load.crowd(platform.port, asks, 6.5, 16))
        drained(platform)
    platform.mail_port = 0
    fixtures.change(platform.engine, "update call set closes_at = null where slug = :slug", slug=fixtures.CALL)
    signed = dict(fixtures.table(platform.engine, "select email, requested_at from signature"))
    taken = [answer.about for answer in answers if answer.status == 303]
    in_time = [email for email in taken if email in signed and fixtures.moment(signed[email]) < closes_at]
    late = [email for email, at in signed.items() if fixtures.moment(at) >= closes_at]
    name = platform.name
    table.add(
        "closing: 303s that are rows from before the moment", name, len(in_time), len(taken), "sign-ups", "303s", "= 1"
    )
    table.add(
        "closing: rows from before the moment", name, len(signed) - len(late), len(signed), "rows", "all rows", "= 1"
    )
    table.add(
        "closing: refused after it",
        name,
        sum(a.status == 409 for a in answers),
        len(answers) - len(taken),
        "409s",
        "not 303",
    )
    copies = Counter(log.read_text().split())
    once = sum(copies[email] == 1 for email in signed)
    table.add("two workers: signers with exactly one letter", name, once, len(signed), "signers", "all signers", "= 1")
    fixtures.clear(platform.engine)


def slow_visitors(_plan: Plan, table: Table, platform: Platform) -> None:
    """Hold 40 sign-ups half open, directly and through nginx, and see whether others are still served."""
    with platform.serving():
        _hold_half_open(table, platform, platform.port, "directly")
    if not processes.program("nginx"):
        table.skip("40 half-open POSTs through nginx", "nginx is not installed")
        return
    proxy = f"location / {{ proxy_pass {platform.url}; proxy_http_version 1.1; proxy_set_header Connection ''; }}"
    with platform.serving(), servers.nginx(platform.folder / "proxy", {}, proxy) as port:
        _hold_half_open(table, platform, port, "through nginx")
    fixtures.clear(platform.engine)


def _hold_half_open(table: Table, platform: Platform, port: int, way: str) -> None:
    token = fixtures.form_token()
    asks = [("page", load.get_request(f"{PAGE}?n={n}")) for n in range(5)]
    asks += [("sign", load.sign_request(email, token)) for email in fixtures.emails("slow", 5)]
    with ExitStack() as stack:
        alone = asyncio.run(load.one_by_one(port, asks))
        half = load.sign_request("half@d1.example", token)[:-20]
        for _ in range(40):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            connection.sendall(half)
        time.sleep(0.5)
        among = asyncio.run(load.one_by_one(port, asks, patience=2))
    answered = sum(answer.status in {200, 303} for answer in among)
    what, name = f"40 half-open POSTs {way}", platform.name
    table.add(f"{what}: others answered", name, answered, len(asks), "requests", "asked", "= 1")
    slower, usual = (statistics.median(answer.seconds for answer in answers) * 1000 for answers in (among, alone))
    table.add(f"{what}: time of the others", name, slower, usual, "ms (median)", "without them")


def memory(plan: Plan, table: Table, platform: Platform) -> None:
    """See whether the web processes grow under minutes of reading and signing."""
    samples, until, prefixes = list[int](), time.monotonic() + plan.memory_minutes * 60, (f"m{n}r" for n in count())
    round_seconds = max(min(plan.memory_minutes * 60 / 24, 10), 1)
    with platform.serving() as web:
        first = processes.children(web.pid)
        while time.monotonic() < until:
            load.sign(platform.url + fixtures.SIGN, round_seconds / 2, 32, next(prefixes))
            load.read(platform.url + PAGE, round_seconds / 4, 32)
            load.read(platform.url + COUNTER, round_seconds / 4, 32)
            samples.append(processes.resident(processes.children(web.pid)))
        same = processes.children(web.pid) == first
    warm = samples[len(samples) // 5]
    minutes = f"MB after {plan.memory_minutes:g} min"
    table.add(
        "memory of the web processes",
        platform.name,
        samples[-1] / 1024,
        warm / 1024,
        minutes,
        "after a fifth of it",
        "≤ 1.05",
    )
    table.add("memory: the same processes to the end", platform.name, same, 1, "", "yes", "= 1")
    fixtures.clear(platform.engine)


def drained(platform: Platform) -> None:
    """Let workers send what waits, as they would once all leases and pauses are over."""
    for _ in range(10):
        now = clock.now() - timedelta(seconds=1)
        moment = now if platform.is_postgresql else now.strftime("%Y-%m-%d %H:%M:%S.%f")
        fixtures.change(platform.engine, "update letter set due_at = :now where state = 'waiting'", now=moment)
        platform.command("worker", "--once", seconds=300)
        if not fixtures.one(platform.engine, "select count(*) from letter where state = 'waiting'"):
            return


def _poller(platform: Platform, seen: list[tuple[float, int, float]]) -> Callable[[asyncio.Event], Awaitable[None]]:
    async def poll(over: asyncio.Event) -> None:
        visitor = load.Visitor(platform.port)
        while not await load.pause(over, 0.1):
            asked = time.monotonic()
            if await visitor.ask(load.get_request(COUNTER)) == 200:
                counter = json.loads(visitor.body)
                age = (clock.now() - datetime.fromisoformat(counter["as_of"])).total_seconds()
                seen.append((asked, counter["confirmed"], age))
        visitor.leave()

    return poll


def _oldest(answered: list[float], seen: list[tuple[float, int, float]]) -> float:
    """Return for how long, at most, a confirmation had been answered when a reader asked and did not see it."""
    return max(
        (at - answered[total] for at, total, _age in seen if total < len(answered) and answered[total] < at),
        default=0.0,
    )


def _turned(kinds: dict[str, list[str]], number: int) -> Iterator[tuple[str, list[str]]]:
    """Give the kinds beginning with another one each time, so that none is always first."""
    items = list(kinds.items())
    turn = number % len(items)
    yield from items[turn:] + items[:turn]
