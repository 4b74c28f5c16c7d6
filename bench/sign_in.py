"""Whether the time of an answer tells who has an account: signing in, and asking for a new password."""

import asyncio
import statistics
from urllib.parse import quote_plus

from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from bench import fixtures, load
from bench.plan import Plan
from bench.servers import Platform
from bench.table import Table
from petition.lib import clock, email_addresses, passwords, tokens
from petition.models import Organiser

_KINDS = ("existing", "unknown")


def timing(plan: Plan, table: Table, platform: Platform) -> None:
    """Compare the medians for accounts that exist and that do not, asked in turn, one at a time."""
    people = {kind: fixtures.emails(kind, plan.sign_ins) for kind in _KINDS}
    _make_accounts(platform.engine, people["existing"])
    for what, path, form, status in (
        ("sign in with a wrong password", "/organise/login", "SignInForm", 422),
        ("ask for a new password", "/organise/forgotten", "ForgottenForm", 303),
    ):
        token = tokens.signer(f"form.{form}").sign(b"returned").decode()
        asks = [
            (kind, _request(path, email=people[kind][number], password="a wrong password", token=token))
            for number in range(plan.sign_ins)
            # Neither kind comes always first.
            for kind in _KINDS[:: 1 if number % 2 else -1]
        ]
        warm = [("warm", _request(path, email=email, password="x", token=token)) for email in fixtures.emails("w", 40)]
        with platform.serving():
            answers = asyncio.run(load.one_by_one(platform.port, [*warm, *asks]))[len(warm) :]
        times = {kind: [answer.seconds for answer in answers if answer.about == kind] for kind in _KINDS}
        if {answer.status for answer in answers} != {status}:
            table.skip(what, f"not every answer was {status}")
            continue
        existing, unknown = (statistics.median(times[kind]) * 1000 for kind in _KINDS)
        for sign, bound in (("≥", 0.95), ("≤", 1.05)):
            unit = f"ms, n = {plan.sign_ins} each"
            table.add(f"{what}: median", platform.name, existing, unknown, unit, "unknown address", f"{sign} {bound}")
    with Session(platform.engine) as session, session.begin():
        session.execute(delete(Organiser))
    fixtures.clear(platform.engine)


def _make_accounts(engine: Engine, emails: list[str]) -> None:
    values = {"name": "Ann", "language": "en", "password_hash": passwords.hash_password("the right password")}
    with Session(engine) as session, session.begin():
        session.add_all(
            Organiser(email=email, email_key=email_addresses.exact(email), created_at=clock.now(), **values)
            for email in emails
        )


def _request(path: str, **fields: str) -> bytes:
    body = "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items())
    head = "Content-Type: application/x-www-form-urlencoded"
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
