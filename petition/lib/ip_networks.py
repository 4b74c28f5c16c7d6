"""IP addresses: which of them are likely one household, and which one network."""

from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address

_UNREADABLE = IPv4Address(0)


def client_networks(text: str) -> tuple[str, str]:
    """Return the household of an address and the network around it.

    A household is an address in IPv4 and a /64 in IPv6; the network is a /24 or a /48.
    """
    address = parse(text)
    narrow, wide = (32, 24) if address.version == 4 else (64, 48)
    return _prefix(address, narrow), _prefix(address, wide)


def parse(text: str) -> Address:
    """Return the address in what a proxy says, which may come with a port; all that cannot be read is one address."""
    bare = text.strip().removeprefix("[").partition("]")[0].partition("%")[0]
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return _UNREADABLE
    # A server that listens on both kinds sees IPv4 inside IPv6; there all visitors would be of one network.
    return getattr(address, "ipv4_mapped", None) or address


def _prefix(address: Address, bits: int) -> str:
    rest = address.max_prefixlen - bits
    return f"{type(address)(int(address) >> rest << rest)}/{bits}"
