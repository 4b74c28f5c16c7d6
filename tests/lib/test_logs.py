"""Lines of the log that a busy server gathers."""

from io import StringIO

import pytest

from petition.lib import logs


class FullDisk(StringIO):
    """A stream that takes nothing for now."""

    is_full = True

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError(28, "No space left on device")
        return super().write(text)


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lines be written by the test alone."""
    monkeypatch.setattr(logs, "_GATHER", 60.0)


def test_lines_are_written_together_in_their_order() -> None:
    stream = StringIO()
    lines = logs._Lines(stream)

    for word in ("one", "two", "three"):
        lines.write(f"{word}\n")
    lines._write_gathered()

    assert stream.getvalue() == "one\ntwo\nthree\n"


def test_a_full_disk_costs_the_lines_of_that_time_and_no_others() -> None:
    stream = FullDisk()
    lines = logs._Lines(stream)
    lines.write("lost\n")
    lines._write_gathered()
    assert not lines._lines

    stream.is_full = False
    lines.write("found\n")
    lines._write_gathered()

    assert stream.getvalue() == "found\n"
