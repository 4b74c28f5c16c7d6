"""Whether anything is lost: processes killed at random, PostgreSQL restarted, a mail server that misbehaves."""

import asyncio
import json
import os
import random
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bench import fixtures, load, processes, servers
from bench.consistency import drained
from bench.database import Postgresql
from bench.load import Answer
from bench.plan import Plan
from bench.servers import Platform
from bench.table import Table

RATE = 25

# What the faulty mail server can do, and how many copies of a letter one person may get: a server that takes a letter
# and dies before it says so leaves us in doubt, and then a second copy is better than none.
MODES = {
    "ok": 1,
    "reject4xx:banner": 1,
    "reject4xx:mail": 1,
    "reject4xx:rcpt": 1,
    "reject4xx:data": 1,
    "reject4xx:end": 1,
    "reject5xx:rcpt": 1,
    "reject5xx:end": 1,
    "hang:banner": 1,
    "hang:end": 2,
    "drop:data": 1,
    "drop:end": 2,
    "slow:0.2": 1,
    "greylist": 1,
    "flaky": 1,
    "quota": 1,
    "conns": 1,
    "size:100": 1,
}


@dataclass
class ChaosRun:
    """Web and worker processes of one platform, killed and restarted at random."""

    platform: Platform
    server: Postgresql | None
    web: subprocess.Popen[bytes] = field(init=False)
    worker: subprocess.Popen[bytes] = field(init=False)
    killed: Counter[str] = field(default_factory=Counter)

    def start(self) -> None:
        """Start web and worker."""
        self.web, self.worker = self.platform.serve(), self.platform.start("worker")
        processes.wait_for(self.platform.port)

    def end(self) -> None:
        """Stop both."""
        processes.stop(self.web)
        processes.stop(self.worker)

    async def inject_faults(self, over: asyncio.Event) -> None:
        """Do harm every other second, each kind in turn, until it is over."""
        faults: list[Callable[[], None]] = [self._kill_web_process, self._kill_worker, self._kill_web]
        if self.server:
            database = [self._freeze_database, self._restart_database, self._crash_database]
            faults = [fault for pair in zip(database, faults, strict=True) for fault in pair]
        number = 0
        while not await load.pause(over, random.uniform(1, 2)):
            fault = faults[number % len(faults)]
            await asyncio.to_thread(fault)
            self.killed[fault.__name__.strip("_")] += 1
            number += 1

    def _kill_web_process(self) -> None:
        with suppress(ProcessLookupError, IndexError):
            os.kill(random.choice(processes.children(self.web.pid)), signal.SIGKILL)

    def _kill_web(self) -> None:
        processes.kill_group(self.web)
        self.web = self.platform.serve()

    def _kill_worker(self) -> None:
        processes.kill_group(self.worker)
        self.worker = self.platform.start("worker")

    def _freeze_database(self) -> None:
        assert self.server
        self.server.freeze(4)

    def _restart_database(self) -> None:
        assert self.server
        self.server.control("restart", "-m", "fast")

    def _crash_database(self) -> None:
        assert self.server
        self.server.control("restart", "-m", "immediate")


def kills(plan: Plan, table: Table, platform: Platform, server: Postgresql | None) -> None:
    """Sign and confirm, first undisturbed and then while processes are killed, and look for what is missing."""
    _chaos_run(plan, table, platform, server, is_baseline=True)
    _chaos_run(plan, table, platform, server, is_baseline=False)


def _chaos_run(plan: Plan, table: Table, platform: Platform, server: Postgresql | None, *, is_baseline: bool) -> None:
    count = int(plan.loss_seconds * RATE)
    fixtures.sign_up(platform.engine, fixtures.emails("known", count))
    asks = _asks(count, fixtures.links(platform.engine))
    samples: list[tuple[int, int]] = []
    log = platform.folder / f"loss-{'baseline' if is_baseline else 'kills'}.log"
    with servers.mail_sink(log) as platform.mail_port:
        run = ChaosRun(platform, server)
        beside = [_sampler(platform, samples)] + ([] if is_baseline else [run.inject_faults])
        try:
            run.start()
            answers = asyncio.run(load.beside(load.paced(platform.port, asks, RATE * 2), *beside))
        finally:
            run.end()
        drained(platform)
    platform.mail_port = 0
    if not is_baseline:
        table.say(f"{platform.name}: {dict(run.killed)}")
    _report(table, platform, answers, samples, Counter(log.read_text().split()), is_baseline=is_baseline)
    fixtures.clear(platform.engine)


def _asks(count: int, links: list[str]) -> list[tuple[str, bytes]]:
    """Give a sign-up and a confirmation in turns."""
    token = fixtures.form_token()
    signs = [(email, load.sign_request(email, token)) for email in fixtures.emails("run", count)]
    confirms = [(path, load.post_request(path)) for path in links[:count]]
    return [ask for pair in zip(signs, confirms, strict=True) for ask in pair]


def _sampler(platform: Platform, samples: list[tuple[int, int]]) -> Callable[[asyncio.Event], Awaitable[None]]:
    async def sample(over: asyncio.Event) -> None:
        while not await load.pause(over, 0.05):
            with suppress(SQLAlchemyError):
                samples.append(await asyncio.to_thread(fixtures.confirmed_and_total, platform.engine))

    return sample


def _report(
    table: Table,
    platform: Platform,
    answers: list[Answer],
    samples: list[tuple[int, int]],
    copies: Counter[str],
    *,
    is_baseline: bool,
) -> None:
    name, case = platform.name, "no kills" if is_baseline else "kills"
    taken = {answer.about for answer in answers if answer.status == 303}
    signed, pressed = {about for about in taken if "@" in about}, {about for about in taken if "@" not in about}
    found = {
        email for (email,) in fixtures.table(platform.engine, "select email from signature where email like 'run%'")
    }
    confirmed, total = fixtures.confirmed_and_total(platform.engine)
    exact = sum(rows_then == total_then for rows_then, total_then in samples)
    lettered = sum(copies[email] > 0 for email in found)
    once = sum(copies[email] == 1 for email in found)
    table.add(
        f"{case}: answered with 303",
        name,
        len(taken),
        len(answers),
        "requests",
        "all requests",
        "= 1" if is_baseline else "",
    )
    table.add(f"{case}: sign-ups that are rows", name, len(signed & found), len(signed), "rows", "303s", "= 1")
    table.add(f"{case}: signers whose letter arrived", name, lettered, len(found), "signers", "all signers", "= 1")
    table.add(
        f"{case}: signers with exactly one letter",
        name,
        once,
        len(found),
        "signers",
        "all signers",
        "= 1" if is_baseline else "",
    )
    table.add(
        f"{case}: most copies of a letter",
        name,
        max(copies.values(), default=0),
        2,
        "copies",
        "two",
        "≤ 0.5" if is_baseline else "≤ 1",
    )
    table.add(
        f"{case}: confirmations counted", name, min(total, len(pressed)), len(pressed), "signatures", "303s", "= 1"
    )
    table.add(
        f"{case}: moments at which total = confirmed rows", name, exact, len(samples), "moments", "all sampled", "= 1"
    )
    table.add(f"{case}: total at the end", name, total, confirmed, "signatures", "confirmed rows", "= 1")


def faults(plan: Plan, table: Table, platform: Platform) -> None:
    """Sign while the mail server misbehaves in each way it knows."""
    if plan.faulty_smtp is None:
        table.skip("faulty mail servers", "give one with --faulty-smtp FILE")
        return
    for mode, copies in MODES.items():
        _fault(plan, table, platform, mode, copies)


def _fault(plan: Plan, table: Table, platform: Platform, mode: str, allowed: int) -> None:
    assert plan.faulty_smtp
    log, token = platform.folder / f"{mode.replace(':', '-')}.jsonl", fixtures.form_token()
    people = fixtures.emails("fault", int(plan.loss_seconds * RATE))
    asks = [(email, load.sign_request(email, token)) for email in people]
    with ExitStack() as stack:
        platform.mail_port, control = stack.enter_context(servers.faulty_sink(plan.faulty_smtp, log, mode))
        with platform.serving(), platform.working():
            answers = asyncio.run(load.paced(platform.port, asks, RATE))
            _wait_for_a_try(platform)
        urllib.request.urlopen(f"http://127.0.0.1:{control}/mode?m=ok", timeout=10).close()
        drained(platform)
    platform.mail_port = 0
    arrived = _accepted(log)
    settled = fixtures.one(platform.engine, "select count(*) from letter where state in ('sent', 'failed')")
    found = fixtures.one(platform.engine, "select count(*) from signature")
    failed = fixtures.one(platform.engine, "select count(*) from letter where state = 'failed'")
    name, taken = platform.name, sum(answer.status == 303 for answer in answers)
    table.add(f"mail {mode}: sign-ups that are rows", name, found, taken, "rows", f"303s, {len(asks)} asked", "= 1")
    unit = f"letters sent or ({failed}) failed"
    table.add(f"mail {mode}: signers with a settled letter", name, settled, found, unit, "signers", "= 1")
    table.add(
        f"mail {mode}: signers whose letter arrived", name, len(arrived), found - failed, "signers", "not failed", "≥ 1"
    )
    table.add(
        f"mail {mode}: most copies of a letter",
        name,
        max(arrived.values(), default=0),
        allowed,
        "copies",
        "allowed",
        "≤ 1",
    )
    fixtures.clear(platform.engine)


def _wait_for_a_try(platform: Platform) -> None:
    """Wait a little for a worker that started slowly, so that it meets the fault."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not fixtures.one(platform.engine, "select max(attempts) from letter"):
        time.sleep(0.2)


def _accepted(log: Path) -> Counter[str]:
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return Counter(email.lower() for line in lines if line["event"] == "accepted" for email in line["rcpt_to"])
