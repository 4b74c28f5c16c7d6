"""Signing a call: from the form to a row that waits, and the letter that asks to confirm it.

What somebody typed is a row of its own until it is confirmed, and its words change only by its own link; so each
letter, page and button can name the very words that it showed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Insert, Row, ScalarSelect, bindparam, case, exists, func, select
from sqlalchemy.orm import Session

from petition import db
from petition.domain import letters, telling
from petition.errors import CallNotOpen, CallPaused, Conflict, NotFound, PetitionError
from petition.lib import clock, email_addresses, names
from petition.models import (
    CONSENT_VERSION,
    FORM_COLUMNS,
    IS_COUNTED,
    IS_PENDING,
    BlockedAddress,
    Call,
    CallAlias,
    CallKind,
    CallState,
    Campaign,
    Partner,
    Signature,
    SignatureState,
    SilencedAddress,
    StoryWords,
    hidden_from_public,
    version_of,
)

# The most sets of words that wait for one mailbox and call, counted over a day: as many as letters may ask for them.
MAX_PENDING = letters.PER_CALL


@dataclass(frozen=True)
class SignatureRequest:
    """What somebody typed into the form of a call; the letter may leave at once or from ``due_at`` on.

    ``partner`` is the slug of whoever is said to have brought them, known or not, and ``via`` the channel, or empty.
    """

    call: str
    name: str
    email: str
    country: str | None
    story: StoryWords | None
    show_name: bool
    wants_updates: bool
    language: str
    kind: CallKind = CallKind.PETITION
    due_at: datetime | None = None
    partner: str = ""
    via: str = ""

    @property
    def version(self) -> str:
        """The digest (32 hexadecimal digits) of all that a confirmation shows and of the address that is asked."""
        return version_of(story=self.story, **{name: getattr(self, name) for name in FORM_COLUMNS})


class OtherKind(Conflict):
    """Raised for a form that is not the one of the call; ``kind`` is the call's."""

    def __init__(self, kind: CallKind) -> None:
        super().__init__()
        self.kind = kind


class Supporter(NamedTuple):
    """What the public sees of one person who agreed to be shown."""

    name: str
    country: str | None
    confirmed_at: datetime


def sign(session: Session, requests: Sequence[SignatureRequest]) -> list[PetitionError | None]:
    """Record requests to sign and write the letters that ask to confirm.

    Returns for each None, or NotFound, Gone, CallNotOpen, CallPaused, or OtherKind for the form of another kind of
    call; an earlier address of a call will do. It does the same, in the same time, for an address that is new, waiting
    or already confirmed: the letter's text is chosen when it is sent. Nothing that is there is changed, but whom the
    same words credit while they wait: the last form counts that names a known partner, or a channel.
    """
    now = clock.now()
    connection = session.connection()
    slugs = {request.call for request in requests}
    calls = {row.slug: row for row in connection.execute(_CALLS, {"slugs": list(slugs)})}
    if others := slugs - calls.keys():
        calls |= {row.slug: row for row in connection.execute(_MOVED_CALLS, {"slugs": list(others)})}
    refusals = [_refusal(calls.get(request.call), request.kind) for request in requests]
    taken = [
        (calls[request.call].id, email_addresses.digest(request.email), request.version, request)
        for request, refusal in zip(requests, refusals, strict=True)
        if refusal is None
    ]
    if taken:
        # In one order everywhere, so that transactions with the same addresses queue and cannot lock each other out.
        taken.sort(key=itemgetter(0, 1, 2))
        same = {
            "requested_at": now,
            "state": SignatureState.PENDING,
            "consent_version": CONSENT_VERSION,
            "since": now - timedelta(days=1),
        }
        written = [
            same
            | {
                "call_id": call_id,
                "email_digest": digest,
                "address_digest": email_addresses.exact_digest(request.email),
                "version": version,
                "partner": request.partner,
                "via": request.via,
            }
            | {name: getattr(request, name) for name in FORM_COLUMNS}
            for call_id, digest, version, request in taken
        ]
        connection.execute(_insert(db.is_sqlite(session)), written)
        if told := [
            {"call_id": call_id, "email_digest": digest, "version": version, "story": request.story}
            for call_id, digest, version, request in taken
            if request.story
        ]:
            telling.insert(session, told)
        letters.enqueue(
            session,
            [
                letters.NewLetter(
                    "confirm_signature", request.email, digest, request.language, call_id, request.due_at, version
                )
                for call_id, digest, version, request in taken
            ],
        )
    return refusals


def _refusal(call: Row[*tuple[Any, ...]] | None, kind: CallKind) -> PetitionError | None:
    if call is None:
        return NotFound()
    if call.state == CallState.PAUSED:
        return CallPaused()
    if refusal := hidden_from_public(call.state) or (None if call.is_open else CallNotOpen()):
        return refusal
    return None if call.kind == kind else OtherKind(call.kind)


# The statements of this file are put together once: that takes longer than to run them.
_SLUGS: BindParameter[Any] = bindparam("slugs", expanding=True)
_FACTS = Call.id, Call.state, Call.kind, Call.is_open.label("is_open")
_CALLS = select(Call.slug, *_FACTS).where(Call.slug.in_(_SLUGS))
_MOVED_CALLS = (
    select(CallAlias.slug, *_FACTS).join(CallAlias, CallAlias.call_id == Call.id).where(CallAlias.slug.in_(_SLUGS))
)


@cache
def _insert(is_sqlite: bool) -> Insert:
    """Return the insert of a request; not for a mailbox that counts already, was blocked, or has many that wait."""
    row = Signature.__table__.c
    written = (
        "call_id",
        "email_digest",
        "address_digest",
        "version",
        "state",
        "consent_version",
        "requested_at",
        "via",
    )
    params = {name: bindparam(name, type_=row[name].type) for name in (*written, *FORM_COLUMNS)}
    is_new = Signature.requested_at > bindparam("since", type_=row["requested_at"].type)
    # Only the mailbox is a condition, so that no database looks through all that wait.
    theirs = (
        select(
            func.count().filter(Signature.call_id == params["call_id"], IS_COUNTED).label("counted"),
            func.count().filter(Signature.call_id == params["call_id"], IS_PENDING, is_new).label("waiting"),
        )
        .where(Signature.email_digest == params["email_digest"])
        .subquery("theirs")
    )
    is_blocked = exists().where(
        BlockedAddress.call_id == params["call_id"], BlockedAddress.email_digest == params["email_digest"]
    )
    is_silenced = exists().where(SilencedAddress.email_digest == params["email_digest"])
    statement = db.insert(is_sqlite, Signature).from_select(
        [*params, "partner"],
        select(*params.values(), func.coalesce(_known_partner(params["call_id"]), "")).where(
            theirs.c.counted == 0, theirs.c.waiting < MAX_PENDING, ~is_blocked, ~is_silenced
        ),
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[Signature.call_id, Signature.email_digest, Signature.version],
        index_where=IS_PENDING,
        set_={name: case((new[name] != "", new[name]), else_=row[name]) for name in ("partner", "via")},
        where=(new.partner != "") | (new.via != ""),
    )


def _known_partner(call_id: BindParameter[Any]) -> ScalarSelect[str]:
    """Return the slug that a form names, where it is of a partner of the call's team that is not paused."""
    return (
        select(Partner.slug)
        .join(Campaign, Campaign.team_id == Partner.team_id)
        .join(Call, Call.campaign_id == Campaign.id)
        .where(Partner.slug == bindparam("partner", type_=Partner.slug.type), ~Partner.is_paused, Call.id == call_id)
        .scalar_subquery()
    )


def newest(session: Session, call: Call, limit: int = 8) -> list[Supporter]:
    """Return the latest supporters who agreed to be shown, the newest first."""
    rows = session.execute(
        select(Signature.name, Signature.country, Signature.confirmed_at)
        .where(Signature.call_id == call.id, Signature.state == SignatureState.CONFIRMED, Signature.show_name)
        .order_by(Signature.confirmed_at.desc())
        .limit(limit)
    )
    return [Supporter(names.public_name(name), country, at) for name, country, at in rows if name and at]
