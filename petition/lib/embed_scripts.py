"""Scripts for other people's sites: each has an address that changes with its content, and such a copy stays for ever.

``python -m petition.lib.embed_scripts static/embed`` releases what the folder holds now.
"""

import hashlib
import sys
from base64 import b64encode
from functools import lru_cache
from pathlib import Path
from shutil import copyfile
from typing import NamedTuple

from petition.errors import NotFound

_DIGITS = 16


class Script(NamedTuple):
    """A script as partner sites load it; ``integrity`` is what the attribute of that name wants, ``size`` are bytes."""

    name: str
    path: str
    integrity: str
    size: int


class _Place:
    folder = Path("static/embed")


def configure(folder: Path) -> None:
    """Read scripts from this folder from now on."""
    _Place.folder = folder


def current(name: str) -> Script:
    """Return a script under the address of its present content; raises NotFound for an unknown name."""
    content = read(name)
    integrity = "sha384-" + b64encode(hashlib.sha384(content).digest()).decode()
    return Script(name, f"/embed/v1/{name}.{_digest(content)}.js", integrity, len(content))


def read(name: str, digest: str = "") -> bytes:
    """Return the present content of a script, or the one that has a digest; raises NotFound without such a one."""
    content = _files(_Place.folder).get(f"{name}.{digest}.js" if digest else f"{name}.js")
    if content is None:
        raise NotFound
    return content


def release(folder: Path) -> list[str]:
    """Keep a copy of what each script says now; return the names of new copies."""
    listed = (folder / "RELEASES").read_text().splitlines() if (folder / "RELEASES").exists() else []
    added = []
    for path in sorted(folder.glob("*.js")):
        content = path.read_bytes()
        copy = folder / "releases" / f"{path.stem}.{_digest(content)}.js"
        line = f"{hashlib.sha256(content).hexdigest()}  {copy.name}"
        if line not in listed:
            copy.parent.mkdir(exist_ok=True)
            copyfile(path, copy)
            added.append(copy.name)
            listed.append(line)
    (folder / "RELEASES").write_text("".join(f"{line}\n" for line in listed))
    return added


@lru_cache(maxsize=4)
def _files(folder: Path) -> dict[str, bytes]:
    """Return all that is served by file name; read once in the life of the process."""
    paths = [*folder.glob("*.js"), *folder.glob("releases/*.js")]
    files = {path.name: path.read_bytes() for path in paths}
    return {f"{path.stem}.{_digest(files[path.name])}.js": files[path.name] for path in folder.glob("*.js")} | files


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]


if __name__ == "__main__":
    for _name in release(Path(sys.argv[1])):
        sys.stdout.write(f"released {_name}\n")
