"""A token has one spelling, and every other one is a broken link."""

import string
from datetime import timedelta

import pytest
from itsdangerous import BadSignature

from petition.lib import tokens

DAY = timedelta(days=1)


def test_no_other_last_letter_and_no_padding_is_taken() -> None:
    token = tokens.make("me", 5)
    others = {token[:-1] + letter for letter in string.ascii_letters + string.digits + "-_"} - {token}
    padded = {token + end for end in ("=", "==", "A", ".", " ", "\n", "\x00", "é", "-", "!")}
    inside = {token[:-3] + mark + token[-3:] for mark in "=!~ \n"}

    for other in others | padded | inside | {token.replace("-", "+").replace("_", "/") + "+"}:
        with pytest.raises(tokens.BrokenLink):
            tokens.read("me", other, DAY)
    assert tokens.read("me", token, DAY) == "5"


def test_a_cut_token_is_a_broken_link_at_each_length() -> None:
    token = tokens.make("me", 5)

    for length in range(len(token)):
        with pytest.raises(tokens.BrokenLink):
            tokens.read("me", token[:length], DAY)


def test_what_a_form_or_a_wait_signed_has_one_spelling_too() -> None:
    token = tokens.signer("form").sign(b"").decode()

    assert tokens.unsign("form", token, DAY)[0] == b""
    for end in ("=", "\0", "A"):
        with pytest.raises(BadSignature):
            tokens.unsign("form", token + end, DAY)
