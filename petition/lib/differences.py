"""What changed between two texts, word by word."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

# More changes than these, of lines in a text and of words in a run of lines, are told as one: so the time is bounded.
_MOST_LINES, _MOST_WORDS = 300, 150


class Kind(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Piece(NamedTuple):
    """A run of text that stayed, went or came; plain text, to be escaped by whoever shows it."""

    kind: Kind
    text: str


def words(old: str, new: str) -> list[Piece]:
    """Return how ``old`` became ``new``: same and removed pieces make ``old``, same and added ones ``new``.

    Lines are compared first, then the words of changed lines. Where much has changed the whole run is one removal and
    one addition, so that two texts of 50,000 bytes are compared within a second whatever they hold.
    """
    pieces: list[Piece] = []
    for kind, was, now in _runs(old.splitlines(keepends=True), new.splitlines(keepends=True), _MOST_LINES):
        if kind is Kind.SAME:
            pieces.append(Piece(kind, was))
        else:
            pieces.extend(_changed_words(was, now))
    return _joined(pieces)


def _changed_words(old: str, new: str) -> Iterator[Piece]:
    """Yield the pieces of two texts; white space alone between two changes belongs to both."""
    removed = added = space = ""
    for kind, was, now in _runs(re.findall(r"\s+|\S+", old), re.findall(r"\s+|\S+", new), _MOST_WORDS):
        if kind is Kind.REMOVED:
            if not removed and not added:
                yield Piece(Kind.SAME, space)
                space = ""
            removed, added, space = removed + space + was, added + space + now, ""
        elif was.isspace():
            space += was
        else:
            yield from (Piece(Kind.REMOVED, removed), Piece(Kind.ADDED, added), Piece(Kind.SAME, space + was))
            removed = added = space = ""
    yield from (Piece(Kind.REMOVED, removed), Piece(Kind.ADDED, added), Piece(Kind.SAME, space))


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces without empty ones, neighbours of one kind as one."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].kind is piece.kind:
            joined[-1] = Piece(piece.kind, joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return joined


def _runs(old: Sequence[str], new: Sequence[str], most: int) -> Iterator[tuple[Kind, str, str]]:
    """Yield (kind, old, new) of runs that are the same, and of runs that are not (as removed)."""
    at_old = at_new = 0
    for matched_old, matched_new in [*_matches(old, new, most), (len(old), len(new))]:
        if (matched_old, matched_new) != (at_old, at_new):
            yield Kind.REMOVED, "".join(old[at_old:matched_old]), "".join(new[at_new:matched_new])
        if matched_old < len(old):
            yield Kind.SAME, old[matched_old], old[matched_old]
        at_old, at_new = matched_old + 1, matched_new + 1


def _matches(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[int, int]]:
    """Return the pairs of positions that stay: common beginning and end, and between them on the shortest way."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    end = next((at for at in range(shorter - start) if old[-1 - at] != new[-1 - at]), shorter - start)
    middle = _shortest(old[start : len(old) - end], new[start : len(new) - end], most)
    return [
        *((at, at) for at in range(start)),
        *((start + at_old, start + at_new) for at_old, at_new in middle),
        *((len(old) - at, len(new) - at) for at in range(end, 0, -1)),
    ]


def _shortest(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[int, int]]:
    """Return the pairs that stay on the shortest way from old to new (Myers 1986); none for a way of many changes."""
    reached = {1: 0}
    trace: list[dict[int, int]] = []
    for changes in range(min(len(old) + len(new), most) + 1):
        trace.append(reached.copy())
        for diagonal in range(-changes, changes + 1, 2):
            is_down = diagonal == -changes or (diagonal != changes and reached[diagonal - 1] < reached[diagonal + 1])
            at = reached[diagonal + 1] if is_down else reached[diagonal - 1] + 1
            while at < len(old) and 0 <= at - diagonal < len(new) and old[at] == new[at - diagonal]:
                at += 1
            reached[diagonal] = at
            if at >= len(old) and at - diagonal >= len(new):
                return _walk_back(trace, len(old), len(new))
    return []


def _walk_back(trace: list[dict[int, int]], at_old: int, at_new: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for changes in range(len(trace) - 1, -1, -1):
        reached, diagonal = trace[changes], at_old - at_new
        is_down = diagonal == -changes or (diagonal != changes and reached[diagonal - 1] < reached[diagonal + 1])
        before = diagonal + 1 if is_down else diagonal - 1
        start_old = reached[before]
        while at_old > start_old and at_new > start_old - before and at_old > 0 and at_new > 0:
            at_old, at_new = at_old - 1, at_new - 1
            pairs.append((at_old, at_new))
        at_old, at_new = start_old, start_old - before
    return pairs[::-1]
