"""What is repaired in a text, what is refused, and what stays."""

import pytest

from petition.lib import texts


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("\u200fAda\u200e", "Ada"),
        ("\ufeffAda", "Ada"),
        ("A\u00adda\u200b", "Ada"),
        ("\u200dAda\u200c", "Ada"),
        ("Ada\tLovelace", "Ada Lovelace"),
        ("Ada\r\n  Lovelace\n", "Ada Lovelace"),
        ("Ada\u00a0\u3000Lovelace\u2028", "Ada Lovelace"),
        ("\u3164", ""),
        ("\u115f\u1160\uffa0\u2800 ", ""),
        ("Ada\u2800Lovelace", "Ada Lovelace"),
        ("Zoe\u0308", "Zoë"),
        ("Zoe\u200b\u0308", "Zoë"),
        # Persian, Malayalam with a joiner that makes its last letter, a Japanese variant, an emoji of three.
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("രാജന\u0d4d\u200d ", "രാജന\u0d4d\u200d"),
        ("辻\U000e0100", "辻\U000e0100"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_a_line_is_repaired(typed: str, line: str) -> None:
    assert texts.line(typed) == line
    assert texts.line(line) == line


def test_paragraphs_keep_their_lines_and_the_marks_within() -> None:
    typed = "\ufeff \u200fשלום\u200f!\r\nA  B\rC\u2028D\tE « F\u00a0»\u200b"

    assert texts.paragraphs(typed) == "שלום\u200f!\nA B\nC\nD\tE « F\u00a0»"


@pytest.mark.parametrize(
    "text",
    [
        "🇺🇦",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "👩🏽\u200d❤\ufe0f\u200d👨🏽",
        "\U0001fae9\U0001face",  # emoji of 2024 and later
        "\U000323b0",  # a character that Python may not know yet
        "a\tb\nc",
        "\u200fשלום",
        "\ufffd",
    ],
)
def test_new_emoji_flags_and_letters_can_be_shown(text: str) -> None:
    assert not texts.has_unshowable(text)


UNSHOWABLE = [
    *map(chr, range(0x09)),
    *map(chr, range(0x0B, 0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff\ufdd0\ufdef\ue000\ufff9",
    "\U0001fffe",
    "\U0010ffff",
    "\ud800",
    "\udfff",
    "a\U000e0061",
    "\U0001f3f4\U000e0061",
]


@pytest.mark.parametrize("text", UNSHOWABLE, ids=ascii)
def test_controls_overrides_noncharacters_and_hidden_tags_cannot(text: str) -> None:
    assert texts.has_unshowable(text)
    assert not texts.has_unshowable(texts.printable(text))
