"""Whose an address is."""

import pytest

from petition.lib import ip_networks


@pytest.mark.parametrize(
    ("address", "household", "network"),
    [
        ("203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
        ("203.0.113.7:54321", "203.0.113.7/32", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("", "0.0.0.0/32", "0.0.0.0/24"),
        ("unknown", "0.0.0.0/32", "0.0.0.0/24"),
        ("_hidden", "0.0.0.0/32", "0.0.0.0/24"),
        ("999.1.2.3", "0.0.0.0/32", "0.0.0.0/24"),
        ("٢٠٣.0.113.7", "0.0.0.0/32", "0.0.0.0/24"),
        ("1" * 5000, "0.0.0.0/32", "0.0.0.0/24"),
    ],
)
def test_an_address_has_a_household_and_a_network(address: str, household: str, network: str) -> None:
    assert ip_networks.client_networks(address) == (household, network)
