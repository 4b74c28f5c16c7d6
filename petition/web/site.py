"""The list of the pages, and what all their templates can use."""

from email.utils import parseaddr

from babel import Locale
from babel.dates import format_date, format_datetime
from flask import Flask, current_app, request
from flask_babel import Babel, format_decimal, format_timedelta, get_locale
from markupsafe import Markup

from petition.http import assets
from petition.lib import clock, countries, languages, markdown, proofs
from petition.web import (
    about,
    addresses,
    calls,
    campaigns,
    counters,
    errors,
    headers,
    health,
    limits,
    mailbox,
    metrics,
    sharing,
    signing,
    supporters,
)


def prepare(app: Flask) -> None:
    """Give the app its pages, errors, headers and languages."""
    app.url_map.converters |= addresses.CONVERTERS
    for feature in (about, calls, campaigns, counters, health, mailbox, metrics, signing, supporters):
        app.register_blueprint(feature.bp)
    assets.init_app(app)
    Babel(app, locale_selector=addresses.language)
    errors.prepare(app)
    limits.prepare(app)
    app.after_request(headers.secure)
    metrics.prepare(app)
    app.context_processor(_context)
    app.jinja_env.filters |= {
        "number": format_decimal,
        "day": lambda moment: format_date(moment, "long", locale=_locale()),
        "moment": lambda moment: format_datetime(moment, "long", locale=_locale()),
        "ago": lambda moment: format_timedelta(moment - clock.now(), granularity="second", add_direction=True),
        "country": lambda code: countries.name(code, addresses.language()),
        "language": lambda code: Locale.parse(addresses.language()).languages.get(code, code),
        "markdown": lambda text: Markup(markdown.to_html(text)),  # noqa: S704 - nh3 has cleaned it
    }


def _context() -> dict[str, object]:
    settings = current_app.config["PETITION"]
    return {
        "lang": addresses.language(),
        "languages": [(code, languages.ENDONYMS[code]) for code in languages.INTERFACE],
        "alternate": addresses.alternate,
        "canonical": sharing.absolute(addresses.alternate(addresses.language()) or request.path),
        "absolute": sharing.absolute,
        "is_demo": settings.demo,
        "proof": proofs if settings.proof_of_work == "on" else None,
        "sender": settings.mail_default_sender,
        "contact": parseaddr(settings.mail_default_sender)[1],
    }


def _locale() -> str:
    """Return how dates are written in the language at hand, which in a letter is its reader's."""
    language = str(get_locale())
    return languages.LOCALES.get(language, language)
