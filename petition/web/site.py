"""Collects the pages, and gives their templates what all of them use.

A module of this package has pages when it exports ``bp``; its ``ERRORS`` say what people see when its rules refuse.
"""

from datetime import UTC, datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, get_timezone_location
from flask import Flask, request
from flask_babel import Babel, format_decimal, format_timedelta, get_locale
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from petition import terms, web
from petition.domain.settings import Switches
from petition.http import assets, current, error_pages, proof_of_work, request_log, security_headers, urls
from petition.http.error_pages import ErrorPages
from petition.lib import accents, clock, countries, languages, mail_providers, markdown
from petition.lib.modules import import_all
from petition.web import dashboard


def init_app(app: Flask) -> None:
    """Give the app its pages, errors, headers and languages."""
    app.url_map.converters |= urls.CONVERTERS
    Babel(app, locale_selector=urls.language)
    errors: ErrorPages = {}
    for module in (*import_all(web), *import_all(dashboard)):
        if hasattr(module, "bp"):
            app.register_blueprint(module.bp)
        errors |= getattr(module, "ERRORS", {})
    assets.init_app(app, _generated_assets())
    error_pages.init_app(app, errors)
    app.after_request(security_headers.add)
    request_log.init_app(app)
    app.context_processor(_context)
    app.jinja_env.globals |= {"terms": terms, "csrf_token": generate_csrf}
    app.jinja_env.filters |= {
        "accent": accents.get,
        "number": format_decimal,
        "date": lambda moment: format_date(moment, "long", locale=_locale()),
        "month": lambda day: format_skeleton("yMMMM", day, locale=_locale()),
        "datetime": _format_datetime,
        "in_zone": _format_in_zone,
        "span": lambda span: format_timedelta(span, granularity="minute"),
        "ago": lambda moment: format_timedelta(moment - clock.now(), granularity="second", add_direction=True),
        "country": lambda code: countries.name(code, urls.language()),
        "language": lambda code: Locale.parse(urls.language()).languages.get(code, code),
        "moment": datetime.fromisoformat,
        "endonym": lambda code: languages.ENDONYMS.get(code, code),
        "markdown": lambda text, prefix="": Markup(markdown.to_html(text, prefix)),  # noqa: S704 - nh3 has cleaned it
        "markdown_draft": lambda text, prefix: Markup(markdown.render(text, prefix)),  # noqa: S704 - nh3 has cleaned it
    }


def _generated_assets() -> dict[str, str]:
    """Return the parts of bundles that say in CSS and JavaScript what Python knows already."""
    providers = " ".join(sorted(mail_providers.MAJOR))
    return {
        "css/accents.css": accents.style_sheet(),
        "js/mail-providers.js": f'const MAIL_PROVIDERS = "{providers}".split(" ");\n',
    }


def _context() -> dict[str, object]:
    settings, switches = current.settings(), current.latest(Switches)
    return {
        "lang": urls.language(),
        "languages": [(code, languages.ENDONYMS[code]) for code in languages.INTERFACE],
        "alternate": urls.alternate,
        "canonical": urls.absolute(urls.alternate(urls.language()) or request.path),
        "absolute": urls.absolute,
        "is_demo": settings.demo,
        "switches": switches,
        "banner": switches.banner_for(urls.language()),
        "proof": proof_of_work if proof_of_work.is_on() else None,
        "sender": settings.mail_default_sender,
        "contact": parseaddr(settings.mail_default_sender)[1],
    }


def _format_datetime(moment: datetime) -> str:
    """Return an instant to the minute, in UTC, as in "1 June 2026, 12:00 UTC"."""
    moment = moment.astimezone(UTC)
    return f"{format_date(moment, 'long', locale=_locale())}, {moment:%H:%M} UTC"


def _format_in_zone(moment: datetime, zone: str) -> str:
    """Return an instant to the minute by the clocks of a zone, which is named: "1 June 2026, 14:00 (Paris)"."""
    if zone == "UTC":
        return _format_datetime(moment)
    local = moment.astimezone(ZoneInfo(zone))
    place = get_timezone_location(zone, locale=_locale(), return_city=True)
    return f"{format_date(local, 'long', locale=_locale())}, {local:%H:%M} ({place})"


def _locale() -> str:
    """Return how dates are written in the language at hand, which in a letter is its reader's."""
    return languages.locale(str(get_locale()))
