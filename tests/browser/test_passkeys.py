"""Passkeys and the codes of an app, in a real browser with a virtual authenticator."""

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pyotp
import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from petition.domain import accounts
from petition.lib import clock
from petition.lib.session_rows import SessionRow, digest
from petition.models import Organiser
from tests.organisers import COOKIE, make_organiser
from tests.servers import SECRET, Running, environment, free_port, process, wait_for

PHONE = {"viewport": {"width": 390, "height": 844}}
PASSWORD = "correct horse battery staple"


@pytest.fixture
def site(migrated_file: Path, tmp_path: Path) -> Iterator[Running]:
    """Run the platform at a name: browsers refuse passkeys at an IP address."""
    port = free_port()
    url = f"http://localhost:{port}"
    copyfile(migrated_file, tmp_path / "petition.sqlite")
    settings = environment(
        tmp_path,
        BASE_URL=url,
        SECRET_KEY=SECRET,
        MAIL_DEFAULT_SENDER="Petition <petition@petition.example>",
        RATE_LIMITS="off",
    )
    running = Running(url, settings, tmp_path / "site.log")
    with process(running, "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"):
        wait_for(running)
        yield running


@pytest.fixture
def session(tmp_path: Path, site: Running) -> Iterator[Session]:
    """Give a session on the database of the site."""
    engine = create_engine(f"sqlite:///{tmp_path / 'petition.sqlite'}")
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture
def ann(session: Session) -> Organiser:
    return make_organiser(session, password_hash=PasswordHasher().hash(PASSWORD))


def sign_in(page: Page, session: Session, person: Organiser, url: str) -> None:
    """Give the browser the session of somebody who has just proved who they are."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    content = {"csrf_token": f"{person.id}.{secrets.token_hex(20)}"}
    accounts.add_session(session, SessionRow(digest(secret), person.id, content, "Test browser", now, now, now))
    session.commit()
    page.context.add_cookies([{"name": COOKIE, "value": secret, "url": url}])


# A virtual authenticator takes each offer at once, so there is one only where a test wants it.
NO_OFFER = 'if (location.hash !== "#offer") PublicKeyCredential.isConditionalMediationAvailable = async () => false'


def give_authenticator(page: Page, **changes: bool) -> None:
    """Plug an authenticator into the browser: one that knows its person, and needs nobody to touch it."""
    page.add_init_script(NO_OFFER)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable", {"enableUI": False})
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options | changes})


def add_passkey(page: Page, name: str) -> None:
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Make the passkey").click()


def no_overflow(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_passkey_is_made_and_signs_in_on_a_phone(
    site: Running, session: Session, ann: Organiser, new_page: Callable[..., Page]
) -> None:
    page = new_page(**PHONE)
    give_authenticator(page)
    sign_in(page, session, ann, site.url)
    page.goto(f"{site.url}/organise/security")
    add_passkey(page, "My phone")
    expect(page.get_by_role("heading", name="My phone")).to_be_visible()
    assert no_overflow(page)

    page.context.clear_cookies()
    page.goto(f"{site.url}/organise/login?next=/organise/security")
    assert no_overflow(page)
    page.get_by_role("button", name="passkey").click()
    page.wait_for_url(f"{site.url}/organise/security")
    expect(page.get_by_text("Last used on")).to_be_visible()

    # The browser offers it beside the addresses that it fills in, too.
    page.context.clear_cookies()
    page.goto(f"{site.url}/organise/login?next=/organise/security#offer")
    page.wait_for_url(f"{site.url}/organise/security")


def test_a_second_passkey_on_the_same_device_is_refused_in_words(
    site: Running, session: Session, ann: Organiser, new_page: Callable[..., Page]
) -> None:
    page = new_page(**PHONE)
    give_authenticator(page)
    sign_in(page, session, ann, site.url)
    page.goto(f"{site.url}/organise/security")
    add_passkey(page, "My phone")
    add_passkey(page, "Again")

    expect(page.get_by_text("This device has a passkey for your account already.")).to_be_visible()


def test_an_authenticator_that_verifies_nobody_makes_no_passkey(
    site: Running, session: Session, ann: Organiser, new_page: Callable[..., Page]
) -> None:
    page = new_page(**PHONE)
    give_authenticator(page, isUserVerified=False)
    sign_in(page, session, ann, site.url)
    page.goto(f"{site.url}/organise/security")
    add_passkey(page, "My phone")

    expect(page.get_by_text("No passkey was made.")).to_be_visible()


def test_where_there_is_no_passkey_the_page_says_so_and_the_password_works(
    site: Running, session: Session, ann: Organiser, new_page: Callable[..., Page]
) -> None:
    page = new_page(**PHONE)
    give_authenticator(page)
    page.goto(f"{site.url}/organise/login?next=/organise/security")
    page.get_by_role("button", name="passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()

    type_password(page)
    page.wait_for_url(f"{site.url}/organise/security")


def type_password(page: Page) -> None:
    page.get_by_label("Your e-mail address").fill("ann@museum.example")
    page.get_by_label(re.compile("assword")).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without"])
def test_an_app_is_set_up_and_its_codes_and_recovery_codes_sign_in(
    site: Running, session: Session, ann: Organiser, new_page: Callable[..., Page], javascript: bool
) -> None:
    page = new_page(**PHONE, java_script_enabled=javascript)
    sign_in(page, session, ann, site.url)
    page.goto(f"{site.url}/organise/security")
    page.get_by_role("button", name="Set up an app").click()
    expect(page.get_by_label("Code of the app")).to_be_visible()
    app = pyotp.TOTP("".join(page.locator(".secret-code span").all_inner_texts()))
    page.get_by_label("Code of the app").fill(app.now())
    page.get_by_role("button", name="Turn the app on").click()
    expect(page.locator(".recovery-codes code")).to_have_count(10)
    codes = page.locator(".recovery-codes code").all_inner_texts()

    page.context.clear_cookies()
    page.goto(f"{site.url}/organise/login?next=/organise/security")
    type_password(page)
    page.get_by_label("Code of the app").fill(app.at(datetime.now(UTC) + timedelta(seconds=30)))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("You have 10 recovery codes left")).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{site.url}/organise/login?next=/organise/security")
    type_password(page)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[3])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("You have 9 recovery codes left")).to_be_visible()
