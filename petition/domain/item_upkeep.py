"""Keeps items as Europeana has them, with a picture of our own while its rights allow that, and forgets them."""

import random
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from petition.lib import clock, media_store
from petition.lib.europeana_records import Record
from petition.lib.pictures import Prepared
from petition.models import CallKind, HeroTally, Item, ItemSearch, ItemState, Story

# How long one worker has for an item that it claimed, and after which time an item is fetched again.
LEASE = timedelta(minutes=10)
REFRESH_AFTER = timedelta(days=1)
# One that Europeana has no more may come back; and how long we wait after a failure, twice that after the next.
LOOK_AGAIN_AFTER = timedelta(days=30)
FIRST_PAUSE = timedelta(minutes=5)

_KINDS = ("webp", "jpg")


def claim(session: Session) -> Item | None:
    """Return the item that has been due for longest, for this worker alone until its lease ends; None if none is."""
    now = clock.now()
    due = select(Item.id).where(Item.due_at <= now).order_by(Item.due_at, Item.id).limit(1)
    item_id = session.scalar(due.with_for_update(skip_locked=True))
    still_due = Item.id == item_id, Item.due_at <= now
    claimed = update(Item).where(*still_due).values(due_at=now + LEASE).returning(Item)
    return session.scalar(claimed.execution_options(populate_existing=True)) if item_id is not None else None


def refresh(session: Session, item: Item, record: Record, etag: str = "") -> None:
    """Write what Europeana says of an item now; a picture whose statement forbids it, or that is another, goes."""
    item.etag = etag
    item.folded = record.folded
    if item.picture and record.thumbnail != item.thumbnail:
        remove_picture(session, item)
    for name, value in record._asdict().items():
        setattr(item, name, value)
    if not item.statement.is_open:
        remove_picture(session, item)
    confirm(item)


def confirm(item: Item) -> None:
    """Note that an item is as it was."""
    now = clock.now()
    item.state, item.failures, item.fetched_at, item.due_at = ItemState.KNOWN, 0, now, now + REFRESH_AFTER


def mark_gone(session: Session, item: Item) -> None:
    """Note that Europeana has an item no more, and delete its picture."""
    remove_picture(session, item)
    item.state, item.etag, item.failures = ItemState.GONE, "", 0
    item.due_at = clock.now() + LOOK_AGAIN_AFTER


def postpone(item: Item) -> None:
    """Note that an item could not be fetched; the pauses grow to a day, less up to a half at random."""
    pause = min(REFRESH_AFTER, FIRST_PAUSE * 2 ** min(item.failures, 12))
    item.failures += 1
    item.due_at = clock.now() + pause * random.uniform(0.5, 1.0)  # noqa: S311 - nobody gains by guessing it


def set_picture(session: Session, item: Item, prepared: Prepared) -> None:
    """Keep a picture of an item. No other thing has files of its name, whatever they show. Raises StoreUnavailable."""
    name = sha256(item.europeana_id.encode() + b"\0" + prepared.webp).hexdigest()
    if name != item.picture:
        remove_picture(session, item)
    item.picture, item.picture_width, item.picture_height = name, prepared.width, prepared.height
    session.flush()
    for kind, content in zip(_KINDS, (prepared.webp, prepared.social), strict=True):
        media_store.save(f"{name}.{kind}", content)


def remove_picture(session: Session, item: Item) -> None:
    """Delete the picture of an item, if it has one; raises StoreUnavailable."""
    if item.picture is None:
        return
    name, item.picture = item.picture, None
    session.flush()
    for kind in _KINDS:
        media_store.delete(f"{name}.{kind}")


def delete_unused(session: Session, *, found_before: datetime, chosen_before: datetime, limit: int) -> int:
    """Delete up to ``limit`` items that nobody chose, or that no story is about; returns how many."""
    never = Item.chosen_at.is_(None) & (Item.fetched_at < found_before)
    long_ago = Item.chosen_at.is_not(None) & (Item.chosen_at < chosen_before)
    unused = Item.europeana_id.not_in(select(HeroTally.hero))
    found = session.scalars(select(Item).where(never | long_ago, unused).order_by(Item.id).limit(limit)).all()
    about = Story.details["item"].as_string()
    chosen = [item.europeana_id for item in found if item.chosen_at]
    used = (
        set(session.scalars(select(about).where(Story.kind == CallKind.HERO, about.in_(chosen)))) if chosen else set()
    )
    deleted = [item for item in found if item.europeana_id not in used]
    for item in deleted:
        remove_picture(session, item)
        session.delete(item)
    session.flush()
    return len(deleted)


def delete_searches(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` searches that were made ``before``; returns how many."""
    old = select(ItemSearch.key_digest).where(ItemSearch.fetched_at < before).limit(limit)
    gone = delete(ItemSearch).where(ItemSearch.key_digest.in_(old)).returning(ItemSearch.key_digest)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())
