"""The wheel holds all that the platform needs; nothing comes from the checkout."""

import os
import re
import sqlite3
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    unpacked = folder / "unpacked"
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(unpacked)
    return unpacked


@pytest.mark.parametrize("folder", ["migrations", "static", "templates"])
def test_the_wheel_has_every_file_of(folder: str, wheel: Path) -> None:
    bundled = wheel / "petition" / "_bundle" / folder

    assert files(bundled) == files(ROOT / folder)


def test_the_wheel_has_the_demo_and_every_translation(wheel: Path) -> None:
    catalogs = files(ROOT / "petition" / "translations")

    assert files(wheel / "petition" / "demo") == files(ROOT / "petition" / "demo")
    assert {name for name in files(wheel / "petition" / "translations") if name.endswith(".mo")} == {
        re.sub(r"po$", "mo", name) for name in catalogs if name.endswith(".po")
    }


def files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".DS_Store"} & set(path.parts)
    }


def test_the_wheel_alone_makes_the_tables(wheel: Path, tmp_path: Path) -> None:
    path = tmp_path / "petition.sqlite"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(wheel),
        "PETITION_BASE_URL": "https://petition.example",
        "PETITION_DATABASE_URL": f"sqlite:///{path}",
        "PETITION_MAIL_DEFAULT_SENDER": "petition@petition.example",
        "PETITION_SECRET_KEY": "the tests sign their links with this",
    }
    code = "import petition, runpy; print(petition.__file__, flush=True); runpy.run_module('petition', run_name='__main__')"

    done = subprocess.run(
        [sys.executable, "-c", code, "db", "upgrade"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(wheel))
    with sqlite3.connect(path) as connection:
        tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    connection.close()
    assert {"call", "signature", "letter", "tally"} <= tables


@pytest.mark.parametrize("name", ["run", "test"])
def test_every_package_is_locked_with_its_hash(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", "").splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]

    assert packages
    assert all("==" in line and "--hash=sha256:" in line for line in packages)


def test_both_locks_agree() -> None:
    run, test = locked("run"), locked("test")

    assert {name: test[name] for name in run if name in test} == run


def locked(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE
    ):
        found.setdefault(package, set()).add(version)
    return found


def test_every_package_that_we_import_is_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[<>=]", name)[0] for name in project["dependencies"]}

    assert wanted <= locked("run").keys()


def test_the_locks_do_not_say_where_packages_come_from() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in path.read_text()
        assert "index" not in path.read_text()


def test_the_licence_is_named_by_its_identifier() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["license"] == "EUPL-1.2"
    assert "EUPL-1.2" in (ROOT / "LICENSE").read_text()
    assert "EUPL-1.2" in (ROOT / "README.md").read_text()
