"""What many ask for at the same moment is written in one transaction, and everybody gets an answer of their own."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from petition.db import group_commit
from petition.db.group_commit import GroupCommit
from petition.errors import Conflict, Overloaded, PetitionError


class Writer:
    """A change that waits until it may begin, and remembers who was written with whom."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = Event(), Event()
        self.batches: list[list[str]] = []

    def __call__(self, _session: Session, asked: Sequence[str]) -> list[PetitionError | None]:
        self.batches.append(sorted(asked))
        self.has_begun.set()
        assert self.may_end.wait(10)
        if "poison" in asked:
            raise ValueError
        if "away" in asked:
            raise OperationalError("", {}, Exception())
        return [Conflict() if name == "late" else None for name in asked]


@pytest.fixture
def writer(session: Session) -> Writer:
    """Give a writer with a database behind it."""
    return Writer()


def ask(writer: Writer, *names: str) -> list["Future[None]"]:
    """Let one come first, and the others while the first is being written; give what they were told."""
    write = GroupCommit(writer)
    with ThreadPoolExecutor(len(names)) as threads:
        first = threads.submit(write, names[0])
        assert writer.has_begun.wait(10)
        others = [threads.submit(write, name) for name in names[1:]]
        while write._pending.qsize() < len(others):
            pass
        writer.may_end.set()
        return [first, *others]


def test_who_comes_while_others_are_written_is_written_with_all_who_came_then(writer: Writer) -> None:
    answers = ask(writer, "ann", "bob", "cem", "dora")

    assert writer.batches == [["ann"], ["bob", "cem", "dora"]]
    assert [answer.exception() for answer in answers] == [None] * 4


def test_everybody_is_told_what_is_in_the_way_of_their_own(writer: Writer) -> None:
    answers = ask(writer, "ann", "bob", "late")

    assert [type(answer.exception()).__name__ for answer in answers] == ["NoneType", "NoneType", "Conflict"]


def test_one_that_cannot_be_written_does_not_keep_the_others_out(writer: Writer) -> None:
    answers = ask(writer, "ann", "bob", "poison")

    assert [type(answer.exception()).__name__ for answer in answers] == ["NoneType", "NoneType", "ValueError"]


def test_when_the_database_is_away_nobody_is_tried_alone(writer: Writer) -> None:
    answers = ask(writer, "ann", "away", "bob")

    assert [type(answer.exception()).__name__ for answer in answers] == ["NoneType"] + ["OperationalError"] * 2
    assert writer.batches == [["ann"], ["away", "bob"]]


def test_who_was_told_to_come_again_is_not_written_later(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "TIMEOUT", 0.05)
    write = GroupCommit(writer)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(write, "ann")
        assert writer.has_begun.wait(10)
        with pytest.raises(Overloaded):
            write("bob")
        assert isinstance(first.exception(10), Overloaded)
        writer.may_end.set()

    write("cem")

    assert writer.batches == [["ann"], ["cem"]]


def test_behind_a_transaction_that_hangs_only_some_wait(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(group_commit, "MAX_WAITING", 2)
    write = GroupCommit(writer)
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(write, "ann")]
        assert writer.has_begun.wait(10)
        waiting += [threads.submit(write, name) for name in ("bob", "cem")]
        while write._pending.qsize() < 2:
            pass
        with pytest.raises(Overloaded):
            write("dora")
        writer.may_end.set()

    assert [answer.exception() for answer in waiting] == [None] * 3
    write("dora")
    assert writer.batches == [["ann"], ["bob", "cem"], ["dora"]]
