"""The wheel: what is in it, and that it works without the checkout."""

from __future__ import annotations

import email.parser
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]
SECONDS = 120


def build(target: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    [built] = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked: a folder that does on sys.path what an installation does."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_installed(installed: Path, cwd: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def sources(*suffixes: str) -> set[str]:
    return {
        path.relative_to(REPO).as_posix()
        for path in (REPO / "extract").rglob("*")
        if path.suffix in suffixes and "__pycache__" not in path.parts
    }


def test_wheel_holds_the_package_with_its_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    schemas = {f"extract/schemas/{path.name}" for path in (REPO / "schemas").glob("*.json")}
    vocabulary = {name for name in sources(".toml") if not name.endswith(".examples.toml")}
    assert len(schemas) == 10
    assert len(vocabulary) > 20
    assert all(name.startswith(("extract/vocabulary/", "extract/catalogue/", "extract/export/")) for name in vocabulary)
    page = sources(".html", ".css", ".js")
    assert len(page) > 4
    assert all(name.startswith("extract/publish/review/templates/") for name in page)
    package = {name for name in names if not name.partition("/")[0].endswith(".dist-info")}
    assert package == sources(".py") | vocabulary | page | schemas | {"extract/py.typed", "extract/read/kinds/lines.rb"}


def test_wheel_is_pure_and_says_what_the_project_says(wheel: Path) -> None:
    assert wheel.name == f"{PROJECT['name']}-{PROJECT['version']}-py3-none-any.whl"
    info = f"{PROJECT['name']}-{PROJECT['version']}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = email.parser.Parser().parsestr(archive.read(f"{info}/METADATA").decode())
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
    assert (metadata["Name"], metadata["Version"], metadata["Requires-Python"]) == ("docrules", PROJECT["version"], ">=3.11")
    # Metadata orders them in its own way.
    extras = [f"{one}; extra == '{name}'" for name, some in PROJECT["optional-dependencies"].items() for one in some]
    assert {one.lower() for one in metadata.get_all("Requires-Dist", [])} == {one.lower() for one in (*PROJECT["dependencies"], *extras)}
    assert entry_points.split() == ["[console_scripts]", "docrules", "=", "extract.cli:main"]


def test_the_same_checkout_gives_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    assert build("wheel", tmp_path).read_bytes() == wheel.read_bytes()


def test_the_installed_program_extracts_a_page_in_another_folder(installed: Path, tmp_path: Path) -> None:
    page = "| Protocol | Port | Source | Description |\n| --- | --- | --- | --- |\n| TCP | 443 | Client Security Group | HTTPS |\n"
    (tmp_path / "page.md").write_text(f"# Inbound rules for Web Security Group\n\n{page}")
    done = run_installed(installed, tmp_path, "-m", "extract", "run", "page.md", "--report", "report.json")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    data = json.loads((tmp_path / "rules.json").read_text("utf-8"))
    assert [(rule["protocol"], rule["from_port"], rule["source"]["name"]) for rule in data["rules"]] == [
        ("tcp", 443, "Client Security Group")
    ]
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["summary"]["rules"] == 1


def test_the_installed_program_writes_what_the_checkout_writes(installed: Path, tmp_path: Path) -> None:
    done = run_installed(installed, tmp_path, "-m", "extract", "run", REPO / "data" / "docs", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "rules.json").read_bytes() == (REPO / "data" / "rules.json").read_bytes()


def test_the_installed_program_is_the_unpacked_one_and_takes_nothing_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = """
import sys
opened = []
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
import extract
from extract.publish import render
render.rules_json(extract.extract_text("| Protocol | Port |\\n| --- | --- |\\n| TCP | 443 |"))
print(extract.__file__, *opened, sep="\\n")
"""
    done = run_installed(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    module, *opened = done.stdout.splitlines()
    assert module == str(installed / "extract" / "__init__.py")
    assert str(installed / "extract" / "schemas" / "rules.schema.json") in opened
    checkout = [str(REPO / folder) for folder in ("extract", "schemas", "data")]
    assert [name for name in opened if name.startswith(tuple(checkout))] == []


def test_the_console_script_is_the_command_line(installed: Path, tmp_path: Path) -> None:
    code = "from importlib.metadata import entry_points; [entry] = entry_points(group='console_scripts', name='docrules'); entry.load()()"
    done = run_installed(installed, tmp_path, "-c", code, "--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"docrules, version {PROJECT['version']}")


def test_source_distribution_holds_what_a_wheel_is_built_from(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert sources(".py", ".toml", ".html", ".css", ".js") | {"extract/py.typed", "pyproject.toml", "README.md", "LICENSE"} <= names
    assert {f"schemas/{path.name}" for path in (REPO / "schemas").glob("*.json")} <= names
    assert not any(name.startswith(("tests/", "data/", ".venv")) for name in names)


def test_the_wheel_carries_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
        assert archive.read(name) == (REPO / "LICENSE").read_bytes()


def _has_docker() -> bool:
    return shutil.which("docker") is not None and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _has_docker(), reason="no docker that answers")
def test_the_image_reads_a_page(tmp_path: Path) -> None:
    tag = "docrules-test"
    subprocess.run(["docker", "build", "-q", "-t", tag, "."], cwd=REPO, check=True)
    page = "| Protocol | Port | Source |\n| --- | --- | --- |\n| TCP | 443 | 10.0.0.0/8 |\n"
    command = ["docker", "run", "--rm", "-i", tag, "run", "-", "--out", "-", "--no-cache"]
    done = subprocess.run(command, input=page, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["rules"][0]["from_port"] == 443
