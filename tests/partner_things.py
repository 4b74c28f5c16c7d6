"""A partner with all that its pages can show."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from petition.domain import partner_reports, partner_tokens
from petition.lib import clock
from petition.models import Call, Organiser, Team
from tests import factories


def partner_things(session: Session, team: Team, call: Call, owner: Organiser) -> dict[str, Any]:
    """Return a partner that brings signatures, its token, and a report that waits, beside one that counts."""
    partner = factories.make_partner(session, team, "library", contact="desk@library.example", nonce="nonce")
    token, _text = partner_tokens.make_token(session, owner, partner, "The desk")
    yesterday = clock.now().date() - timedelta(days=1)
    for number in (12, 5000):
        report, _is_new = partner_reports.put(
            session, partner, call, yesterday, countries={"NL": number}, source="Lists on paper"
        )
    session.commit()
    return {"partner": partner, "partner_token": token, "partner_report": report}
