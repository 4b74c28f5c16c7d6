"""What operators write in settings, read once: keys, the base URL, the sender of letters."""

import re
from email.utils import quote, unquote
from ipaddress import ip_address
from urllib.parse import urlsplit

import idna

from petition.lib import email_addresses

# C0 and C1, and the two line ends of Unicode: none of them belongs into a header, a URL or a log line.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# RFC 5322 §3.2.3: with one of these a display name must be quoted.
_SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]')
_DEFAULT_PORTS = {"http": 80, "https": 443}


def has_control_characters(text: str) -> bool:
    """Whether a text holds a line end or another control character."""
    return bool(_CONTROL.search(text))


def is_strong_key(key: str) -> bool:
    """Whether a key has at least 32 characters, 8 of them different, as all have that a generator made."""
    return len(key) >= 32 and len(set(key)) >= 8


def is_loopback(host: str) -> bool:
    """Whether a host name or IP address means this machine; an empty one does."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"} or host.endswith(".localhost")


def base_url(text: str) -> str:
    """Return ``scheme://host[:port]`` as browsers write an origin: lower case, IDNA, without a default port.

    Raises ValueError for what is no such address: another scheme, a user, a path, a query.
    """
    url = urlsplit(text.strip())
    if url.scheme not in _DEFAULT_PORTS or not url.hostname or "@" in url.netloc:
        raise ValueError
    if url.path.strip("/") or url.query or url.fragment:
        raise ValueError
    host = f"[{url.hostname}]" if ":" in url.hostname else _ascii_host(url.hostname)
    port = "" if url.port in {None, _DEFAULT_PORTS[url.scheme]} else f":{url.port}"
    return f"{url.scheme}://{host}{port}"


def is_bucket(url: str) -> bool:
    """Whether this is the address of an S3-compatible bucket: ``s3://bucket``, perhaps with a prefix."""
    return bool(re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?", url))


def sender(text: str) -> str:
    """Return ``Name <address>``, the name quoted where RFC 5322 wants it, the domain of the address in IDNA.

    The name may come unquoted, even with a comma. Raises ValueError for an address that letters cannot come from.
    """
    name, opened, rest = text.strip().rpartition("<")
    address = email_addresses.deliverable(rest.removesuffix(">").strip() if opened else rest)
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = unquote(name)
    if not name:
        return address
    return f'"{quote(name)}" <{address}>' if _SPECIALS.search(name) else f"{name} <{address}>"


def _ascii_host(host: str) -> str:
    return host if host.isascii() else idna.encode(host, uts46=True).decode()
