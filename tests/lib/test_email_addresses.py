"""Which addresses are the same mailbox, and which are the same address."""

import pytest

from petition.lib import email_addresses


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Suzie@Example.ORG", "suzie@example.org"),
        ("su.zie@example.org", "su.zie@example.org"),
        ("vera+zz@corp.example", "vera+zz@corp.example"),
        ("+suzie@gmail.com", "+suzie@gmail.com"),
        ("...@gmail.com", "...@gmail.com"),
        ("su.zie+x@googlemail.com", "suzie@gmail.com"),
        ("suzie+news@me.com", "suzie@icloud.com"),
        ("su.zie@mac.com", "su.zie@icloud.com"),
        ("Su-zie+a@pm.me", "suzie@proton.me"),
        ("su-zie@ya.ru", "su.zie@yandex.ru"),
        ("suzie+a@fastmail.fm", "suzie@fastmail.com"),
        ("suzie+a@hotmail.fr", "suzie@hotmail.fr"),
        ("suzie@hotmail.com", "suzie@hotmail.com"),
        ("suzie-a@yahoo.co.uk", "suzie@yahoo.co.uk"),
        ("suzie+a@yahoo.co.uk", "suzie+a@yahoo.co.uk"),
        ("suzie@BÜCHER.example", "suzie@xn--bcher-kva.example"),
        ("suzie@straße.example", "suzie@xn--strae-oqa.example"),
        ("suzie@strasse.example", "suzie@strasse.example"),
        ("suzie@παράδειγμα.example", "suzie@xn--hxajbheg2az3al.example"),
    ],
)
def test_an_address_counts_as_its_provider_reads_it_where_that_is_known(address: str, mailbox: str) -> None:
    assert email_addresses.mailbox(address) == mailbox
    assert email_addresses.mailbox(mailbox) == mailbox
    assert email_addresses.digest(address) == email_addresses.digest(mailbox)


def test_only_spellings_of_one_address_prove_the_same_owner() -> None:
    own = email_addresses.exact_digest("suzie@bücher.example")

    assert email_addresses.exact_digest(" Suzie@XN--bcher-kva.example") == own
    assert email_addresses.exact_digest("suzie@gmail.com") != email_addresses.exact_digest("suzie+a@gmail.com")
    assert own != email_addresses.digest("suzie@bücher.example")


def test_the_digest_tells_nothing_without_the_key() -> None:
    before = email_addresses.digest("suzie@example.org")

    email_addresses.configure(b"another key")

    assert email_addresses.digest("suzie@example.org") != before
    assert len(before) == 32
