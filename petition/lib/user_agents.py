"""What a browser says of itself, in two words that its owner knows it by."""

import re

# The first that is found is meant: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
_BROWSERS = {
    "Edge": r"Edg(?:e|A|iOS)?/",
    "Opera": r"OPR/|Opera",
    "Samsung Internet": r"SamsungBrowser/",
    "Firefox": r"Firefox/|FxiOS/",
    "Chrome": r"Chrome/|Chromium/|CriOS/",
    "Safari": r"Safari/",
}
_SYSTEMS = {
    "Android": r"Android",
    "iPhone": r"iPhone",
    "iPad": r"iPad",
    "Windows": r"Windows",
    "ChromeOS": r"CrOS",
    "macOS": r"Mac OS X|Macintosh",
    "Linux": r"Linux|X11",
}


def device(user_agent: str) -> str:
    """Return a browser and its system, such as ``Firefox, Linux``; what is not known is left out."""
    return ", ".join(filter(None, (_find(_BROWSERS, user_agent), _find(_SYSTEMS, user_agent))))


def _find(words: dict[str, str], user_agent: str) -> str:
    return next((word for word, pattern in words.items() if re.search(pattern, user_agent)), "")
