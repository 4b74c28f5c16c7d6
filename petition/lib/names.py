"""Names as people write them, what is not a name, and how much of one stands publicly."""

import re
import unicodedata

_EMAIL = re.compile(r"[^\s@]@[^\s@]*\.[^\s.@]")
_GENERIC = (
    "com|net|org|info|biz|online|site|shop|store|xyz|top|club|vip|icu|app|dev|edu|gov|link|click|website|space|live|"
    "blog|news|fun|pro|cloud|agency|digital|email|mobi|casino|bet"
)
_COUNTRY = (
    "ai|at|au|be|bg|br|ca|cc|ch|cn|co|cz|de|dk|ee|es|eu|fi|fr|gg|gr|hr|hu|ie|in|io|it|jp|kr|ly|lt|lv|me|mt|nl|no|nz|pl|"
    "ro|ru|se|si|sk|tk|tv|ua|uk|us|ws|рф|укр"
)
# Names have dots too: B.Com, St.John, Dr.med., J.R.R., M.de Boer, Chr.de Wit. So what stands before the dot has two
# characters, the ending is one that people know, and that of a country, which may be a word of a name, is in small
# letters and comes last or after four small letters.
_URL = re.compile(
    rf"""
    :// | \bwww\.
    | [\w-]\w\.(?i:{_GENERIC})(?![\w-])
    | [\w-]\w\.(?:{_COUNTRY})(?:[/:?\#]|[.,;!)]*$)
    | (?<![\w.-])[a-z0-9-]{{4,}}\.(?:{_COUNTRY})(?![\w.-])
    | (?<![\w.])[a-z0-9-]+\.[a-z]{{2,}}/
    """,
    re.VERBOSE,
)

_TITLE = re.compile(
    r"(?:dr|drs|prof|professor|mr|mrs|ms|mx|sir|herr|frau|mme|mlle|madame|monsieur|dhr|mevr)(?!\w)"
    r"|(?:dipl|ing|mag|univ|priv|rev|sig|sra?|m\.?sc|b\.?sc)\.",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    r"phd|dphil|edd|md|jd|ba|bsc|ma|msc|mba|bcom|mcom|bed|med|beng|meng|mphil|llb|llm|dds|obe|mbe|cbe|kbe|frs|mep|mp|esq"
    r"|op|sj|osb|ofm|ii|iii|iv|vi|vii|viii",
    re.IGNORECASE,
)
_GENERATION = re.compile(r"jr|jnr|sr|snr", re.IGNORECASE)

# Han, kana and hangul: names without spaces, the family's first.
_SPACELESS = re.compile(
    "[\u1100-\u11ff\u2e80-\u31ff\u3400-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_BRACKETED = re.compile(r"[(\[（【][^)\]）】]*[)\]）】]?")


def has_letter(text: str) -> bool:
    """Whether anything in the text can be read as a name."""
    return any(unicodedata.category(letter)[0] == "L" for letter in text)


def has_email(text: str) -> bool:
    """Whether the text carries an e-mail address."""
    return bool(_EMAIL.search(_plain(text)))


def has_url(text: str) -> bool:
    """Whether the text carries a web address; initials, titles and degrees with dots are none."""
    return bool(_URL.search(_plain(text)))


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would run the text when an export is opened."""
    return text.startswith(("=", "+", "-", "@"))


def public_name(name: str) -> str:
    """Return what stands publicly of a name: the first name and the initial of the last, ``Ada L.``.

    The one rule for lists, previews and data. The last word counts, so particles are left out: ``Anna van der Berg``
    is ``Anna B.``; of an inner capital it takes that: ``Jeanne d'Arc`` is ``Jeanne A.``. Left out too are titles
    (``Prof. Dr. med. Anna Lee``: ``Anna L.``), degrees and generations (``Ada Lovelace PhD, Jr.``), what stands in
    brackets, and words without letters such as flags. One word before a comma is the family's: ``Lovelace, Ada`` is
    ``Ada L.``; after more than one the rest is left out: ``Priya Sharma, B.Com`` is ``Priya S.``. A single word stands
    whole. In Chinese, Japanese and Korean the first character stands for all: ``王小明`` is ``王…``. Where the family's
    name comes first without a comma, as in Hungarian, nobody can know: there the page that shows this can mend it.
    """
    words = _given_first(name)
    if not words:
        return name
    first, last = words[0], words[-1]
    if _SPACELESS.match(first[_first_letter(first)]):
        initial = _initial(first)
        return initial if initial == name else f"{initial}…"
    return f"{first} {_initial(last)}." if len(words) > 1 else first


def _given_first(name: str) -> list[str]:
    """Return the words of a name that have letters, without titles and degrees, the family's name last."""
    outside = _BRACKETED.sub(" ", name)
    parts = [_words(part) for part in re.split("[,;،、，]", outside if has_letter(outside) else name)]
    words, *after = [_without_titles(part) for part in parts if part] or [[]]
    after = [part for part in after if not all(map(_is_suffix, part))]
    family = [word for word in words if not word.islower()] or words
    if after and len(family) == 1:
        words = after[0] + family
    while len(words) > 2 and _is_suffix(words[-1]):
        words.pop()
    return words


def _words(text: str) -> list[str]:
    return [word for word in text.split() if has_letter(word)]


def _without_titles(words: list[str]) -> list[str]:
    """Drop ``Prof.``, ``Dr.med.``, and what follows a title in small letters with a dot, such as ``h.c.``."""
    start = 0
    while start < len(words) - 1 and (
        _TITLE.match(words[start]) or (start and words[start].endswith(".") and words[start].islower())
    ):
        start += 1
    return words[start:]


def _is_suffix(word: str) -> bool:
    bare = word.replace(".", "")
    # Ma is a family's name, MA and M.A. are degrees.
    is_degree = _SUFFIX.fullmatch(bare) and ("." in word or bare != bare.capitalize())
    return bool(is_degree or _GENERATION.fullmatch(bare))


def _first_letter(word: str) -> int:
    """Return where a word begins, which is its first capital after quotes and particles such as ``d'``."""
    letters = [index for index, letter in enumerate(word) if has_letter(letter)]
    return next((index for index in letters if word[index].isupper()), letters[0])


def _initial(word: str) -> str:
    """Return the first letter of a word with all that belongs to it: accents, vowel signs, joined consonants."""
    start = _first_letter(word)
    end = start + 1
    while end < len(word) and (
        unicodedata.category(word[end])[0] == "M"
        or word[end] in "\u200c\u200d"
        or unicodedata.combining(word[end - 1]) == 9
    ):
        end += 1
    return word[start:end].rstrip("\u200c\u200d")


def _plain(text: str) -> str:
    """Return a text as programs that look for addresses read it: full-width letters are plain ones."""
    return unicodedata.normalize("NFKC", text).replace("\u200c", "").replace("\u200d", "")
