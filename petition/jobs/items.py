"""Fetches what supporters chose in Europeana, longest ago first, and forgets what nobody chose."""

import time
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import structlog
from sqlalchemy.orm import Session

from petition.domain import guard, item_upkeep
from petition.jobs.retention import LIMIT
from petition.lib import clock, europeana, pictures
from petition.lib.europeana import EuropeanaAway, Fetched
from petition.lib.europeana_records import Record
from petition.lib.media_store import StoreUnavailable
from petition.lib.pictures import PictureRefused
from petition.models import Item

# What one run does at most, and in which time it begins with the next item: letters wait meanwhile.
ITEMS, SECONDS = 8, 5.0
# A thumbnail is 400 pixels wide, and of a panorama not high.
MIN_SIDE = 60
_HOUR = timedelta(hours=1)
# So long what a search found is known while nobody chooses it, and what was chosen while no story is about it.
KEEP_FOUND, KEEP_CHOSEN = timedelta(days=2), timedelta(days=30)

log = structlog.get_logger()


class _OverQuota(Exception):
    """Raised when the half of the hour's quota that is for jobs is used up."""


def refresh_items(session: Session) -> int:
    """Fetch up to ITEMS that are due, within half of the hourly quota; returns how many were fetched."""
    begun, refreshed = time.monotonic(), 0
    while europeana.has_key() and refreshed < ITEMS and time.monotonic() - begun < SECONDS:
        item = item_upkeep.claim(session)
        session.commit()
        if item is None:
            break
        try:
            _refresh(session, item)
        except (EuropeanaAway, StoreUnavailable) as fault:
            session.rollback()
            item_upkeep.postpone(item)
            session.commit()
            log.info("item_postponed", item=item.europeana_id, reason=str(fault))
            break
        except _OverQuota:
            break
        session.commit()
        refreshed += 1
    return refreshed


def forget_items(session: Session, limit: int = LIMIT) -> int:
    """Delete up to ``limit`` items, and as many searches, that are not needed any more; returns the larger number."""
    now = clock.now()
    before = {"found_before": now - KEEP_FOUND, "chosen_before": now - KEEP_CHOSEN}
    items = item_upkeep.delete_unused(session, **before, limit=limit)
    searches = item_upkeep.delete_searches(session, before=now - KEEP_FOUND, limit=limit)
    session.commit()
    return max(items, searches)


def _refresh(session: Session, item: Item) -> None:
    """Fetch an item and, if its statement lets everybody re-use its picture, the thumbnail."""
    # What is the same of a person may have another picture.
    found = _fetch(session, item.europeana_id, "" if item.is_person else item.etag)
    if found.is_same:
        item_upkeep.confirm(item)
    elif found.record is None:
        item_upkeep.mark_gone(session, item)
        return
    else:
        item_upkeep.refresh(session, item, _with_picture(session, found.record), found.etag)
    # Nothing is locked while a picture is waited for.
    session.commit()
    if item.statement.is_open and item.thumbnail and not item.picture:
        _fetch_picture(session, item)


def _with_picture(session: Session, record: Record) -> Record:
    """Return a record with the rights and the credit of the object that its picture is of, where it is a person."""
    if not record.picture_of:
        return record
    source = _fetch(session, record.picture_of).record
    if source is None:
        return record._replace(thumbnail="")
    shared = ("creator", "provider", "data_provider", "rights", "source_url")
    return record._replace(**{name: getattr(source, name) for name in shared})


def _fetch(session: Session, europeana_id: str, etag: str = "") -> Fetched:
    """Ask Europeana, and count it with all workers; raises _OverQuota, EuropeanaAway. Ends the transaction."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    asked = guard.increment(session, sha256(f"europeana {hour:%Y-%m-%dT%H}".encode()).digest(), hour + _HOUR)
    session.commit()
    if asked > europeana.quota() // 2:
        raise _OverQuota
    return europeana.fetch(europeana_id, etag)


def _fetch_picture(session: Session, item: Item) -> None:
    content = europeana.thumbnail(item.thumbnail)
    if content is None:
        return
    try:
        prepared = pictures.prepare(BytesIO(content), min_side=MIN_SIDE)
    except PictureRefused as refused:
        log.warning("thumbnail_refused", item=item.europeana_id, reason=refused.reason)
        return
    item_upkeep.set_picture(session, item, prepared)


JOBS = (forget_items,)
MINUTE_JOBS = (refresh_items,)
