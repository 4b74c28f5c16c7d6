"""What is counted while the platform runs, for Prometheus; no label names a person, a path or a token."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from socket import gethostname

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from petition.lib import clock

# Features define what they count on it, each beside the code that counts.
REGISTRY = CollectorRegistry()

letters = Counter("petition_letters_done", "What became of the letters of workers.", ["state"], registry=REGISTRY)
drift = Gauge(
    "petition_drift_figures",
    "How many figures did not agree with the signatures at the last recount of a worker.",
    ["dimension"],
    multiprocess_mode="mostrecent",
    registry=REGISTRY,
)

# Where this names a folder, the library counts in mapped files there, and the processes that use it add up.
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_KINDS = ("counter", "histogram", "gauge_mostrecent")
_ROOM = 512 * 1024
_HOST = gethostname().replace("_", "-")

log = structlog.get_logger()


def share(folder: Path) -> None:
    """Count together with all processes that use the folder; call it once, before anything is counted."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind in _KINDS:
            _take_room(folder, kind)
    except OSError as error:
        log.warning("metrics_not_shared", reason=type(error).__name__)
        return
    os.environ[_FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue(_name)  # type: ignore[no-untyped-call]


def sweep(folder: Path) -> None:
    """Delete what nobody counts in any more: of this host when all its processes are gone, of others after a day.

    While one still counts, those that come go on with what others left: a sum that shrinks would look like a burst.
    """
    yesterday = (clock.now() - timedelta(days=1)).timestamp()
    ours, left = {file for file in folder.glob("*.db") if _is_ours(file)}, set(_left(folder, "*"))
    old = {file for file in folder.glob("*.db") if file not in ours and file.stat().st_mtime < yesterday}
    for file in old | (left if left == ours else set()):
        file.unlink(missing_ok=True)


def note_letters(counts: Mapping[str, int]) -> None:
    """Add what became of a batch of letters."""
    for state, number in counts.items():
        letters.labels(state).inc(number)


def text() -> bytes:
    """Return all counts, those of other processes too where they are shared, as Prometheus reads them."""
    registry = REGISTRY
    if _FOLDER in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _name() -> str:
    return f"{_HOST}-{os.getpid()}"


def _take_room(folder: Path, kind: str) -> None:
    """Go on with the counts of a process that is gone, or else begin a file.

    It takes its room on the disk at once: a process dies when the disk is full at the moment a mapped page needs some.
    """
    mine = folder / f"{kind}_{_name()}.db"
    for file in _left(folder, kind):
        with suppress(FileNotFoundError):
            file.rename(mine)
            return
    try:
        mine.write_bytes(bytes(_ROOM))
    except OSError:
        mine.unlink(missing_ok=True)
        raise


def _left(folder: Path, kind: str) -> list[Path]:
    """Return the files of processes of this host that are gone."""
    ours = [file for file in folder.glob(f"{kind}_*.db") if _is_ours(file)]
    return [file for file in ours if not _is_running(int(file.stem.rpartition("-")[2]))]


def _is_ours(file: Path) -> bool:
    return bool(re.fullmatch(rf"\w+_{re.escape(_HOST)}-[0-9]+", file.stem, re.ASCII))


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
