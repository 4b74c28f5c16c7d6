"""Puts the parts together."""

from pathlib import Path
from wsgiref.types import WSGIApplication

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from petition import db, domain
from petition.config import Settings, folder, load
from petition.domain import accounts, guard
from petition.domain import settings as switch_settings
from petition.domain.settings import Switches
from petition.http import form_encoding, proof_of_work, rate_limits
from petition.http.cacheable import cacheable
from petition.http.page_cache import PageCache
from petition.http.rate_counter import DatabaseStorage, redis_storage
from petition.http.request_body import MAX_TEXT, BufferRequestBody
from petition.http.sessions import RowSessions, SessionRows
from petition.lib import (
    email_addresses,
    embed_scripts,
    encryption,
    erasure_log,
    europeana,
    logs,
    media_store,
    metrics,
    tokens,
)
from petition.lib.cached_values import CachedValue
from petition.lib.modules import import_all
from petition.lib.pictures import MAX_PICTURE_BYTES
from petition.web import site


def create_app(settings: Settings | None = None) -> Flask:
    """Return the WSGI app; raises SystemExit with one line when a setting is unsafe or missing."""
    settings = settings or load()
    app = Flask(
        "petition",
        template_folder=str(folder("templates")),
        static_folder=str(folder("static")),
    )
    app.config.update(
        PETITION=settings,
        SECRET_KEY=settings.secret_key.get_secret_value(),
        REVISION=_newest_revision(),
        MAX_CONTENT_LENGTH=64 * 1024,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
        MAX_FORM_PARTS=100,
        # For organisers who are signed in.
        BODY_LIMITS={
            r"/organise/calls/[0-9]+/picture": MAX_PICTURE_BYTES + 64 * 1024,
            r"/organise/(calls|campaigns)/.*": MAX_TEXT,
        },
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_DEFAULT_TIMEZONE="UTC",
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).parent / "translations"),
    )
    app.request_class = form_encoding.Utf8Request
    app.json.sort_keys = False  # type: ignore[attr-defined]
    logs.configure(quiet=settings.demo)
    tokens.configure(settings.secret_keys)
    encryption.configure(settings.secret_keys)
    email_addresses.configure(settings.digest_secret)
    erasure_log.configure(settings.erasures_folder, settings.digest_secret)
    media_store.configure(settings.media)
    embed_scripts.configure(folder("static") / "embed")
    europeana.configure(settings.europeana_url, settings.europeana_key.get_secret_value())
    app.extensions["engine"] = engine = db.connect(settings.database_url, pgbouncer=settings.pgbouncer)
    app.session_interface = RowSessions(
        engine,
        SessionRows(accounts.find_session, accounts.add_session, accounts.save_session, accounts.delete_session),
        path="/organise/",
        # The prefix makes browsers refuse the cookie from anybody but this host; it needs https.
        cookie="__Host-organiser" if settings.base_url.startswith("https:") else "organiser",
    )
    app.teardown_appcontext(lambda _error: db.scope.remove())
    shared = DatabaseStorage(engine, guard.increment)
    rate_limits.init_app(app, redis_storage(settings.redis_url) if settings.redis_url else shared)
    app.extensions[Switches.__name__] = switches = _switches(engine)
    proof_of_work.init_app(app, shared, lambda: switches.get().proof_of_work)
    # Each feature registers its letters when it is imported.
    import_all(domain)
    site.init_app(app)
    app.view_functions["static"] = cacheable(ttl=60.0)(app.view_functions["static"])
    app.wsgi_app = BufferRequestBody(  # type: ignore[method-assign]
        app.wsgi_app, app.config["MAX_CONTENT_LENGTH"], is_behind_proxy=settings.trusted_proxies > 0
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        # The Host header is never believed: links are built from PETITION_BASE_URL. The nearest proxy knows the scheme.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=1, x_host=0)  # type: ignore[method-assign]
    return app


def serving() -> WSGIApplication:
    """Return the app as each of several processes runs it: they count together, and cache public pages."""
    settings = load()
    app = create_app(settings)
    logs.configure(gather=True, quiet=settings.demo)
    metrics.share(settings.metrics_folder)
    return PageCache(app, settings.base_url, app.extensions[Switches.__name__].get)


def _switches(engine: Engine) -> CachedValue[Switches]:
    """Return the switches of the database, as they were last known while it is away."""

    def read() -> Switches:
        with Session(engine) as own:
            return switch_settings.current(own)

    return CachedValue(read, Switches(), (SQLAlchemyError,))


def _newest_revision() -> str:
    """Return the number of the last migration, as in its file's name."""
    return max(path.name for path in folder("migrations").glob("versions/[0-9]*.py"))[:4]
