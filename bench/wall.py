"""How fast the wall of a call is with 200,000 published stories: ``python -m bench.wall``.

For each database it prints the milliseconds that the application takes for a page, without network and page cache, the
median of ``--times``, and how many queries that needs. The exit code is 1 when a page of the wall takes more than 30 ms
or 6 queries.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, event

from bench import database, fixtures, servers
from petition.app import create_app
from petition.lib import cursors

LIMIT_MS, LIMIT_QUERIES = 30.0, 6
WALL = f"/en/calls/{fixtures.CALL}/stories"


def main() -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    chosen = parser.parse_args()
    print(f"python -m bench.wall --stories {chosen.stories} --times {chosen.times}")
    reached = []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        if "sqlite" in (names := chosen.database or ["sqlite", "postgresql"]):
            with servers.platform("sqlite", Path(folder) / "sqlite") as platform:
                reached.append(_measure(platform, chosen.stories, chosen.times))
        if "postgresql" in names:
            with (
                database.postgresql(Path(folder) / "server") as server,
                servers.platform("postgresql", Path(folder) / "postgresql", server) as platform,
            ):
                reached.append(_measure(platform, chosen.stories, chosen.times))
    return 0 if all(reached) else 1


def _measure(platform: servers.Platform, stories: int, times: int) -> bool:
    fixtures.stories(platform.engine, stories)
    app = create_app(platform.settings)
    engine: Engine = app.extensions["engine"]
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    client, good = app.test_client(), True
    print(f"\n{platform.name}, {stories:,} published stories{'':20} median ms   worst ms   queries")
    for name, path in _pages(platform.engine).items():
        for _warm in range(3):
            client.get(path)
        took = []
        for _round in range(times):
            statements.clear()
            begun = time.perf_counter()
            status = client.get(path).status_code
            took.append(1000 * (time.perf_counter() - begun))
            assert status == 200, (path, status)
        queries = sum(not one.startswith(("PRAGMA", "BEGIN")) for one in statements)
        print(f"  {name:54} {statistics.median(took):9.1f} {max(took):10.1f} {queries:9}")
        good &= not path.startswith(WALL) or (statistics.median(took) <= LIMIT_MS and queries <= LIMIT_QUERIES)
    return good


def _pages(engine: Engine) -> dict[str, str]:
    """Return what is measured, by name."""
    at = _cursor_at(engine)
    story = fixtures.one(engine, "select max(story_id) from published_story where licence <> 'here-only'")
    return {
        "wall, page 1": WALL,
        "wall, page 1,000": f"{WALL}?after={at(999 * 24)}",
        "wall, page 8,000": f"{WALL}?after={at(7999 * 24)}",
        "wall, back from page 1,000": f"{WALL}?before={at(999 * 24)}",
        "wall, one language": f"{WALL}?language=fr",
        "wall, one country": f"{WALL}?country=BE",
        "wall, both": f"{WALL}?language=fr&country=BE",
        "wall, a language that nobody wrote in": f"{WALL}?language=mt",
        "wall, a country from which nobody wrote": f"{WALL}?country=MT",
        "wall, both and no match": f"{WALL}?language=mt&country=MT",
        "wall, language and country that never meet": f"{WALL}?language=mt&country=FR",
        "wall, one hero": f"{WALL}?hero=hero7",
        "wall, a hero of whom nobody wrote": f"{WALL}?hero=nobody",
        "wall, chosen by the organisers": f"{WALL}?show=featured",
        "all heroes": f"/en/calls/{fixtures.CALL}/heroes",
        "one story": f"/en/stories/{story}",
        "share card, from its file": f"/en/stories/{story}/card.png",
        "feed": f"{WALL}.atom",
        "JSON": f"/api/v1/calls/{fixtures.CALL}/stories",
        "JSON, 1,000 pages on": f"/api/v1/calls/{fixtures.CALL}/stories?after={at(100_000)}",
        "page of the call": f"/en/calls/{fixtures.CALL}",
    }


def _cursor_at(engine: Engine) -> Callable[[int], str]:
    """Return a function that gives the cursor behind so many stories."""
    rows = fixtures.table(engine, "select published_at, story_id from published_story order by 1 desc, 2 desc")
    places = [cursors.write(fixtures.moment(at), number) for at, number in rows]
    return lambda number: places[min(number, len(places)) - 1]


if __name__ == "__main__":
    raise SystemExit(main())
