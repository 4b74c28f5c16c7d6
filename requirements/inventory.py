"""What the platform is made of: a list for programs (CycloneDX), and which of it has known holes (OSV).

``inventory.py sbom`` prints the list. ``inventory.py audit OSV`` asks nobody: OSV is a file that was fetched before,
OSV's export of all advisories for PyPI (``PyPI/all.zip``), or a folder with advisories as JSON. Exit codes: 0 nothing
known, 1 something is, 2 wrong usage or nothing to read.
"""

import json
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from packaging.version import InvalidVersion, Version

HERE = Path(__file__).parent
LOCK = HERE / "run.txt"


class Package(NamedTuple):
    """A locked version, and the SHA-256 of the files that may be installed."""

    name: str
    version: str
    digests: list[str]


def packages(lock: Path = LOCK) -> list[Package]:
    """Return what is locked, in the order of the names; a package may have another version for another Python."""
    text = lock.read_text().replace("\\\n", " ")
    found = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;]+)(.*)$", text, re.MULTILINE)
    return [
        Package(_normal(name), version, re.findall(r"--hash=sha256:([0-9a-f]{64})", rest))
        for name, version, rest in found
    ]


def sbom() -> dict[str, Any]:
    """Return the list as CycloneDX 1.6; it is the same for the same lock, so it has no time and no number."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": [
            {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:pypi/{name}@{version}",
                "bom-ref": f"pkg:pypi/{name}@{version}",
                # All files of the version: which of them is installed depends on the machine.
                "properties": [{"name": "petition:sha256", "value": digest} for digest in digests],
            }
            for name, version, digests in packages()
        ],
    }


def audit(advisories: Iterable[dict[str, Any]], lock: Path = LOCK) -> list[str]:
    """Return a line for each advisory that is about a locked version and was not withdrawn."""
    locked = packages(lock)
    return sorted(
        f"{package.name} {package.version}: {advisory['id']} {advisory.get('summary', '')}".rstrip()
        for advisory in advisories
        if "withdrawn" not in advisory
        for package in locked
        if any(_is_affected(package, affected) for affected in advisory.get("affected", []))
    )


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Give the advisories of a zip file or a folder."""
    if path.is_dir():
        yield from (json.loads(file.read_bytes()) for file in sorted(path.glob("*.json")))
        return
    with zipfile.ZipFile(path) as export:
        yield from (json.loads(export.read(name)) for name in export.namelist() if name.endswith(".json"))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_affected(package: Package, affected: dict[str, Any]) -> bool:
    named, version = affected.get("package", {}), package.version
    if named.get("ecosystem") != "PyPI" or _normal(named.get("name", "")) != package.name:
        return False
    if version in affected.get("versions", []):
        return True
    ranges = [span["events"] for span in affected.get("ranges", []) if span.get("type") == "ECOSYSTEM"]
    try:
        return any(_is_within(Version(version), events) for events in ranges)
    except InvalidVersion:
        # Better a false alarm than none.
        return True


def _is_within(version: Version, events: list[dict[str, str]]) -> bool:
    """Follow the events of a range (OSV 1.6): the last one up to this version decides."""
    is_within = False
    for event in events:
        ((kind, at),) = event.items()
        if kind == "introduced" and (at == "0" or version >= Version(at)):
            is_within = True
        elif (kind == "fixed" and version >= Version(at)) or (kind == "last_affected" and version > Version(at)):
            is_within = False
    return is_within


def main(arguments: list[str]) -> int:
    """Be the program; returns the exit code."""
    match arguments:
        case ["sbom"]:
            print(json.dumps(sbom(), indent=2))
            return 0
        case ["audit", path] if path and Path(path).exists() and (advisories := list(read(Path(path)))):
            found = audit(advisories)
            print("\n".join(found) or f"Nothing is known against the {len(packages())} locked packages.")
            return 1 if found else 0
    print("usage: inventory.py sbom | inventory.py audit OSV", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
