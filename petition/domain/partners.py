"""Partners of a team: who they are, and the link to their own page."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import audit, letters, links
from petition.domain.letters import Content, Entry, LetterKind, NewLetter
from petition.errors import Conflict, NotFound
from petition.lib import clock, email_addresses, tokens
from petition.models import (
    Letter,
    Organiser,
    Partner,
    Team,
)

PURPOSE = "partner"
LINK_LASTS = timedelta(days=terms.PARTNER_LINK_DAYS)


class SlugTaken(Conflict):
    """Raised for a name in links that another partner has."""


class PartnerChanged(Conflict):
    """Raised when somebody else has saved a partner since its form was shown."""


class NoContact(Conflict):
    """Raised when a partner without an address is to get its link."""


def of_team(session: Session, team: Team) -> Sequence[Partner]:
    """Return the partners of a team by name."""
    theirs = select(Partner).where(Partner.team_id == team.id)
    return session.scalars(theirs.order_by(func.lower(Partner.name), Partner.id)).all()


def get_partner(session: Session, team: Team, partner_id: int) -> Partner:
    """Return a partner of a team; raises NotFound."""
    partner = session.get(Partner, partner_id)
    if partner is None or partner.team_id != team.id:
        raise NotFound
    return partner


def add(session: Session, actor: Organiser, team: Team, slug: str, values: Mapping[str, Any]) -> Partner:
    """Return a new partner with these columns; raises SlugTaken."""
    if session.scalar(select(Partner.id).where(Partner.slug == slug)):
        raise SlugTaken
    partner = Partner(team_id=team.id, slug=slug, created_at=clock.now(), **values)
    session.add(partner)
    audit.record(session, actor, "add_partner", partner, team_id=team.id, new=slug)
    return partner


def edit(session: Session, actor: Organiser, partner: Partner, shown: int, values: Mapping[str, Any]) -> None:
    """Give a partner other columns; ``shown`` is the revision that was seen. Raises PartnerChanged.

    Links to its own page are void once it has another address.
    """
    session.refresh(partner, with_for_update=True)
    if partner.revision != shown:
        raise PartnerChanged
    changed = sorted(name for name, value in values.items() if getattr(partner, name) != value)
    if "contact" in changed:
        partner.nonce = None
    for name in changed:
        setattr(partner, name, values[name])
    if changed:
        partner.revision += 1
        audit.record(session, actor, "edit_partner", partner, team_id=partner.team_id, new=", ".join(changed))


def send_link(session: Session, actor: Organiser, partner: Partner) -> None:
    """Write a partner with the link to its own page, good for LINK_LASTS; earlier ones are void. Raises NoContact."""
    if not partner.contact:
        raise NoContact
    partner.nonce = tokens.nonce()
    digest = email_addresses.digest(partner.contact)
    letter = NewLetter("partner_link", partner.contact, digest, partner.language, version=str(partner.id))
    letters.enqueue(session, [letter])
    audit.record(session, actor, "send_partner_link", partner, team_id=partner.team_id)


def revoke_link(session: Session, actor: Organiser, partner: Partner) -> None:
    """Make all links to a partner's own page void."""
    partner.nonce = None
    audit.record(session, actor, "revoke_partner_link", partner, team_id=partner.team_id)


def read_link(session: Session, token: str) -> Partner:
    """Return the partner whose own page a link opens; raises StaleLink for a link that is void, damaged or too old."""
    partner_id, nonce = links.read_nonce(PURPOSE, token, LINK_LASTS)
    partner = session.get(Partner, partner_id)
    if partner is None or partner.nonce != nonce:
        raise links.StaleLink
    return partner


class PartnerContext(NamedTuple):
    """What the letter with the link says."""

    accent: str
    partner: str
    team: str


def _link_letters(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what each letter says now, by letter id; nothing once its link is void."""
    ids = [int(letter.version) for letter in batch]
    found = {str(one.id): one for one in session.scalars(select(Partner).where(Partner.id.in_(ids)))}
    contents = {}
    for letter in batch:
        partner = found.get(letter.version)
        if partner and partner.nonce and partner.contact == letter.recipient:
            context = PartnerContext("ink", partner.name, partner.team.name)
            contents[letter.id] = Content("partner_link", [Entry(context, f"{partner.id}.{partner.nonce}")])
    return contents


letters.register(
    LetterKind(
        "partner_link",
        priority=1,
        content=_link_letters,
        same_per_day=5,
        links={PURPOSE: LINK_LASTS},
        even_silenced=True,
    )
)
