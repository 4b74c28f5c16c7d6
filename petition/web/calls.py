"""The calls to action."""

from flask import Blueprint

from petition.db import session
from petition.domain import calls
from petition.forms.signing import SignForm
from petition.http import access
from petition.http.cacheable import cacheable
from petition.web import call_page

bp = Blueprint("calls", __name__)
bp.before_request(access.same_origin_only)


@bp.get("/<language:lang>/calls/<slug:call>")
@cacheable(ttl=1.0)
def call(lang: str, call: str) -> str:
    """Show a call with its total and its form."""
    row = calls.get_call(session, call)
    return call_page.render(lang, row, SignForm(lang))
