"""The app starts with safe settings only, and says in one line which one is not."""

from email.utils import parseaddr

import pytest
from pydantic import ValidationError

from petition.config import Settings, load

KEY = "a key of more than thirty-two characters"
NEW_KEY = "another key of thirty-two characters or so"

GOOD = {
    "PETITION_SECRET_KEY": KEY,
    "PETITION_BASE_URL": "https://petition.example/",
    "PETITION_MAIL_DEFAULT_SENDER": "Petition <petition@petition.example>",
}


@pytest.fixture(autouse=True)
def _good(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_good_settings_are_read_from_the_environment() -> None:
    settings = load()

    assert settings.base_url == "https://petition.example"
    assert settings.database_url.startswith("sqlite:////")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "k" * 64),
        ("SECRET_KEY_FALLBACKS", f"{NEW_KEY},short"),
        ("DIGEST_KEY", "x"),
        ("DIGEST_KEY", "ab" * 32),
        ("BASE_URL", ""),
        ("BASE_URL", "https://petition.example/?a=b"),
        ("BASE_URL", "https://user@petition.example"),
        ("BASE_URL", "https://petition.example:port"),
        ("BASE_URL", "https://peti\ntion.example"),
        ("DEMO", "true"),
        ("EUROPEANA_URL", "https://api.example\r\nX: y"),
        ("EUROPEANA_URL", "http://api.example"),
        ("EUROPEANA_URL", "https://api.example/record"),
        ("EUROPEANA_KEY", "schlüssel"),
        ("MAIL_DEFAULT_SENDER", "Petition <petition@petition.example>\nBcc: mallory@example.org"),
        ("MAIL_SERVER", "smtp.petition.example"),
        ("MAIL_USERNAME", "petition\x07"),
        ("BASE_URL", "petition.example"),
        ("BASE_URL", "http://petition.example"),
        ("BASE_URL", "https://petition.example/path"),
        ("MAIL_DEFAULT_SENDER", ""),
        ("MAIL_DEFAULT_SENDER", "nobody"),
        ("MAIL_PORT", "99999"),
        ("TRUSTED_PROXIES", "-1"),
        ("RATE_LIMITS", "maybe"),
        ("DATABASE_URL", "mysql://localhost/petition"),
    ],
)
def test_an_unsafe_or_missing_setting_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PETITION_{name}", value)

    with pytest.raises(SystemExit) as stopped:
        load()

    assert f"PETITION_{name}" in str(stopped.value)
    assert "\n" not in str(stopped.value)


def test_a_password_never_travels_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_MAIL_SERVER", "smtp.petition.example")
    monkeypatch.setenv("PETITION_MAIL_INSECURE", "true")
    monkeypatch.setenv("PETITION_MAIL_USERNAME", "petition")

    with pytest.raises(SystemExit, match="PETITION_MAIL_PASSWORD"):
        load()


@pytest.mark.parametrize(
    "more",
    [{"MAIL_INSECURE": "true"}, {"MAIL_USE_TLS": "true"}, {"MAIL_USE_SSL": "true"}, {"MAIL_SERVER": "127.0.0.2"}],
)
def test_letters_travel_unencrypted_on_this_machine_or_when_an_operator_says_so(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, str]
) -> None:
    for name, value in ({"MAIL_SERVER": "smtp.petition.example"} | more).items():
        monkeypatch.setenv(f"PETITION_{name}", value)

    assert load().mail_server


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://Petition.EXAMPLE/", "https://petition.example"),
        ("HTTPS://petition.example:443", "https://petition.example"),
        ("https://petition.example:8443//", "https://petition.example:8443"),
        ("https://pétition.example", "https://xn--ptition-bya.example"),
        ("http://LOCALHOST:80", "http://localhost"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_base_url_is_read_as_browsers_write_it(monkeypatch: pytest.MonkeyPatch, given: str, read: str) -> None:
    monkeypatch.setenv("PETITION_BASE_URL", given)

    assert load().base_url == read


@pytest.mark.parametrize(
    ("given", "name", "address"),
    [
        ("petition@petition.example", "", "petition@petition.example"),
        ("Ask, sign, count <Petition@Petition.EXAMPLE>", "Ask, sign, count", "Petition@petition.example"),
        ('"Ask, sign" <p@petition.example>', "Ask, sign", "p@petition.example"),
        ('The "real" one <p@petition.example>', 'The "real" one', "p@petition.example"),
        ("Pétition européenne <p@pétition.example>", "Pétition européenne", "p@xn--ptition-bya.example"),
    ],
)
def test_the_sender_may_have_any_name_and_one_address(
    monkeypatch: pytest.MonkeyPatch, given: str, name: str, address: str
) -> None:
    monkeypatch.setenv("PETITION_MAIL_DEFAULT_SENDER", given)

    assert parseaddr(load().mail_default_sender) == (name, address)


@pytest.mark.parametrize("base_url", ["https://localhost", "https://petition.example", "http://192.0.2.7"])
def test_the_demo_runs_on_this_machine_only(monkeypatch: pytest.MonkeyPatch, base_url: str) -> None:
    monkeypatch.setenv("PETITION_DEMO", "true")
    monkeypatch.setenv("PETITION_BASE_URL", base_url)

    with pytest.raises(SystemExit, match=r"PETITION_(DEMO|BASE_URL)"):
        load()


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_MAIL_PASSWORD", "hunter2")

    assert KEY not in repr(load())
    assert "hunter2" not in repr(load())


def test_the_digests_stay_the_same_when_the_key_is_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load().digest_secret

    monkeypatch.setenv("PETITION_SECRET_KEY", NEW_KEY)
    monkeypatch.setenv("PETITION_SECRET_KEY_FALLBACKS", KEY)

    assert load().digest_secret == before
    assert load().secret_keys == [KEY, NEW_KEY]


def test_the_address_of_postgresql_may_have_its_usual_names() -> None:
    for name in ("postgres", "postgresql", "postgresql+psycopg"):
        settings = Settings(
            secret_key=KEY,
            base_url="https://petition.example",
            mail_default_sender="petition@petition.example",
            database_url=f"{name}://localhost/petition",
        )
        assert settings.database_url == "postgresql+psycopg://localhost/petition"


def test_the_demo_needs_no_setting_and_keeps_its_key(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in GOOD:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PETITION_DEMO", "true")
    monkeypatch.setenv("PETITION_DATA_DIR", str(tmp_path))

    assert load().secret_keys == load().secret_keys


def test_a_fault_is_an_error_for_those_who_make_settings_in_code() -> None:
    with pytest.raises(ValidationError):
        Settings(secret_key="short", base_url="https://petition.example")
