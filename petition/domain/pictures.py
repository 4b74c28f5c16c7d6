"""Pictures of teams: added, chosen for calls, taken down."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petition.domain import audit
from petition.errors import Gone, NotFound
from petition.lib import clock, media_store
from petition.lib.pictures import Prepared
from petition.models import (
    Call,
    CallRevision,
    CallText,
    Item,
    Organiser,
    Picture,
    content_of,
    newest_revisions,
    picture_columns,
)

# The newest so many pictures of a team can be chosen.
SHOWN = 60

_KINDS = ("webp", "jpg")


class Credit(NamedTuple):
    """Whose a picture is, under which licence, and where it comes from; URLs may be empty."""

    credit: str
    licence: str
    licence_url: str
    source_url: str


def add(session: Session, person: Organiser, call: Call, prepared: Prepared, credit: Credit) -> Picture:
    """Keep a picture for the team of a call, and return it. Equal pictures share their files, whosever they are."""
    name = sha256(prepared.webp).hexdigest()
    _wait_for_turn(session, name)
    picture = Picture(
        team_id=call.campaign.team_id,
        name=name,
        width=prepared.width,
        height=prepared.height,
        uploaded_by=person.id,
        uploaded_at=clock.now(),
        **credit._asdict(),
    )
    session.add(picture)
    # The row first: where it waits for another who takes down the same picture, the files are written afterwards.
    session.flush()
    for kind, content in zip(_KINDS, (prepared.webp, prepared.social), strict=True):
        media_store.save(f"{name}.{kind}", content)
    audit.record(session, person, "add_picture", picture, team_id=picture.team_id, new=name)
    return picture


def take_down(session: Session, person: Organiser, picture: Picture) -> None:
    """Delete a picture's files, unless another row has the same, and take it out of all calls."""
    used = _remove(session, picture)
    audit.record(session, person, "take_picture_down", picture, team_id=picture.team_id, old=picture.name, new=used)


def delete_unused(session: Session, before: datetime, limit: int) -> int:
    """Take down up to ``limit`` pictures uploaded ``before`` that no call and no revision uses; returns how many."""
    published = select(Call.picture_id).where(Call.picture_id.is_not(None))
    old = select(Picture).where(
        Picture.removed_at.is_(None), Picture.uploaded_at < before, Picture.id.not_in(published)
    )
    found = session.scalars(old.order_by(Picture.id)).all()
    drafted = set(session.scalars(select(CallRevision.content["picture_id"].as_integer()))) if found else set()
    unused = [picture for picture in found if picture.id not in drafted][:limit]
    for picture in unused:
        _remove(session, picture)
        audit.record(session, None, "delete_unused_picture", picture, team_id=picture.team_id, old=picture.name)
    return len(unused)


def of_team(session: Session, team_id: int | None) -> Sequence[Picture]:
    """Return the pictures of a team that calls may use, the newest first, SHOWN at most."""
    theirs = select(Picture).where(Picture.team_id == team_id, Picture.removed_at.is_(None))
    return session.scalars(theirs.order_by(Picture.id.desc()).limit(SHOWN)).all()


def get_picture(session: Session, call: Call, picture_id: int) -> Picture:
    """Return a picture that a call may use: one of its team; raises NotFound for any other."""
    picture = session.get(Picture, picture_id)
    if picture is None or picture.removed_at or picture.team_id != call.campaign.team_id:
        raise NotFound
    return picture


def read_file(session: Session, name: str, kind: str) -> bytes:
    """Return a file of a picture, of a team or of an item that shows it.

    Raises Gone for one that was taken down, and NotFound for an unknown one.
    """
    removed = session.scalars(select(Picture.removed_at).where(Picture.name == name)).all()
    if removed and all(removed):
        raise Gone
    item = None if removed else session.scalar(select(Item).where(Item.picture == name))
    is_shown = bool(removed) or (item is not None and item.shows_picture)
    content = media_store.read(f"{name}.{kind}") if is_shown else None
    if content is None:
        raise NotFound
    return content


def social_of(session: Session, call: Call) -> bytes:
    """Return the picture of a call as it is cut for sharing; raises NotFound without an uploaded one, and Gone."""
    if not call.image.startswith("media/"):
        raise NotFound
    return read_file(session, call.image.removeprefix("media/").removesuffix(".webp"), "jpg")


class Draft(NamedTuple):
    """What the draft of a call says of its picture: the picture, and by language what it shows."""

    picture: Picture | None
    alts: dict[str, str]


def draft(session: Session, call: Call) -> Draft:
    """Return what the newest revision of a call says, the call's own language first."""
    content = _content(session, call)[1]
    picture = session.get(Picture, content["picture_id"]) if content["picture_id"] else None
    texts = sorted(content["texts"].items(), key=lambda pair: pair[0] != content["language"])
    alts = {language: text["image_alt"] for language, text in texts} or {content["language"]: ""}
    return Draft(picture if picture and not picture.removed_at else None, alts)


def put_into_draft(
    session: Session, person: Organiser, call: Call, picture: Picture | None, alts: dict[str, str]
) -> None:
    """Write a revision of a call with this picture, or none, and what it shows in each language of ``alts``."""
    # Two who save at one moment take turns here, on both databases.
    session.execute(update(Call).where(Call.id == call.id).values(version=Call.version))
    number, content = _content(session, call)
    texts = {
        language: {**text, "image_alt": alts.get(language, text["image_alt"])}
        for language, text in content["texts"].items()
    }
    changed = {**content, "picture_id": picture.id if picture else None, "texts": texts}
    session.add(
        CallRevision(call_id=call.id, number=number + 1, content=changed, saved_by=person.id, saved_at=clock.now())
    )
    old, new = content["picture_id"] or "", picture.id if picture else ""
    audit.record(session, person, "choose_picture", call, team_id=call.campaign.team_id, old=old, new=new)


def _content(session: Session, call: Call) -> tuple[int, dict[str, Any]]:
    """Return the number and content of the newest revision; 0 and what is published where there is none."""
    if revision := session.scalar(newest_revisions(call.id).limit(1).execution_options(populate_existing=True)):
        return revision.number, revision.content
    texts = session.scalars(select(CallText).where(CallText.call_id == call.id))
    return 0, dict(content_of(call, list(texts)))


def _remove(session: Session, picture: Picture) -> str:
    """Take a picture out of all calls and delete its files if no other row has them; returns the ids of those calls."""
    _wait_for_turn(session, picture.name)
    picture.removed_at, picture.credit, picture.source_url = clock.now(), "", ""
    calls = session.scalars(select(Call).where(Call.picture_id == picture.id)).all()
    for call in calls:
        for name, value in picture_columns(None).items():
            setattr(call, name, value)
    session.flush()
    others = select(Picture.id).where(Picture.name == picture.name, Picture.removed_at.is_(None))
    if session.scalar(others.limit(1)) is None:
        for kind in _KINDS:
            media_store.delete(f"{picture.name}.{kind}")
    return " ".join(str(call.id) for call in calls)


def _wait_for_turn(session: Session, name: str) -> None:
    """Let one at a time touch the files of a name; SQLite has one writer in any case."""
    session.execute(update(Picture).where(Picture.name == name).values(name=name))
