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


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ("suzie@example.org", "suzie@example.org"),
        (" <Suzie@example.org>.", "Suzie@example.org"),
        ('"Signer, Suzie" <suzie@example.org>', "suzie@example.org"),
        ("mailto:suzie@example.org?subject=Hello", "suzie@example.org"),
        ("<mailto:suzie@example.org>", "suzie@example.org"),
        ("suzie\u200b@exam\u00adple.org\u200f", "suzie@example.org"),
        ("«suzie@example.org»;", "suzie@example.org"),
        ("o'neill@example.org", "o'neill@example.org"),
        ("a@x.example, b@x.example", "a@x.example, b@x.example"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_a_pasted_address_is_repaired(pasted: str, address: str) -> None:
    assert email_addresses.repair(pasted) == address
    assert email_addresses.repair(address) == address


def test_the_digest_tells_nothing_without_the_key() -> None:
    before = email_addresses.digest("suzie@example.org")

    email_addresses.configure(b"another key")

    assert email_addresses.digest("suzie@example.org") != before
    assert len(before) == 32
