"""Calls from files, and into them: what is imported is a draft, and changes no published word."""

from typing import Any, NamedTuple, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import audit
from petition.errors import Conflict, NotFound
from petition.lib import clock
from petition.models import (
    Call,
    CallAlias,
    CallContent,
    CallFile,
    CallKind,
    CallRevision,
    CallState,
    CallText,
    Campaign,
    Picture,
    content_of,
    moment,
    newest_revisions,
)

_UNPUBLISHED = (CallState.DRAFT, CallState.REVIEW)
# The keys of [image], and the columns of ``call`` for them.
_IMAGE_COLUMNS = {"file": "image"} | {
    name: f"image_{name}" for name in ("width", "height", "credit", "licence", "licence_url", "source_url")
}


class DoesNotFit(Conflict):
    """Raised for a file that this installation cannot take; ``key`` is where, ``sentence`` why."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__()
        self.key, self.sentence = key, sentence


class Plan(NamedTuple):
    """What an import would do: to which call, None for a new one; ``changes`` names the keys that differ."""

    campaign: Campaign
    call: Call | None
    content: CallContent
    number: int
    changes: list[str]


def export(session: Session, slug: str, *, is_draft: bool = False) -> CallFile:
    """Return a call as it is published, or, if it is not or ``is_draft``, as its draft stands; raises NotFound.

    Its slug is the one that it has: a new one that waits in the draft is not in files.
    """
    call = session.scalar(select(Call).where(Call.slug == slug))
    if call is None:
        raise NotFound
    draft = _newest(session, call) if is_draft or call.state in _UNPUBLISHED else None
    content: CallContent = {**_content(session, call, draft), "slug": call.slug}
    picture = session.get(Picture, content["picture_id"]) if content["picture_id"] else None
    return CallFile(call.campaign.slug, content, picture.name if picture else "", _image(call))


def plan(session: Session, file: CallFile) -> Plan:
    """Return what an import of a file would do; raises DoesNotFit."""
    slug = file.content["slug"]
    campaign = session.scalar(select(Campaign).where(Campaign.slug == file.campaign))
    call = session.scalar(select(Call).where(Call.slug == slug))
    if campaign is None:
        raise DoesNotFit("campaign", f"There is no campaign {file.campaign}.")
    if call is None and session.scalar(select(CallAlias.id).where(CallAlias.slug == slug)):
        raise DoesNotFit("slug", f"{slug} was the address of another call once, and leads to it.")
    if call:
        _refuse_changes(call, campaign, file)
    content: CallContent = {**file.content, "picture_id": _picture_id(session, campaign, file.picture)}
    if call is None:
        return Plan(campaign, None, content, 0, [])
    draft = _newest(session, call)
    old = _content(session, call, draft)
    content["slug"] = old["slug"]
    changes = _differences(dict(old), dict(content))
    if dict(file.image) != _image(call):
        changes.append("image")
    return Plan(campaign, call, content, draft.number if draft else 0, changes)


def save(session: Session, file: CallFile) -> Call:
    """Write a file as the draft of its call, which is made where there is none; raises DoesNotFit.

    A draft that says the same already is left as it is.
    """
    planned = plan(session, file)
    call = planned.call or _add(session, planned)
    if planned.call and not planned.changes:
        return call
    if call.state in _UNPUBLISHED:
        call.kind, call.language = CallKind(planned.content["kind"]), planned.content["language"]
        for name, column in _IMAGE_COLUMNS.items():
            setattr(call, column, file.image.get(name, Call.__table__.c[column].default.arg))
    now, content = clock.now(), dict(planned.content)
    session.add(CallRevision(call_id=call.id, number=planned.number + 1, content=content, saved_by=None, saved_at=now))
    audit.record(
        session,
        None,
        "import_call",
        call,
        team_id=call.campaign.team_id,
        old=f"revision {planned.number}" if planned.number else "",
        new=f"revision {planned.number + 1}",
    )
    return call


def _add(session: Session, planned: Plan) -> Call:
    content = planned.content
    call = Call(
        campaign=planned.campaign,
        slug=content["slug"],
        kind=CallKind(content["kind"]),
        state=CallState.DRAFT,
        language=content["language"],
        opens_at=moment(content["opens_at"]) or clock.now(),
    )
    session.add(call)
    session.flush()
    return call


def _refuse_changes(call: Call, campaign: Campaign, file: CallFile) -> None:
    if call.campaign_id != campaign.id:
        raise DoesNotFit("campaign", f"{call.slug} is a call of the campaign {call.campaign.slug}.")
    if call.state not in _UNPUBLISHED and file.content["kind"] != call.kind.value:
        raise DoesNotFit("kind", f"{call.slug} is published as a {call.kind.value}, and stays one.")
    if call.state not in _UNPUBLISHED and dict(file.image) != _image(call):
        raise DoesNotFit("image", "The picture of a published call cannot be changed by a file.")


def _picture_id(session: Session, campaign: Campaign, name: str) -> int | None:
    theirs = Picture.team_id == campaign.team_id, Picture.name == name, Picture.removed_at.is_(None)
    found = session.scalar(select(Picture.id).where(*theirs).order_by(Picture.id).limit(1)) if name else None
    if name and found is None:
        raise DoesNotFit("picture", "The team of the campaign has no such picture: upload it in the editor first.")
    return found


def _newest(session: Session, call: Call) -> CallRevision | None:
    return session.scalar(newest_revisions(call.id).limit(1))


def _content(session: Session, call: Call, draft: CallRevision | None) -> CallContent:
    """Return what a draft holds, or without one what is published."""
    if draft:
        return cast("CallContent", draft.content)
    words = session.scalars(select(CallText).where(CallText.call_id == call.id).order_by(CallText.language))
    return content_of(call, list(words))


def _image(call: Call) -> dict[str, Any]:
    """Return the picture of the platform's own that a call has, as a file names it."""
    image = {name: getattr(call, column) for name, column in _IMAGE_COLUMNS.items()} if call.image else {}
    return {name: value for name, value in image.items() if value != ""}


def _differences(old: dict[str, Any], new: dict[str, Any], path: str = "") -> list[str]:
    """Return the keys that two contents do not share, such as ``texts.fr.title``, but not line ends around texts."""
    found = []
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name), new.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            found += _differences(one, other, f"{path}{name}.")
        elif _bare(one) != _bare(other):
            found.append(f"{path}{name}")
    return found


def _bare(value: Any) -> Any:
    return value.strip("\n") if isinstance(value, str) else value
