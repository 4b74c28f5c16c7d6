"""What is a name, and how much of it stands publicly."""

import pytest

from petition.lib import names

PUBLIC = {
    "Ada Lovelace": "Ada L.",
    "ada lovelace": "ada l.",
    "Zoë": "Zoë",
    "Will.i.am": "Will.i.am",
    "O’Neill-Śmith": "O’Neill-Śmith",
    "Anna-Maria Lee": "Anna-Maria L.",
    "J.R.R. Tolkien": "J.R.R. T.",
    "Tolkien J.R.R.": "Tolkien J.",
    # The last word counts: particles are left out, and of several family names the last stands.
    "Anna van der Berg": "Anna B.",
    "Ludwig van Beethoven": "Ludwig B.",
    "Gabriel García Márquez": "Gabriel M.",
    "Maria da Silva e Costa": "Maria C.",
    "Jeanne d’Arc": "Jeanne A.",
    "Bas van 't Hoff": "Bas H.",
    "Ronald James McDonald": "Ronald M.",
    "Nguyễn Thị Minh": "Nguyễn M.",
    # A word before a comma is the family's.
    "Lovelace, Ada": "Ada L.",
    "LOVELACE, ADA": "ADA L.",
    "Lovelace, Dr. Ada": "Ada L.",
    "Dr. Lovelace, Ada": "Ada L.",
    "van der Berg, Anna": "Anna B.",
    "Lovelace, Ada, PhD": "Ada L.",
    "Jane Smith, teacher": "Jane S.",
    "Ada Lovelace, London": "Ada L.",
    # Titles, degrees, generations.
    "Priya Sharma, B.Com": "Priya S.",
    "Priya Sharma, B.Com (Hons)": "Priya S.",
    "Dr. Ada Lovelace": "Ada L.",
    "Dr.med. Anna Müller": "Anna M.",
    "Prof. Dr. med. Anna Müller": "Anna M.",
    "Univ.-Prof. Dr. h.c. mult. Eva Maria Kern, MSc": "Eva K.",
    "Dipl.-Ing. Max Muster": "Max M.",
    "Mme Marie Curie": "Marie C.",
    "Mr Smith": "Smith",
    "Ada Lovelace PhD": "Ada L.",
    "Ada Lovelace Ph.D.": "Ada L.",
    "Jack Ma": "Jack M.",
    "Yo Yo Ma": "Yo M.",
    "John Smith Jr.": "John S.",
    "Henry Tudor VIII": "Henry T.",
    # Brackets, and what is no word.
    "Ada Lovelace (she/her)": "Ada L.",
    "Ada (Countess) Lovelace": "Ada L.",
    "Ada Lovelace (unclosed": "Ada L.",
    "(Ada)": "(Ada)",
    "Ada Lovelace 🇺🇦": "Ada L.",
    "🌻 Ada Lovelace": "Ada L.",
    "Ada & Bob Lovelace": "Ada L.",
    "🇺🇦": "🇺🇦",
    "": "",
    # A letter with what belongs to it.
    "Ada E\u0301mile": "Ada E\u0301.",
    "Ada “Émile”": "Ada É.",
    "प्रिया शर्मा": "प्रिया श.",
    "प्रिया क्षत्रिय": "प्रिया क्ष.",
    "محمد علي": "محمد ع.",
    "สมชาย ใจดี": "สมชาย ใ.",
    "Мария Петрова": "Мария П.",
    "辻\U000e0100 太郎": "辻\U000e0100…",
    # Without spaces, or with: the family's name comes first, and the whole would be too much.
    "王小明": "王…",
    "王 小明": "王…",
    "山田太郎": "山…",
    "さくら": "さ…",
    "エイダ・ラブレス": "エ…",
    "김철수": "김…",
    "김 철수": "김…",
    "\U00030000小明": "\U00030000…",
    "李": "李",
    "David 王小明": "David 王.",
    "王小明 David": "王…",
}


@pytest.mark.parametrize(("name", "public"), PUBLIC.items())
def test_publicly_stands_the_first_name_and_an_initial(name: str, public: str) -> None:
    assert names.public_name(name) == public


@pytest.mark.parametrize("name", [name for name in PUBLIC if name])
def test_what_stands_publicly_is_no_more_than_was_written(name: str) -> None:
    assert len(names.public_name(name)) <= len(name) + 1


WITH_DOTS = """
J.R.R. Tolkien|St.John|Dr.med. Anna|Will.i.am|M.Sc|Ph.D.|B.Com|M.Com.|O.P.|Priya Sharma, B.Com|Priya B.Com (Hons.)
Priya Sharma,B.Com,M.A.|Chr.de Wit|M.de Boer|J.de Vries|Dipl.Ing/MBA|Dipl.-Ing.(FH)|Dr.rer.nat. Max|Univ.Prof. Eva|Mag.art. Eva
Ing.arch. Jan|Anna St.James|Jean-Luc P.|A.B.C.|St. Clair|Nguyen.Le|Li.Na|Sr.M. Agnes|Fr.Thomas O.P.|Lt.Col. Smith
M.D.|D.Phil. (Oxon.)|Ole Jr.|Anna b.Com|priya sharma, b.com|Dr.h.c. Anna|Max M.Eng.|Kim Il.|Prof.in Anna|Dr.in Anna
"""


@pytest.mark.parametrize("name", WITH_DOTS.replace("\n", "|").strip("|").split("|"))
def test_initials_titles_and_degrees_are_no_web_address(name: str) -> None:
    assert not names.has_url(name)
    assert not names.has_email(name)


@pytest.mark.parametrize(
    "name",
    [
        "buy at shop.com",
        "example.org/x",
        "site.online",
        "SHOP.COM",
        "Shop.Com now",
        "uni-site.de",
        "visit shop.de now",
        "Ada www.example.test",
        "https://x",
        "t.me/spam",
        "bit.ly/3abc",
        "ｓｈｏｐ．ｃｏｍ",
        "sh\u200dop.com",
        "(cheap-pills.top)",
        "example.com.br",
        "пример.рф",
    ],
)
def test_a_web_address_is_found_in_a_name(name: str) -> None:
    assert names.has_url(name)


@pytest.mark.parametrize(
    "name", ["ada@uni-site.de", "Ada ada@x.example", "ada＠uni．de", "Ada (ada.l@mail.example.org)"]
)
def test_an_email_address_is_found_in_a_name(name: str) -> None:
    assert names.has_email(name)


@pytest.mark.parametrize("name", ["Ada @ work", "M@x", "Ada @adalovelace"])
def test_a_sign_alone_makes_no_email_address(name: str) -> None:
    assert not names.has_email(name)
