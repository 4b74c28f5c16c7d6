"""What nginx keeps pages under: their path and what they depend on, and nothing that others added to a link."""

import pytest
from sqlalchemy.orm import Session

from tests import factories
from tests.deploy.nginx import PROGRAM, ask
from tests.servers import Running

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="THE EXAMPLES OF NGINX ARE NOT TESTED: it is not installed")


@pytest.fixture
def dialect() -> str:
    """Run these on SQLite: a proxy does not know what is behind the platform."""
    return "sqlite"


def test_addresses_that_others_lengthened_are_one_page(site: Running, session: Session) -> None:
    factories.make_call(session)
    for path in ("/en/calls/open-culture", "/counters/open-culture.json", "/embed/open-culture"):
        ask(site, path)
        found = [ask(site, f"{path}?fbclid={number}&utm_source=x&partner=p{number}") for number in range(200)]

        assert {answer.status for answer in found} == {200}
        assert "MISS" not in {answer.headers["X-Cache"] for answer in found}


def test_what_the_key_does_not_hold_changes_nothing_that_is_kept(site: Running, session: Session) -> None:
    factories.make_call(session)
    poisoned = ask(site, "/counters/open-culture.svg?%6cabel=Evil")
    clean, labelled = (ask(site, f"/counters/open-culture.svg{query}") for query in ("", "?x=1&label=Mine&label=Evil"))

    assert "Evil" not in poisoned.text + clean.text + labelled.text
    assert "Mine" in labelled.text
    assert ask(site, "/counters/open-culture.svg").text == clean.text


def test_a_form_keeps_its_query(site: Running, session: Session) -> None:
    factories.make_call(session)
    answer = ask(site, "/embed/open-culture?lang=fr&partner=museum&via=qr", "POST", "name=", Origin=site.url)

    assert answer.status == 422
    assert 'lang="fr"' in answer.text
    assert 'name="partner" type="hidden" value="museum"' in answer.text
    assert 'name="via" type="hidden" value="qr"' in answer.text
