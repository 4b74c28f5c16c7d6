"""Pictures that are drawn from words once and then kept as files, until the words or the drawing change."""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256

from petition.lib import media_store


def drawn(name: str, words: str, template: str, draw: Callable[[str], bytes]) -> bytes:
    """Return the picture of ``words``: from the file of that name if it shows them, else it is drawn and kept.

    A file begins with the SHA-256 digest of words and template. Where none can be kept it is drawn each time.
    """
    digest = sha256(f"{words}\0{template}".encode()).digest()
    with suppress(media_store.StoreUnavailable):
        kept = media_store.read(name) or b""
        if kept.startswith(digest):
            return kept[len(digest) :]
    picture = draw(words)
    with suppress(media_store.StoreUnavailable):
        media_store.save(name, digest + picture)
    return picture
