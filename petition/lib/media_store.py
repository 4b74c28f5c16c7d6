"""Where uploaded files are kept: in a folder, or in an S3-compatible store that several hosts share.

Both take files by name, whole and at once. Which of them it is, is one for the process, as the rules know no settings.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import uuid4

from petition.errors import Overloaded

try:
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import ObjectStore, from_url
except ImportError:  # It comes with the extra `s3`.
    obstore = None  # type: ignore[assignment]


class StoreUnavailable(Overloaded):
    """Raised when files can be neither written nor read at the moment; ``reason`` says why, for operators."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Folder:
    """Files in a folder, which is made when it is needed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, name: str, content: bytes) -> None:
        """Write a file; it is on the disk when this returns, and never there by half."""
        with _folder_faults():
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._path, prefix=".", delete=False) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(self._path / name)

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, or None."""
        with _folder_faults():
            try:
                return (self._path / name).read_bytes()
            except FileNotFoundError:
                return None

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        with _folder_faults():
            (self._path / name).unlink(missing_ok=True)

    def check(self) -> None:
        """Look whether files could be written; nothing is made, which would belong to whoever looks."""
        there = next(path for path in (self._path, *self._path.parents) if path.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise StoreUnavailable(f"{there} cannot be written to")


class Bucket:
    """Objects in an S3-compatible store; its keys and endpoint come from the environment, as ``AWS_…``."""

    def __init__(self, url: str) -> None:
        self._url = url

    def save(self, name: str, content: bytes) -> None:
        """Write an object."""
        with _bucket_faults():
            obstore.put(self._store(), name, content)

    def read(self, name: str) -> bytes | None:
        """Return the content of an object, or None."""
        with _bucket_faults():
            try:
                return bytes(obstore.get(self._store(), name).bytes())
            except FileNotFoundError:
                return None

    def delete(self, name: str) -> None:
        """Delete an object, if it is there."""
        with _bucket_faults():
            try:
                obstore.delete(self._store(), name)
            except FileNotFoundError:
                return

    def check(self) -> None:
        """Write, read and delete a small object."""
        name, content = f"check-{uuid4()}", b"check"
        self.save(name, content)
        if self.read(name) != content:
            raise StoreUnavailable("what was written is not what is read")
        self.delete(name)

    def _store(self) -> "ObjectStore":
        if self._url not in _stores:
            _stores[self._url] = from_url(
                self._url,
                client_options={"timeout": "10s", "connect_timeout": "3s", "allow_http": True},
                retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
            )
        return _stores[self._url]


_stores: dict[str, "ObjectStore"] = {}
_state: dict[str, Folder | Bucket] = {}


def configure(place: Path | str) -> None:
    """Keep files in a folder, or at a URL such as ``s3://bucket/prefix``."""
    _state["store"] = Folder(place) if isinstance(place, Path) else Bucket(place)


def save(name: str, content: bytes) -> None:
    """Write a file, over one of the same name; raises StoreUnavailable."""
    _configured().save(name, content)


def read(name: str) -> bytes | None:
    """Return the content of a file, or None where there is none; raises StoreUnavailable."""
    return _configured().read(name)


def delete(name: str) -> None:
    """Delete a file, if it is there; raises StoreUnavailable."""
    _configured().delete(name)


def check() -> None:
    """Raise StoreUnavailable if files cannot be kept."""
    _configured().check()


def _configured() -> Folder | Bucket:
    if "store" not in _state:
        raise StoreUnavailable("no place for files is configured")
    return _state["store"]


@contextmanager
def _folder_faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(error.strerror or type(error).__name__) from error


@contextmanager
def _bucket_faults() -> Iterator[None]:
    if obstore is None:
        raise StoreUnavailable("the package obstore is missing: pip install 'petition[s3]'")
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        # What follows the first line is for those who write obstore.
        raise StoreUnavailable(str(error).partition("\n")[0] or type(error).__name__) from error
