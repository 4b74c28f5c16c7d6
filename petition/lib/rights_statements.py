"""The rights statements of cultural heritage: what each is called in full, and whether all may re-use what is under it.

The names are those of creativecommons.org and rightsstatements.org. They are proper names, so none is translated.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

_CC = "creativecommons.org"
_RS = "rightsstatements.org"
_LEGACY = "europeana.eu"

# Path → name in full, and whether anybody may re-use what it stands beside: Europeana's group "open".
_PUBLIC_DOMAIN = {"mark": "Public Domain Mark", "zero": "CC0 1.0 Universal Public Domain Dedication"}
_LICENCES = {
    "by": ("Attribution", True),
    "by-sa": ("Attribution-ShareAlike", True),
    "by-nd": ("Attribution-NoDerivatives", False),
    "by-nc": ("Attribution-NonCommercial", False),
    "by-nc-sa": ("Attribution-NonCommercial-ShareAlike", False),
    "by-nc-nd": ("Attribution-NonCommercial-NoDerivatives", False),
}
_STATEMENTS = {
    "InC": "In Copyright",
    "InC-OW-EU": "In Copyright - EU Orphan Work",
    "InC-EDU": "In Copyright - Educational Use Permitted",
    "InC-NC": "In Copyright - Non-Commercial Use Permitted",
    "InC-RUU": "In Copyright - Rights-holder(s) Unlocatable or Unidentifiable",
    "NoC-CR": "No Copyright - Contractual Restrictions",
    "NoC-NC": "No Copyright - Non-Commercial Use Only",
    "NoC-OKLR": "No Copyright - Other Known Legal Restrictions",
    "NoC-US": "No Copyright - United States",
    "CNE": "Copyright Not Evaluated",
    "UND": "Copyright Undetermined",
    "NKC": "No Known Copyright",
}
# Statements that Europeana used before those of rightsstatements.org.
_EARLIER = {
    "rr-f": "Rights Reserved - Free Access",
    "rr-p": "Rights Reserved - Paid Access",
    "rr-r": "Rights Reserved - Restricted Access",
    "unknown": "Unknown copyright status",
    "orphan-work-eu": "Orphan work",
    "out-of-copyright-non-commercial": "Out of copyright - non commercial re-use",
}


class RightsStatement(NamedTuple):
    """A statement: its full name, its page (empty for one that we do not know), and whether all may re-use a work."""

    name: str
    url: str
    is_open: bool


def find(uri: str) -> RightsStatement:
    """Return the statement that a URI stands for; its scheme, version and language do not matter.

    One that we do not know is shown as it is, without a link, and opens nothing.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return RightsStatement(uri, "", is_open=False)
    host, path = (parts.hostname or "").removeprefix("www."), parts.path.strip("/").split("/")
    name, is_open = _known(host, path)
    if not name:
        return RightsStatement(uri, "", is_open=False)
    return RightsStatement(name, f"https://{'www.' if host == _LEGACY else ''}{host}{parts.path}", is_open)


def _known(host: str, path: list[str]) -> tuple[str, bool]:
    """Return the name, or an empty one, and whether it is open; segments are compared whole, so InC is not InC-EDU."""
    kind, code, *rest = [*path, "", ""]
    if host == _CC and kind == "publicdomain" and code in _PUBLIC_DOMAIN:
        return f"{_PUBLIC_DOMAIN[code]}{' 1.0' if code == 'mark' else ''}", True
    if host == _CC and kind == "licenses" and code in _LICENCES:
        words, is_open = _LICENCES[code]
        return " ".join(["Creative Commons", words, *_version(rest)]), is_open
    if host == _RS and kind in {"vocab", "page"} and code in _STATEMENTS:
        return _STATEMENTS[code], False
    if host == _LEGACY and kind == "rights":
        return _EARLIER.get(code, ""), False
    return "", False


def _version(rest: list[str]) -> list[str]:
    """Return the version of a licence, and the country for which it was adapted: ``3.0 NL``."""
    version, country, *_more = [*rest, "", ""]
    if not re.fullmatch(r"[1-4]\.\d", version):
        return []
    scope = country.upper() if re.fullmatch(r"[a-z]{2}", country) else {"4.0": "International"}.get(version, "")
    return [version, scope] if scope else [version]
