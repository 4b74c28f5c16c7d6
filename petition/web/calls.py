"""The calls to action."""

from flask import Blueprint

from petition.db import session
from petition.domain import calls
from petition.forms.signing import SignForm
from petition.http.cacheable import cacheable
from petition.web import callpage, guards

bp = Blueprint("calls", __name__)
bp.before_request(guards.public)


@bp.get("/<language:lang>/calls/<slug:call>")
@cacheable(ttl=1.0)
def call(lang: str, call: str) -> str:
    """Show a call with its total and its form."""
    row = calls.get_call(session, call)
    return callpage.render(lang, row, SignForm(lang))
