"""Which addresses are the same mailbox."""

import pytest

from petition.lib import email_addresses


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("Suzie@Example.ORG", "suzie@example.org"),
        ("suzie+news@example.org", "suzie@example.org"),
        ("+suzie@example.org", "+suzie@example.org"),
        ("su.zie@example.org", "su.zie@example.org"),
        ("su.zie+x@googlemail.com", "suzie@gmail.com"),
        ("suzie@BÜCHER.example", "suzie@xn--bcher-kva.example"),
        ("suzie@bücher.example", "suzie@xn--bcher-kva.example"),
        ("suzie@straße.example", "suzie@xn--strae-oqa.example"),
        ("suzie@strasse.example", "suzie@strasse.example"),
        ("suzie@παράδειγμα.example", "suzie@xn--hxajbheg2az3al.example"),
    ],
)
def test_an_address_is_read_as_its_provider_reads_it(address: str, canonical: str) -> None:
    assert email_addresses.canonical(address) == canonical
    assert email_addresses.digest(address) == email_addresses.digest(canonical)


def test_the_digest_tells_nothing_without_the_key() -> None:
    before = email_addresses.digest("suzie@example.org")

    email_addresses.configure(b"another key")

    assert email_addresses.digest("suzie@example.org") != before
    assert len(before) == 32
