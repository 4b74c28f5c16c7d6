"""What holds a text until somebody has read it."""

import pytest

from petition.lib.hold_reasons import EMAIL, LINK, PHONE, WORD, found, reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Everybody reads.", None),
        ("Write to suzie@example.org", EMAIL),
        ("See www.example.org", LINK),
        ("See https://example.org/a", LINK),
        ("Rufen Sie an: 030/123 45 67", PHONE),
        ("+33 1 23 45 67 89", PHONE),
        ("(0)20-7946 0123", PHONE),
        ("06.12.34.56.78", PHONE),
        ("From 2013–2020, on 26.11.2026 and 2026-11-26", None),
        ("1 000 000 people in 27 countries", None),
        ("Buy now, it is cheap", WORD),
        ("BÜY  NOW", WORD),
        ("b\u200bu\u200by now", WORD),
        ("bu\u0334y now", WORD),
        ("Buying nowhere", None),
        ("Ο ΗΛΊΘΙΟΣ ήρθε", WORD),
        ("\U0001f600", None),
        ("", None),
    ],
)
def test_a_text_is_held_for_whole_words_addresses_links_and_telephones(text: str, expected: str | None) -> None:
    assert reason([text], ["buy now", "ηλίθιος", " "]) == expected


def test_every_part_is_read() -> None:
    assert reason(["A dream", "Call +33 1 23 45 67 89"], []) == PHONE


def test_the_words_that_were_found_are_named() -> None:
    assert found(["l'idiot du village"], ["Idiot", "ville"]) == ["Idiot"]
