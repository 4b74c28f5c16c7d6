"""How alike two texts are."""

from petition.lib.similarity import likeness, tokens


def test_the_same_words_in_another_order_and_case_are_alike() -> None:
    assert likeness(tokens("Culture ouverte à l'Europe"), tokens("EUROPE: ouverte, culture")) == 1.0


def test_texts_that_share_half_their_words_are_half_alike() -> None:
    assert likeness(tokens("open culture forever"), tokens("open culture budget")) == 0.5
    assert likeness(tokens("open"), tokens("")) == 0.0
