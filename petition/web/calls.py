"""The calls to action."""

from flask import Blueprint, Response, make_response

from petition.db import session
from petition.domain import calls
from petition.forms.signing import SignForm
from petition.http import access, security_headers
from petition.web import call_page

bp = Blueprint("calls", __name__)
bp.before_request(access.same_origin_only)


@bp.get("/<language:lang>/calls/<slug:call>")
def call(lang: str, call: str) -> Response:
    """Show a call with its total and its form."""
    row = calls.get_call(session, call)
    return security_headers.cacheable(make_response(call_page.render(lang, row, SignForm(lang))))
