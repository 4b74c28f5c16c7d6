"""Languages by code, with the names they have for themselves."""

# The 24 official languages of the European Union, in the order of their codes.
ENDONYMS = {
    "bg": "български",
    "cs": "čeština",
    "da": "dansk",
    "de": "Deutsch",
    "el": "ελληνικά",
    "en": "English",
    "es": "español",
    "et": "eesti",
    "fi": "suomi",
    "fr": "français",
    "ga": "Gaeilge",
    "hr": "hrvatski",
    "hu": "magyar",
    "it": "italiano",
    "lt": "lietuvių",
    "lv": "latviešu",
    "mt": "Malti",
    "nl": "Nederlands",
    "pl": "polski",
    "pt": "português",
    "ro": "română",
    "sk": "slovenčina",
    "sl": "slovenščina",
    "sv": "svenska",
}

# Those in which every page is translated.
INTERFACE = ("en", "fr", "de")


def locale(language: str) -> str:
    """Return how dates and lists are written for readers of a language; ours are in Europe."""
    return "en_GB" if language == "en" else language
