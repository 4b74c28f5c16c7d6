"""The headers of a letter: short, plain where they can be, and never folded anew on the way."""

import email.policy
from email import message_from_bytes

import pytest

from petition.mail.message import Message, subject_line

GREEK = "Κρατήστε τον πολιτισμό ανοιχτό για όλους τους ανθρώπους της Ευρώπης " * 3
BULGARIAN = "Запазете културата отворена за всички хора в Европа и по света " * 3
ADDRESS = "petition@petition.example"


def content(subject: str = "Hello", sender: str = ADDRESS) -> bytes:
    message = Message(subject, ["suzie@example.org"], "Grüße", alts={"html": "<p>Grüße</p>"}, sender=sender)
    return message.as_bytes()


@pytest.mark.parametrize(
    "title",
    [GREEK, BULGARIAN, "x" * 200, "a " * 100, "=?utf-8?q?Hello?=", "文化を開く" * 40, "one, two; " * 11, "y" * 70],
    ids=["greek", "bulgarian", "one word", "words", "as if encoded", "no spaces", "commas", "long word"],
)
def test_who_serialises_a_letter_again_leaves_its_bytes_as_they_are(title: str) -> None:
    subject = subject_line(f"Confirm your signature: {title}")

    sent = content(subject)

    parsed = message_from_bytes(sent, policy=email.policy.SMTP)
    assert parsed.as_bytes() == sent
    assert parsed["Subject"] == subject
    assert max(map(len, sent.splitlines())) <= 78
    assert sent.isascii()
    assert parsed.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Confirm:\r\n  Keep it", "Confirm: Keep it"),
        ("word " * 30, ("word " * 24).strip() + "…"),
        ("x" * 200, "x" * 119 + "…"),
        ("x" * 120, "x" * 120),
        ("a" * 100 + ", " + "b" * 100, "a" * 100 + "…"),
    ],
)
def test_a_long_subject_is_cut_at_a_word(text: str, expected: str) -> None:
    assert subject_line(text) == expected
    assert len(subject_line(text)) <= 120


@pytest.mark.parametrize(
    ("sender", "line"),
    [
        (f"Petition <{ADDRESS}>", f"From: Petition <{ADDRESS}>"),
        (ADDRESS, f"From: {ADDRESS}"),
        (f'"Culture, open" <{ADDRESS}>', f'From: "Culture, open" <{ADDRESS}>'),
        (f"Européana <{ADDRESS}>", f"From: =?utf-8?q?Europ=C3=A9ana?= <{ADDRESS}>"),
        (f"{'Culture ' * 6}<{ADDRESS}>", f"From: {('Culture ' * 6).strip()}\r\n <{ADDRESS}>"),
    ],
)
def test_a_plain_name_of_a_sender_stays_plain(sender: str, line: str) -> None:
    sent = content(sender=sender)

    assert f"\r\n{line}\r\n".encode() in sent
    assert message_from_bytes(sent, policy=email.policy.SMTP).as_bytes() == sent
