"""What an organiser finds on the first page: how the calls of their teams are doing, and what waits for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from petition.domain import totals
from petition.domain.totals import Total
from petition.lib import clock
from petition.models import (
    Call,
    CallContent,
    CallRevision,
    CallState,
    CallText,
    Campaign,
    Invitation,
    InvitationState,
    Membership,
    Organiser,
    Role,
    Team,
    Transfer,
    missing,
)

# The newest; the others are found under their campaigns.
MOST_CALLS = 50

_WRITTEN = (CallState.DRAFT, CallState.REVIEW)


@dataclass(frozen=True)
class CallSummary:
    """One call of a team; ``unfinished`` are the languages of a draft that lack words, ``revision`` its last save."""

    call: Call
    title: str
    membership: Membership
    total: Total
    revision: CallRevision | None
    may_edit: bool
    may_approve: bool

    @property
    def unfinished(self) -> list[str]:
        """The languages in which a draft lacks something without which it cannot be published."""
        return sorted(missing(cast("CallContent", self.revision.content))) if self.revision else []

    @property
    def waits(self) -> bool:
        """Whether the person at hand can do something for it to go on."""
        return self.may_approve or (self.call.state == CallState.DRAFT and self.may_edit)

    @property
    def days(self) -> int:
        """How many whole days ago it opened."""
        return (clock.now() - self.call.opens_at).days


class Overview(NamedTuple):
    """What one organiser finds; ``writes_in`` are the teams in which they may start a campaign, and ``campaigns`` those
    in which they may start a call; of calls the open ones are first, and then the newest."""

    memberships: Sequence[Membership]
    writes_in: list[Team]
    campaigns: Sequence[Campaign]
    calls: list[CallSummary]
    offers: Sequence[Transfer]
    invitations: Sequence[Invitation]


def overview(session: Session, person: Organiser, *, editors: Collection[object]) -> Overview:
    """Return the overview of one organiser, in a number of queries that does not grow with what they have.

    ``editors`` are the roles that write and approve calls.
    """
    memberships = session.scalars(
        select(Membership)
        .join(Membership.team)
        .options(contains_eager(Membership.team))
        .where(Membership.organiser_id == person.id)
        .order_by(Membership.since, Membership.team_id)
    ).all()
    theirs = {membership.team_id: membership for membership in memberships}
    writes_in = [membership.team for membership in memberships if membership.role in editors]
    return Overview(
        memberships,
        writes_in,
        _campaigns(session, [team.id for team in writes_in]),
        _summaries(session, person, theirs, editors) if theirs else [],
        _offers(session, [team_id for team_id, membership in theirs.items() if membership.role == Role.OWNER]),
        _invitations(session, person),
    )


def _campaigns(session: Session, team_ids: list[int]) -> Sequence[Campaign]:
    return session.scalars(select(Campaign).where(Campaign.team_id.in_(team_ids)).order_by(Campaign.id.desc())).all()


def _summaries(
    session: Session, person: Organiser, theirs: dict[int, Membership], editors: Collection[object]
) -> list[CallSummary]:
    rows = session.execute(
        select(Call, CallText.title)
        .join(Call.campaign)
        .options(contains_eager(Call.campaign))
        .outerjoin(CallText, and_(CallText.call_id == Call.id, CallText.language == Call.language))
        .where(Campaign.team_id.in_(theirs), Call.state.not_in([CallState.ARCHIVED, CallState.REMOVED]))
        .order_by(Call.opens_at.desc(), Call.id.desc())
        .limit(MOST_CALLS)
    ).all()
    calls = [call for call, _title in rows]
    sums = totals.for_calls(session, calls)
    newest = _newest_revisions(session, [call.id for call in calls if call.state in _WRITTEN])
    summaries = []
    for call, title in rows:
        membership = theirs[call.campaign.team_id or 0]
        revision = newest.get(call.id)
        may_edit = membership.role in editors
        is_second = call.state == CallState.REVIEW and call.submitted_by != person.id
        summaries.append(
            CallSummary(
                call,
                _title(revision, call.language) or title or "",
                membership,
                sums[call.id],
                revision,
                may_edit=may_edit,
                may_approve=may_edit and is_second,
            )
        )
    return sorted(summaries, key=lambda summary: (not summary.call.is_open, summary.call.is_closed))


def _newest_revisions(session: Session, call_ids: list[int]) -> dict[int, CallRevision]:
    if not call_ids:
        return {}
    newest = (
        select(CallRevision.call_id, func.max(CallRevision.number).label("number"))
        .where(CallRevision.call_id.in_(call_ids))
        .group_by(CallRevision.call_id)
        .subquery()
    )
    is_newest = and_(CallRevision.call_id == newest.c.call_id, CallRevision.number == newest.c.number)
    return {revision.call_id: revision for revision in session.scalars(select(CallRevision).join(newest, is_newest))}


def _title(revision: CallRevision | None, language: str) -> str:
    """Return the title of a draft in its own language, or else in the first that has one."""
    texts = revision.content.get("texts", {}) if revision else {}
    titles = {code: text.get("title", "") for code, text in texts.items()}
    return titles.get(language) or next(filter(None, titles.values()), "")


def _offers(session: Session, team_ids: list[int]) -> Sequence[Transfer]:
    if not team_ids:
        return []
    return session.scalars(
        select(Transfer)
        .options(joinedload(Transfer.team), joinedload(Transfer.campaign))
        .where(Transfer.team_id.in_(team_ids))
        .order_by(Transfer.offered_at)
    ).all()


def _invitations(session: Session, person: Organiser) -> Sequence[Invitation]:
    return session.scalars(
        select(Invitation)
        .options(joinedload(Invitation.team))
        .where(
            func.lower(Invitation.email) == person.email_key,
            Invitation.state == InvitationState.OPEN,
            Invitation.expires_at > clock.now(),
        )
        .order_by(Invitation.id)
    ).all()
