"""The same input gives the same bytes: whatever the jobs, the hash seed, the locale, the folder, the order of the arguments."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from extract import extract_paths
from extract.publish import render

REPO = Path(__file__).resolve().parent.parent
SECONDS = 120
# What decides on hashing, encodings and time in a Python process; each test says what it wants of it.
INFLUENCES = (
    "PYTHONHASHSEED",
    "PYTHONUTF8",
    "PYTHONCOERCECLOCALE",
    "PYTHONIOENCODING",
    "PYTHONOPTIMIZE",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
)

UMLAUT_PAGE = """<h1>Eingehende Regeln für Größe</h1>
<table><tr><th>Protocol</th><th>Port</th><th>Source</th><th>Description</th></tr>
<tr><td>TCP</td><td>443</td><td>Bürorechner SG</td><td>Zugriff – 日本語</td></tr>
<tr><td>TCP</td><td>User-defined range</td><td>Bürorechner Security Group</td><td>später</td></tr></table>
"""


class Output(NamedTuple):
    rules: bytes
    report: bytes
    messages: bytes


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped documents in eight releases, so that several processes get some, and a page whose name and text are not ASCII."""
    folder = tmp_path_factory.mktemp("input") / "docs"
    shutil.copytree(REPO / "data" / "docs", folder)
    product = folder / "axway" / "securetransport"
    for release in ("5.4", "5.7", "5.8", "6.0", "6.1", "6.2", "6.3"):
        shutil.copytree(product / "5.5", product / release)
    (folder / "größe.html").write_text(UMLAUT_PAGE, "utf-8")
    return folder


def extract(
    *arguments: str | Path,
    into: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    program: tuple[str | Path, ...] = (sys.executable, "-m", "extract"),
) -> Output:
    environment = {name: value for name, value in os.environ.items() if name not in INFLUENCES} | dict(env or {})
    rules, report = into / "rules.json", into / "report.json"
    command = [*program, "run", *arguments, "--out", rules, "--report", report, "--verbose"]
    done = subprocess.run(command, cwd=cwd or into, env=environment, capture_output=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr.decode()
    return Output(rules.read_bytes(), report.read_bytes(), done.stderr.replace(os.fsencode(rules), b"rules.json"))


@pytest.fixture(scope="module")
def expected(docs: Path, tmp_path_factory: pytest.TempPathFactory) -> Output:
    output = extract(docs, "--jobs", "1", into=tmp_path_factory.mktemp("expected"), env={"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"})
    assert len(json.loads(output.rules)["rules"]) > 400, "little can differ where there is little"
    return output


@pytest.mark.parametrize(("jobs", "seed"), [("1", "1"), ("2", "0"), ("3", "random")])
def test_neither_the_number_of_jobs_nor_the_hash_seed_matters(docs: Path, expected: Output, tmp_path: Path, jobs: str, seed: str) -> None:
    assert extract(docs, "--jobs", jobs, into=tmp_path, env={"PYTHONHASHSEED": seed}) == expected


@pytest.mark.parametrize(
    "locale",
    [{}, {"LC_ALL": "C"}, {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "PYTHONUTF8": "1", "PYTHONOPTIMIZE": "2"}],
    ids=["nothing set", "C", "Turkish, another zone, UTF-8 mode and no asserts"],
)
def test_the_locale_does_not_matter(docs: Path, expected: Output, tmp_path: Path, locale: dict[str, str]) -> None:
    assert extract(docs, into=tmp_path, env=locale) == expected


def test_a_python_that_speaks_ascii_only_writes_the_same_data(docs: Path, expected: Output, tmp_path: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    output = extract(docs, "--jobs", "2", into=tmp_path, env=ascii_only)
    # What is printed must be escaped then; what is written is UTF-8 all the same.
    assert output[:2] == expected[:2]
    assert "größe".encode() in output.rules


def test_a_second_run_leaves_the_files_alone(docs: Path, expected: Output, tmp_path: Path) -> None:
    for name, data in (("rules.json", expected.rules), ("report.json", expected.report)):
        (tmp_path / name).write_bytes(data)
        os.utime(tmp_path / name, ns=(1_000_000_000, 1_000_000_000))
    assert extract(docs, into=tmp_path) == expected
    for name in ("rules.json", "report.json"):
        assert (tmp_path / name).stat().st_mtime_ns == 1_000_000_000


# What follows depends on paths alone, so this process serves as well as another.


def written(*paths: str | Path, root: Path | None = None) -> tuple[bytes, bytes]:
    extraction = extract_paths(paths, root=root)
    return render.rules_json(extraction), render.report_json(extraction)


@pytest.mark.parametrize(("cwd", "path"), [("docs", "."), (".", "docs"), ("deeper", "../docs/")])
def test_the_current_folder_does_not_matter(docs: Path, expected: Output, cwd: str, path: str) -> None:
    (docs.parent / cwd).mkdir(exist_ok=True)
    with contextlib.chdir(docs.parent / cwd):
        assert written(path) == expected[:2]


def test_where_the_folder_lies_does_not_matter(docs: Path, expected: Output, tmp_path: Path) -> None:
    elsewhere = tmp_path / "some" / "other place"
    # Made in another order, with other times: file systems list what they hold in their own order.
    for path in sorted(docs.rglob("*"), reverse=True):
        if path.is_file():
            target = elsewhere / path.relative_to(docs)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    output = written(elsewhere)
    assert output == expected[:2]
    for data in output:
        assert b"other place" not in data
        assert os.fsencode(tmp_path) not in data


@pytest.mark.parametrize("order", ["reversed", "interleaved"])
def test_files_with_a_root_give_what_their_folder_gives_in_any_order(docs: Path, expected: Output, order: str) -> None:
    files = sorted(path for path in docs.rglob("*") if path.is_file())
    files = {"reversed": files[::-1], "interleaved": files[::2] + files[1::2][::-1]}[order]
    assert written(*files, root=docs) == expected[:2]


def test_a_file_beside_its_folder_does_not_matter(docs: Path, expected: Output) -> None:
    assert written(docs / "axway", docs, docs / "größe.html", root=docs) == expected[:2]


def test_a_change_of_one_page_changes_the_file(docs: Path, expected: Output, tmp_path: Path) -> None:
    # Without this, a program that always writes the same would pass every test above.
    copy = tmp_path / "docs"
    shutil.copytree(docs, copy)
    page = copy / "größe.html"
    page.write_text(page.read_text("utf-8").replace("443", "8443"), "utf-8")
    rules, _ = written(copy)
    assert rules != expected.rules
    assert b"8443" in rules


def test_the_installed_command_writes_the_same_data(docs: Path, expected: Output, tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "docrules"
    assert command.exists(), "the package is not installed in this environment"
    assert extract(docs, into=tmp_path, program=(command,)) == expected
