"""The examples of an installation agree with each other and with the platform, and their programs accept them."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from petition import terms
from petition.cli.main import cli
from petition.config import Settings

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["migrate", "web", "worker"]
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SETTINGS = {f"PETITION_{name.upper()}" for name in Settings.model_fields}


def test_compose_has_all_that_a_platform_needs() -> None:
    assert set(SERVICES) == {*OURS, "postgres", "nginx", "mailpit"}
    assert SERVICES["web"]["deploy"]["replicas"] == 2


def test_backups_are_kept_as_long_as_the_privacy_page_says() -> None:
    assert f"${{KEEP_DAYS:-{terms.BACKUP_DAYS}}}" in (DEPLOY / "backup.sh").read_text()


@pytest.mark.parametrize("name", OURS)
def test_compose_starts_commands_that_there_are_with_settings_that_there_are(name: str) -> None:
    service = SERVICES[name]
    command, *_arguments = service["command"][1:]

    assert service["command"][0] == "petition"
    assert command in cli.commands
    assert service["environment"].keys() <= SETTINGS
    assert service["environment"]["PETITION_TRUSTED_PROXIES"].endswith(":-1}")


def test_compose_starts_the_pages_when_the_tables_are_there() -> None:
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_compose_uses_files_networks_and_volumes_that_there_are() -> None:
    volumes = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]

    assert {name for name in volumes if not name.startswith(".")} <= COMPOSE["volumes"].keys()
    assert all((DEPLOY / name).is_file() for name in volumes if name.startswith("."))
    assert {name for service in SERVICES.values() for name in service["networks"]} <= COMPOSE["networks"].keys()
    assert (ROOT / SERVICES["web"]["build"]["dockerfile"]).is_file()


def test_compose_shows_nothing_but_the_proxy_to_the_world() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert ports.keys() == {"nginx", "mailpit"}
    assert all(port.startswith("127.0.0.1:") for port in ports["mailpit"])


def test_compose_runs_pages_and_worker_as_a_role_that_owns_nothing() -> None:
    urls = {name: SERVICES[name]["environment"]["PETITION_DATABASE_URL"] for name in OURS}

    assert "//petition_owner:" in urls["migrate"]
    assert "//petition_app:" in urls["web"]
    assert urls["web"] == urls["worker"]


def test_images_are_named_by_exact_version() -> None:
    named = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    named += re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)

    assert len(named) == 5
    assert all(re.search(r":v?[0-9]+(\.[0-9]+)+", image) for image in named)


def test_the_example_of_compose_has_what_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", (DEPLOY / "compose.yaml").read_text()))
    example = (DEPLOY / "compose.env.example").read_text()

    assert asked <= set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    assert set(re.findall(r"PETITION_\w+", example)) <= SETTINGS


def test_the_image_holds_what_the_wheel_is_made_of_and_no_secret() -> None:
    taken = set((DEPLOY / "Dockerfile.dockerignore").read_text().splitlines())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = {*project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"], "pyproject.toml", "README.md"}

    assert "*" in taken
    assert {f"!{name}" for name in (*needed, "LICENSE", "requirements/run.txt")} <= taken
    assert not any(name in "".join(taken) for name in (".env", "var", "tests"))


def test_the_image_is_made_of_locked_packages_and_runs_as_nobody_special() -> None:
    image = (DEPLOY / "Dockerfile").read_text()

    assert "--require-hashes" in image
    assert "pybabel --quiet compile" in image
    assert image.index("\nUSER petition") < image.index("\nCMD")
    assert "HEALTHCHECK" in image
    copied = re.findall(r"^COPY ((?!--).+) \S+$", image, re.MULTILINE)
    assert all((ROOT / name).exists() for line in copied for name in line.split())


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_what_there_is_and_may_do_little(path: Path) -> None:
    lines = path.read_text().splitlines()
    (start,) = [line.removeprefix("ExecStart=").split() for line in lines if line.startswith("ExecStart=")]

    if start[0].endswith("/petition"):
        assert start[1] in cli.commands
    else:
        assert (ROOT / start[0].removeprefix("/srv/petition/")).stat().st_mode & 0o100
    assert {"User=petition", "NoNewPrivileges=true", "ProtectSystem=strict", "CapabilityBoundingSet="} <= set(lines)


def test_systemd_understands_its_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze") or pytest.skip("systemd is not installed")
    for path in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", path.read_text(), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text)

    checked = subprocess.run(
        [program, "verify", "--man=no", *sorted(tmp_path.glob("*.*"))], capture_output=True, text=True, check=False
    )

    assert [line for line in checked.stderr.splitlines() if "petition" in line] == []


def test_scripts_are_bash_that_can_be_read() -> None:
    for path in DEPLOY.rglob("*.sh"):
        assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
