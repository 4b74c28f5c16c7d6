"""The benchmark: real load over HTTP, and one table of ratios to references measured in the same run."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import consistency, database, durability, fixtures, load, plan, processes, servers, sign_in, speed
from bench.database import Postgresql
from bench.plan import Plan
from bench.table import Table

PARTS = (
    "reads",
    "writes",
    "letters",
    "growth",
    "peak",
    "equal",
    "sign-in",
    "closing",
    "slow",
    "kills",
    "faults",
    "memory",
)
_NEED_WRK = {"reads", "writes", "growth", "memory"}


def main() -> None:
    """Run what was asked for; exit code 1 when something wanted was not reached."""
    options = _options()
    table = Table()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parts = [part for part in PARTS if part in options.only]
    if not load.has_wrk() and _NEED_WRK & set(parts):
        table.skip(", ".join(sorted(_NEED_WRK & set(parts))), "wrk is not installed")
        parts = [part for part in parts if part not in _NEED_WRK]
    try:
        with TemporaryDirectory(prefix="petition-bench-") as made, ExitStack() as stack:
            folder = Path(made)
            folder.chmod(0o755)  # PostgreSQL and nginx may run as others.
            server = stack.enter_context(database.postgresql(folder / "server"))
            for name in options.database:
                _measure(_plan(options), table, parts, folder, server if name == "PostgreSQL" else None)
    finally:
        table.print()
        if options.json:
            table.save(options.json)
    sys.exit(any(line.verdict == "NO" for line in table.lines))


def _measure(plan: Plan, table: Table, parts: list[str], folder: Path, server: Postgresql | None) -> None:
    name = "PostgreSQL" if server else "SQLite"
    with servers.platform(name, folder / name, server) as platform:
        fixtures.clear(platform.engine)  # The demo brings a few signatures.
        for part in parts:
            table.say(f"{name}: {part}")
            match part:
                case "growth":
                    with servers.platform(f"{name} large", folder / f"{name}-large", server) as large:
                        speed.growth(plan, table, platform, large)
                case "kills":
                    durability.kills(plan, table, platform, server)
                case _:
                    _SIMPLE[part](plan, table, platform)


_SIMPLE = {
    "reads": speed.reads,
    "writes": speed.writes,
    "letters": speed.letters,
    "peak": consistency.peak,
    "equal": consistency.equal,
    "sign-in": sign_in.timing,
    "closing": consistency.closing,
    "slow": consistency.slow_visitors,
    "faults": durability.faults,
    "memory": consistency.memory,
}


def _plan(options: Namespace) -> Plan:
    base = plan.QUICK if options.quick else Plan()
    changes = {
        name: getattr(options, name) for name in ("seconds", "rounds", "crowd", "memory_minutes", "loss_seconds")
    }
    return replace(
        base,
        **{name: value for name, value in changes.items() if value is not None},
        peak_rate=plan.peak_of(options.curve) if options.curve else base.peak_rate,
        smtp_sink=options.smtp_sink or processes.program("smtp-sink"),
        faulty_smtp=options.faulty_smtp,
    )


def _options() -> Namespace:
    parser = ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first look in a few minutes")
    parser.add_argument("--only", type=_parts, default=PARTS, help=f"some of {','.join(PARTS)}")
    parser.add_argument("--database", type=_databases, default=("PostgreSQL", "SQLite"), help="postgresql or sqlite")
    parser.add_argument("--json", type=Path, help="write the results here too")
    parser.add_argument("--curve", type=Path, help="a CSV of (minute, signatures); its busiest minute × 10 is offered")
    parser.add_argument("--faulty-smtp", type=Path, help="a mail server that misbehaves on demand; see README.md")
    parser.add_argument("--smtp-sink", default="", help="Postfix's smtp-sink, when it is not in the PATH")
    parser.add_argument("--seconds", type=int, help="of each measurement")
    parser.add_argument("--rounds", type=int, help="of each comparison; the median counts")
    parser.add_argument("--crowd", type=int, help="signatures in the large database")
    parser.add_argument("--loss-seconds", type=float, help="of signing under attack and with each faulty mail server")
    parser.add_argument("--memory-minutes", type=float, help="of load while memory is watched")
    return parser.parse_args()


def _parts(text: str) -> list[str]:
    wrong = set(text.split(",")) - set(PARTS)
    if wrong:
        raise ValueError(wrong)
    return text.split(",")


def _databases(text: str) -> list[str]:
    return [{"postgresql": "PostgreSQL", "sqlite": "SQLite"}[name] for name in text.lower().split(",")]


if __name__ == "__main__":
    main()
