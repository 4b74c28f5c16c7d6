"""What changed between two texts."""

import random
import time

import pytest

from petition.lib.differences import Kind, Piece, words


def old_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind is not Kind.ADDED)


def new_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind is not Kind.REMOVED)


def test_a_changed_word_is_told_alone() -> None:
    assert words("Keep culture open in 2026.", "Keep culture free in 2026.") == [
        Piece(Kind.SAME, "Keep culture "),
        Piece(Kind.REMOVED, "open"),
        Piece(Kind.ADDED, "free"),
        Piece(Kind.SAME, " in 2026."),
    ]


def test_neighbouring_changed_words_are_told_as_one_change() -> None:
    assert words("one two three four", "one zwei drei four") == [
        Piece(Kind.SAME, "one "),
        Piece(Kind.REMOVED, "two three"),
        Piece(Kind.ADDED, "zwei drei"),
        Piece(Kind.SAME, " four"),
    ]


def test_equal_texts_are_one_piece_and_empty_ones_none() -> None:
    assert words("a\nb\n", "a\nb\n") == [Piece(Kind.SAME, "a\nb\n")]
    assert words("", "") == []
    assert words("", "new") == [Piece(Kind.ADDED, "new")]
    assert words("old", "") == [Piece(Kind.REMOVED, "old")]


def test_both_texts_can_be_read_from_the_pieces() -> None:
    dice = random.Random(1)
    for _ in range(300):
        old = "".join(dice.choice("ab \n") for _ in range(dice.randrange(30)))
        new = "".join(dice.choice("ab \n") for _ in range(dice.randrange(30)))
        assert (old_of(words(old, new)), new_of(words(old, new))) == (old, new)


@pytest.mark.parametrize("separator", [" ", "\n", ""])
def test_long_texts_without_a_common_word_are_compared_quickly(separator: str) -> None:
    old = separator.join(f"a{number}" for number in range(8000))
    new = separator.join(f"b{number}" for number in range(8000))

    start = time.process_time()
    pieces = words(old, new)

    assert time.process_time() - start < 2
    assert (old_of(pieces), new_of(pieces)) == (old, new)


def test_long_texts_of_few_different_words_are_compared_quickly() -> None:
    dice = random.Random(2)
    old, new = (("\n" if dice.random() < 0.2 else " ").join(dice.choices("xyz", k=25_000)) for _ in range(2))

    start = time.process_time()
    pieces = words(old, new)

    assert time.process_time() - start < 2
    assert (old_of(pieces), new_of(pieces)) == (old, new)


def test_many_long_changed_lines_are_compared_quickly() -> None:
    def text(letter: str) -> str:
        return "\n".join(" ".join([f"{letter}"] * 150) + f"\nline {number}" for number in range(165))

    start = time.process_time()
    pieces = words(text("a"), text("b"))

    assert time.process_time() - start < 3
    assert (old_of(pieces), new_of(pieces)) == (text("a"), text("b"))
