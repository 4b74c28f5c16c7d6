"""Who brought somebody to a form, and by which channel: the address of the page says it, and no cookie."""

from flask import request

from petition.http import urls
from petition.models import Channel


def given(usual: str = "") -> tuple[str, str]:
    """Return the partner and the channel that the form at hand names, or else the query.

    They are empty for none; where no channel is named it is the ``usual`` one.
    """
    partner, via = (request.form.get(name) or request.args.get(name, "") for name in ("partner", "via"))
    return urls.slug(partner) or "", via if via in set(Channel) else usual
