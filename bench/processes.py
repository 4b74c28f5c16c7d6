"""Processes: started in groups of their own, waited for, measured, and always stopped."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent


@contextmanager
def running(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Stop a process group at the end of the block."""
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and after 15 s kill its whole group."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        print(f"! {process.args!s} did not stop within 15 s", file=sys.stderr)
    kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all its children at once, as a failing host would."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=15)


def children(process: int) -> list[int]:
    """Return the numbers of the processes that one has started, such as the workers of a web server."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,rss=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=3) for line in listed.splitlines()]
    return [int(pid) for pid, parent, _rss, command in rows if int(parent) == process and "tracker" not in command]


def resident(pids: list[int]) -> int:
    """Return the memory of processes in kilobytes."""
    numbers = ",".join(map(str, pids))
    listed = subprocess.run(["ps", "-o", "rss=", "-p", numbers], capture_output=True, text=True, check=True).stdout
    return sum(map(int, listed.split()))


def program(name: str) -> str:
    """Return where a program is, also in the folders of administrators; empty when it is nowhere."""
    return shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin") or ""


def free_port() -> int:
    """Return a port that nobody uses, below those that the system gives to clients: one of them might take it."""
    while True:
        port = random.randrange(20000, 32000)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def wait_for(port: int, seconds: float = 30) -> None:
    """Return once something listens."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"Nothing listened on port {port} within {seconds:g} s.")


def start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
