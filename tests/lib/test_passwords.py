"""Passwords are kept, compared and judged."""

from threading import Barrier, Thread

import pytest

from petition.forms.accounts import _WEAKNESSES
from petition.lib import passwords


def test_a_password_is_known_again_however_its_accents_were_typed() -> None:
    stored = passwords.hash_password("une cafétière bleue")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify(stored, "une cafe\u0301tie\u0300re bleue")
    assert not passwords.verify(stored, "une cafetière bleue")
    assert not passwords.is_outdated(stored)


@pytest.mark.parametrize("stored", [None, "", "no hash at all"])
def test_nobody_has_no_password(stored: str | None) -> None:
    assert not passwords.verify(stored, "")
    assert not passwords.verify(stored, "xxxxxxxxxxxxxxxxxxxx")


def test_two_passwords_at_once_and_the_next_one_waits_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
    begun, ended = Barrier(3), Barrier(3)

    def take_a_turn() -> None:
        with passwords._turn():
            begun.wait()
            ended.wait()

    threads = [Thread(target=take_a_turn) for _number in range(2)]
    for thread in threads:
        thread.start()
    begun.wait()
    with pytest.raises(passwords.PasswordsBusy):
        passwords.verify(None, "a password")
    ended.wait()
    for thread in threads:
        thread.join()
    assert not passwords.verify(None, "a password")


WEAK = [
    "password",
    "Password1234",
    "drowssaptset",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "abcdefghijkl",
    "qwertyuiopas",
    "qazwsxedcrfv",
    "2019-05-06",
    "19872019",
    "p4ssw0rd",
    "JENNIFER",
    "Elizabeth",
    "zxcvbnm,./",
]


@pytest.mark.parametrize("password", WEAK)
def test_why_a_password_is_weak_can_be_said_in_our_languages(password: str) -> None:
    reasons = passwords.weaknesses(password, ["ann@museum.example"])

    assert reasons
    assert [
        reason
        for reason in reasons
        if reason not in _WEAKNESSES and not reason.startswith(("Avoid", "Use a l", "No n"))
    ] == []


def test_what_others_know_of_a_person_is_easy_to_guess_and_a_long_password_is_judged_by_its_beginning() -> None:
    assert passwords.weaknesses("ann@museum.example", ["Ann", "ann@museum.example"])
    assert passwords.weaknesses("a kettle on the moon" * 6, []) == []
