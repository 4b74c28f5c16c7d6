"""What the platform is made of can be listed and compared with advisories without asking anybody."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements" / "run.txt").read_text()


def inventory(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    command = [sys.executable, ROOT / "requirements" / "inventory.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_list_has_each_locked_package_with_its_version_and_digests() -> None:
    answer = inventory("sbom")

    listed = json.loads(answer.stdout)
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.6")
    assert len(listed["components"]) == len(re.findall(r"^[a-z]", LOCK, re.MULTILINE))
    for component in listed["components"]:
        assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"
        assert all(digest["value"] in LOCK for digest in component["properties"])
        assert component["properties"]


@pytest.mark.parametrize(
    ("affected", "is_found"),
    [
        ({"versions": ["2.8.7"]}, True),
        ({"versions": ["2.8.6"]}, False),
        ({"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}]}, True),
        ({"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.0"}]}]}, False),
        ({"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "1.0"}]}]}, False),
        ({"package": {"ecosystem": "npm", "name": "granian"}, "versions": ["2.8.7"]}, False),
    ],
)
def test_an_advisory_is_found_when_it_is_about_a_locked_version(
    tmp_path: Path, affected: dict[str, Any], is_found: bool
) -> None:
    version = LOCK.partition("granian==")[2].split()[0]
    text = json.dumps({"id": "PYSEC-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "Granian"}} | affected]})
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as export:
        export.writestr("PYSEC-1.json", text.replace("2.8.7", version))

    answer = inventory("audit", tmp_path / "all.zip")

    assert answer.returncode == is_found
    assert answer.stdout.startswith("granian ") == is_found


def test_without_advisories_to_read_nothing_is_said_to_be_well(tmp_path: Path) -> None:
    assert inventory("audit", "").returncode == 2
    assert inventory("audit", tmp_path).returncode == 2
