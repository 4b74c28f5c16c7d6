"""Countries by ISO 3166-1 alpha-2 code, named in any language."""

import unicodedata
from functools import lru_cache

from babel import Locale

# Codes of the CLDR that are not countries, territories or Kosovo: reserved, groupings, pseudo-locales.
_NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


@lru_cache(maxsize=32)
def names(language: str) -> dict[str, str]:
    """Return the names of all countries by code, in the order of that language's alphabet."""
    territories = Locale.parse(language).territories
    countries = {
        code: name
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    }
    return dict(sorted(countries.items(), key=lambda item: _without_accents(item[1])))


def name(code: str, language: str) -> str:
    """Return a country's name, or the code where we know none."""
    return names(language).get(code, code)


def _without_accents(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)).casefold()
