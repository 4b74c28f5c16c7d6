"""The partner that is credited for a signature."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.models import Partner, Signature


def name_of(session: Session, signature: Signature) -> str:
    """Return the name of the partner that brought a signature; empty without one, or once it is deleted."""
    if not signature.partner:
        return ""
    return session.scalar(select(Partner.name).where(Partner.slug == signature.partner)) or ""
