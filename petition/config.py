"""The settings, where they come from, and what makes the app refuse to start."""

import hashlib
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from petition.lib import setting_values

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """Return the folder ``templates``, ``static`` or ``migrations``: of the wheel if there, else of the checkout."""
    bundled = _PACKAGE / "_bundle" / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name


class Settings(BaseSettings):
    """Everything an operator can set, read from ``PETITION_*`` and ``.env``."""

    model_config = SettingsConfigDict(env_prefix="PETITION_", env_file=".env", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Path("var")
    database_url: str = ""
    pgbouncer: bool = False
    secret_key: SecretStr = SecretStr("")
    secret_key_fallbacks: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    digest_key: SecretStr = SecretStr("")
    base_url: str = ""
    mail_server: str = ""
    mail_port: int = Field(25, ge=1, le=65535)
    mail_username: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_use_tls: bool = False
    mail_use_ssl: bool = False
    mail_insecure: bool = False
    mail_default_sender: str = ""
    mail_connections: int = Field(4, ge=1, le=10)
    mail_per_worker_per_second: float = Field(0, ge=0)
    trusted_proxies: int = Field(0, ge=0, le=10)
    redis_url: str = ""
    media_url: str = ""
    europeana_key: SecretStr = SecretStr("")
    europeana_url: str = "https://api.europeana.eu"
    metrics_token: SecretStr = SecretStr("")
    rate_limits: Literal["on", "off"] = "on"
    mail_per_domain_per_hour: int = Field(500, ge=0)
    mail_per_minute: int = Field(0, ge=0)
    proof_of_work: Literal["on", "off"] = "off"
    demo: bool = False

    @field_validator("secret_key_fallbacks", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("*", mode="before")
    @classmethod
    def _one_line(cls, value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str) and setting_values.has_control_characters(text):
            raise ValueError("holds a line end or another control character")
        return value

    @field_validator("base_url", "europeana_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        try:
            return setting_values.base_url(value) if value else ""
        except ValueError:
            raise ValueError("must be an address such as https://petition.example, without a path") from None

    @field_validator("mail_default_sender")
    @classmethod
    def _sender(cls, value: str) -> str:
        try:
            return setting_values.sender(value) if value else ""
        except ValueError:
            raise ValueError("must be an address such as Petition <petition@petition.example>") from None

    @field_validator("media_url")
    @classmethod
    def _store(cls, value: str) -> str:
        if value and not setting_values.is_bucket(value):
            raise ValueError("must be an address such as s3://bucket/prefix")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self.data_dir = self.data_dir.absolute()
        self.database_url = self.database_url or f"sqlite:///{self.data_dir / 'petition.sqlite'}"
        if self.database_url.startswith("postgres"):
            # Heroku and others say postgres://; psycopg 3 is the driver we lock.
            self.database_url = "postgresql+psycopg://" + self.database_url.partition("://")[2]
        if self.demo:
            self.base_url = self.base_url or "http://localhost:8000"
            self.mail_default_sender = self.mail_default_sender or "AllezCulture demo <petition@demo.example>"
            self.secret_key = self.secret_key if self.secret_key.get_secret_value() else _kept_secret(self.data_dir)
        for wrong in self._faults():
            raise ValueError(wrong)
        return self

    def _faults(self) -> list[str]:
        url, metrics_token = urlsplit(self.base_url), self.metrics_token.get_secret_value()
        europeana_url = urlsplit(self.europeana_url)
        is_encrypted, is_local = self.mail_use_tls or self.mail_use_ssl, setting_values.is_loopback(url.hostname or "")
        travels_open = not is_encrypted and not setting_values.is_loopback(self.mail_server)
        keys = {"SECRET_KEY": [self.secret_key], "SECRET_KEY_FALLBACKS": self.secret_key_fallbacks}
        keys |= {"DIGEST_KEY": [self.digest_key] if self.digest_key.get_secret_value() else []}
        checks = {
            f"PETITION_{name} is missing or easy to guess: each key needs 32 random characters": not all(
                setting_values.is_strong_key(key.get_secret_value()) for key in given
            )
            for name, given in keys.items()
        }
        checks |= {
            "PETITION_BASE_URL is missing": not self.base_url,
            "PETITION_BASE_URL must begin with https:// (http:// is only for this machine)": url.scheme == "http"
            and not is_local,
            "PETITION_DEMO is for this machine only: its mailbox is public, so PETITION_BASE_URL must be http:// and local": (
                self.demo and (url.scheme == "https" or not is_local)
            ),
            "PETITION_EUROPEANA_URL must begin with https://, or the key would travel unencrypted": (
                europeana_url.scheme != "https" and not setting_values.is_loopback(europeana_url.hostname or "")
            ),
            "PETITION_EUROPEANA_KEY is not ASCII": not self.europeana_key.get_secret_value().isascii(),
            "PETITION_MAIL_DEFAULT_SENDER is missing": not self.mail_default_sender,
            "PETITION_MAIL_USE_TLS and PETITION_MAIL_USE_SSL cannot both be on": self.mail_use_tls
            and self.mail_use_ssl,
            "PETITION_MAIL_PASSWORD would travel unencrypted: set PETITION_MAIL_USE_TLS or PETITION_MAIL_USE_SSL": bool(
                self.mail_username and travels_open
            ),
            "PETITION_MAIL_SERVER would get letters unencrypted: set PETITION_MAIL_USE_TLS or PETITION_MAIL_USE_SSL, or"
            " PETITION_MAIL_INSECURE=true": travels_open and not self.mail_insecure,
            "PETITION_METRICS_TOKEN is shorter than 16 characters, or not ASCII": bool(
                metrics_token and (len(metrics_token) < 16 or not metrics_token.isascii())
            ),
            "PETITION_DATABASE_URL must be sqlite:///… or postgresql://…": not self.database_url.startswith(
                ("sqlite:///", "postgresql+psycopg://")
            ),
        }
        return [sentence for sentence, is_wrong in checks.items() if is_wrong]

    @property
    def secret_keys(self) -> list[str]:
        """The keys that sign links and forms, oldest first, as itsdangerous wants them."""
        return [key.get_secret_value() for key in (*reversed(self.secret_key_fallbacks), self.secret_key)]

    @property
    def digest_secret(self) -> bytes:
        """The key of the address digests: 32 bytes; it must stay the same for as long as the signatures are kept."""
        key = self.digest_key.get_secret_value() or self.secret_keys[0]
        return hashlib.sha256(b"petition.address\0" + key.encode()).digest()

    @property
    def erasures_folder(self) -> Path:
        """Where it is noted outside the database who was erased, so that a restored backup can forget them again."""
        return self.data_dir / "erased"

    @property
    def media(self) -> Path | str:
        """Where uploaded pictures are: in the store of PETITION_MEDIA_URL, or in a folder."""
        return self.media_url or self.data_dir / "media"

    @property
    def mail_folder(self) -> Path:
        """Where letters go as ``.eml`` files when no mail server is set."""
        return self.data_dir / "mail"

    @property
    def metrics_folder(self) -> Path:
        """Where the processes of this installation count together."""
        return self.data_dir / "metrics"


def load() -> Settings:
    """Return the settings of the environment.

    Raises ``SystemExit`` with one line that names the setting at fault.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "PETITION_" + str(first["loc"][0]).upper() + ": " if first["loc"] else ""
        raise SystemExit(f"petition: {name}{first['msg'].removeprefix('Value error, ')}") from None


def _kept_secret(data_dir: Path) -> SecretStr:
    """Return the demo's own random key, made once, so that links survive a restart."""
    path = data_dir / "demo-secret-key"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return SecretStr(path.read_text())
