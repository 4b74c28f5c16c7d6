"""Each rights statement has its full name, its page, and opens a picture or does not."""

import pytest

from petition.lib import rights_statements


@pytest.mark.parametrize(
    ("uri", "name", "is_open"),
    [
        ("http://creativecommons.org/publicdomain/mark/1.0/", "Public Domain Mark 1.0", True),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0 Universal Public Domain Dedication", True),
        ("http://creativecommons.org/licenses/by/4.0/", "Creative Commons Attribution 4.0 International", True),
        ("https://creativecommons.org/licenses/by-sa/3.0/nl/deed.de", "Creative Commons Attribution-ShareAlike 3.0 NL", True),
        ("http://creativecommons.org/licenses/by-nc/4.0/", "Creative Commons Attribution-NonCommercial 4.0 International", False),
        ("http://creativecommons.org/licenses/by-nd/2.5", "Creative Commons Attribution-NoDerivatives 2.5", False),
        ("http://rightsstatements.org/vocab/InC/1.0/", "In Copyright", False),
        ("http://rightsstatements.org/page/InC-EDU/1.0/?language=en", "In Copyright - Educational Use Permitted", False),
        ("http://rightsstatements.org/vocab/NoC-NC/1.0/", "No Copyright - Non-Commercial Use Only", False),
        ("http://www.europeana.eu/rights/rr-f/", "Rights Reserved - Free Access", False),
    ],
)  # fmt: skip
def test_a_statement_has_its_full_name_and_its_page(uri: str, name: str, is_open: bool) -> None:
    found = rights_statements.find(uri)

    assert (found.name, found.is_open) == (name, is_open)
    assert found.url.startswith("https://")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://evil.example/licenses/by/4.0/",
        "javascript:alert(1)//creativecommons.org/licenses/by/4.0/",
        "http://[creativecommons.org",
        "http://creativecommons.org/licenses/byte/4.0/",
        "http://rightsstatements.org/vocab/InC-NEW/1.0/",
    ],
)
def test_one_that_we_do_not_know_opens_nothing_and_leads_nowhere(uri: str) -> None:
    assert rights_statements.find(uri) == (uri, "", False)
