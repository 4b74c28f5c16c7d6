"""The calls to action."""

from flask import Blueprint, Response, make_response

from petition.db import session
from petition.domain import calls
from petition.forms.signing import SignForm
from petition.web import callpage, guards, headers

bp = Blueprint("calls", __name__)
bp.before_request(guards.public)


@bp.get("/<language:lang>/calls/<slug:call>")
def call(lang: str, call: str) -> Response:
    """Show a call with its total and its form."""
    row = calls.get_call(session, call)
    return headers.public(make_response(callpage.render(lang, row, SignForm(lang))))
