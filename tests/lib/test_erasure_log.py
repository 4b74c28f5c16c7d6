"""What was erased is noted outside the database, in words that say nothing without the key."""

import stat
from pathlib import Path

import pytest

from petition.lib import erasure_log
from tests.conftest import StoppedClock

DIGEST = bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path, stopped_clock: StoppedClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of the log."""
    monkeypatch.setattr(erasure_log, "_state", {})
    erasure_log.configure(tmp_path / "erased", b"a key")
    return tmp_path / "erased"


def test_an_erasure_is_found_again_by_who_has_the_key(folder: Path, stopped_clock: StoppedClock) -> None:
    erasure_log.record(1, DIGEST)

    assert erasure_log.read([folder]) == {erasure_log.entry(1, DIGEST): stopped_clock.now}
    assert erasure_log.entry(2, DIGEST) not in erasure_log.read([folder])
    (file,) = folder.iterdir()
    assert DIGEST.hex() not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_last_of_several_erasures_counts_and_half_a_line_is_left_out(
    folder: Path, stopped_clock: StoppedClock
) -> None:
    erasure_log.record(1, DIGEST)
    stopped_clock.tick(days=1)
    erasure_log.record(1, DIGEST)
    with (folder / "2026-06-02.log").open("a") as file:
        file.write("2026-06-02T1")

    assert erasure_log.read([folder]) == {erasure_log.entry(1, DIGEST): stopped_clock.now}


def test_notes_go_when_no_backup_reaches_back_to_them(folder: Path, stopped_clock: StoppedClock) -> None:
    erasure_log.record(1, DIGEST)
    stopped_clock.tick(days=60)
    assert erasure_log.prune() == 0

    stopped_clock.tick(days=1)

    assert erasure_log.prune() == 1
    assert erasure_log.read([folder]) == {}


def test_a_folder_that_takes_nothing_keeps_nobody_from_being_erased(folder: Path) -> None:
    folder.write_text("in the way")

    erasure_log.record(1, DIGEST)

    assert folder.read_text() == "in the way"
