"""Puts the parts together."""

from pathlib import Path
from wsgiref.types import WSGIApplication

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from petition import db, domain
from petition.config import Settings, folder, load
from petition.lib import addresses, logs, metrics, tokens
from petition.lib.modules import import_all
from petition.web import headers, site
from petition.web.bodies import Bodies
from petition.web.kept import Kept


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
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_DEFAULT_TIMEZONE="UTC",
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).parent / "translations"),
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.session_interface = headers.Sessions()
    logs.configure()
    tokens.configure(settings.secret_keys)
    addresses.configure(settings.digest_secret)
    app.extensions["engine"] = db.connect(settings.database_url, pgbouncer=settings.pgbouncer)
    app.teardown_appcontext(lambda _error: db.scope.remove())
    # Each feature registers its letters when it is imported.
    import_all(domain)
    site.prepare(app)
    app.wsgi_app = Bodies(app.wsgi_app, app.config["MAX_CONTENT_LENGTH"])  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        # The Host header is never believed: links are built from PETITION_BASE_URL. The nearest proxy knows the scheme.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=1, x_host=0)  # type: ignore[method-assign]
    return app


def serving() -> WSGIApplication:
    """Return the app as each of several processes runs it: they count together, and keep public pages as bytes."""
    settings = load()
    app = create_app(settings)
    logs.configure(gather=True)
    metrics.share(settings.metrics_folder)
    return Kept(app.wsgi_app, settings.base_url)


def _newest_revision() -> str:
    """Return the number of the last migration, as in its file's name."""
    return max(path.name for path in folder("migrations").glob("versions/[0-9]*.py"))[:4]
