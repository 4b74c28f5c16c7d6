"""Notes outside the database what was erased, so that a restored backup can forget it again.

One file a day and one line for each erasure: the moment, and a keyed digest that says nothing without the key. The
folder is one for the process, as the rules know no settings.
"""

import hmac
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import structlog

from petition.lib import clock

# Longer than any backup is kept.
KEEP = timedelta(days=60)

_state: dict[str, tuple[Path, bytes]] = {}

log = structlog.get_logger()


def configure(folder: Path, key: bytes) -> None:
    """Note erasures in a folder, which is made when it is needed, and digest them with a key."""
    _state["log"] = folder, key


def record(call_id: int, email_digest: bytes) -> None:
    """Note that an address was erased from a call, before it is; it is on the disk when this returns.

    What the disk does not take is logged and no more: nobody shall stay because of it. Without ``configure`` nothing is
    noted.
    """
    if "log" not in _state:
        return
    folder, _key = _state["log"]
    line = f"{clock.now().isoformat()} {entry(call_id, email_digest)}\n"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(folder / f"{clock.now():%Y-%m-%d}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line.encode())
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        log.error("erasure_not_noted", reason=type(error).__name__)


def entry(call_id: int, email_digest: bytes) -> str:
    """Return what stands in the log for an address in a call."""
    return hmac.digest(_state["log"][1], b"erased %d " % call_id + email_digest, sha256).hex()


def read(folders: Iterable[Path]) -> dict[str, datetime]:
    """Return the entries of folders with the moment of each's last erasure; lines that cannot be read are left out."""
    erased: dict[str, datetime] = {}
    for file in [file for folder in folders for file in sorted(folder.glob("*.log"))]:
        for line in file.read_text(errors="replace").splitlines():
            with suppress(ValueError):
                moment, found = line.split()
                erased[found] = max(datetime.fromisoformat(moment), erased.get(found, datetime.fromisoformat(moment)))
    return erased


def prune() -> int:
    """Delete the files of days that no backup reaches back to; returns how many."""
    oldest = f"{clock.now() - KEEP:%Y-%m-%d}.log"
    folder = _state["log"][0] if "log" in _state else None
    old = [file for file in folder.glob("*.log") if file.name < oldest] if folder else []
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
