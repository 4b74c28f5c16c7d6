"""A partner's own page: what it brought and its codes, behind a link that we sent it by e-mail."""

from flask import Blueprint, render_template

from petition.db import session
from petition.domain import calls, partner_figures, partners
from petition.http import access
from petition.models import Call, CallPhase, Partner
from petition.web import snippets
from petition.web.snippets import Look, Snippets

bp = Blueprint("partner_page", __name__)
bp.before_request(access.same_origin_only)

_SHOWN = {CallPhase.OPEN, CallPhase.SCHEDULED}


@bp.get("/<language:lang>/partner/<token>")
def page(lang: str, token: str) -> str:
    """Show a partner the figures of its days, never of its hours, and the codes for its pages."""
    partner = partners.read_link(session, token)
    brought = partner_figures.brought_by_call(session, partner)
    return render_template(
        "partners/page.html",
        partner=partner,
        calls=brought,
        codes=[_code(lang, one.call, partner) for one in brought if one.call.phase in _SHOWN],
        days=partner_figures.days(session, partner),
        conversion=partner_figures.conversion(session, partner),
    )


def _code(lang: str, call: Call, partner: Partner) -> tuple[str, Snippets]:
    text = calls.text_of(session, call, lang)
    return text.title, snippets.snippets(call, text, Look(lang=lang, partner=partner.slug))
