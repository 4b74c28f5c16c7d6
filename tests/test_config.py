"""The app starts with safe settings only, and says in one line which one is not."""

import pytest
from pydantic import ValidationError

from petition.config import Settings, load

GOOD = {
    "PETITION_SECRET_KEY": "k" * 32,
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
        ("BASE_URL", ""),
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
    monkeypatch.setenv("PETITION_MAIL_USERNAME", "petition")

    with pytest.raises(SystemExit, match="PETITION_MAIL_PASSWORD"):
        load()


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PETITION_MAIL_PASSWORD", "hunter2")

    assert "k" * 32 not in repr(load())
    assert "hunter2" not in repr(load())


def test_the_digests_stay_the_same_when_the_key_is_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load().digest_secret

    monkeypatch.setenv("PETITION_SECRET_KEY", "n" * 32)
    monkeypatch.setenv("PETITION_SECRET_KEY_FALLBACKS", "k" * 32)

    assert load().digest_secret == before
    assert load().secret_keys == ["k" * 32, "n" * 32]


def test_the_address_of_postgresql_may_have_its_usual_names() -> None:
    for name in ("postgres", "postgresql", "postgresql+psycopg"):
        settings = Settings(
            secret_key="k" * 32,
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
