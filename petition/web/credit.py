"""Who brought somebody to a form, and by which channel: the address of the page says it, and no cookie."""

from flask import request

from petition.http import urls
from petition.models import Channel


def given() -> tuple[str, str]:
    """Return the partner and the channel that the form at hand names, or else the query; empty for none."""
    partner, via = (request.form.get(name) or request.args.get(name, "") for name in ("partner", "via"))
    return urls.slug(partner) or "", via if via in set(Channel) else ""
