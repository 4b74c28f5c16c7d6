"""How alike two texts are, by the words they share."""

import re
import unicodedata

# Shorter words are articles and the like, in most languages.
_MIN_LETTERS = 4


def tokens(text: str) -> frozenset[str]:
    """Return the words of a text that carry meaning: in lower case, without accents, of four letters at least."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return frozenset(word for word in re.findall(r"\w+", bare) if len(word) >= _MIN_LETTERS)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how much two sets of words share, from 0.0 to 1.0: their common words by all their words (Jaccard)."""
    return len(one & other) / len(one | other) if one and other else 0.0
