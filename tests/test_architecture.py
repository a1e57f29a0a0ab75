"""What docs/architecture.md says of where things are added, tried: each of them in one place, in a copy of the package."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent
PAGE = """# Ports

## {title}

| Service | {header} | Protocol |
| --- | --- | --- |
| Console | 7311 | TCP |
| Beacon | 7423 | UDP |
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    shutil.copytree(REPO / "extract", tmp_path / "extract", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPO / "schemas", tmp_path / "extract" / "schemas")
    return tmp_path / "extract"


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")


def added_word(package: Path, language: str, name: str, word: str) -> None:
    """Add a word to a class in the file of a language."""
    path = package / "vocabulary" / "languages" / f"{language}.toml"
    text = path.read_text("utf-8")
    changed, times = re.subn(rf"^{name} = \[", f'{name} = ["{word}", ', text, count=1, flags=re.MULTILINE)
    assert times == 1
    path.write_text(changed, "utf-8")


def run(package: Path, page: str) -> dict[str, list[dict[str, object]]]:
    """Return what a run of the copied package gives for one page: its rules, and its findings."""
    folder = package.parent
    (folder / "page.md").write_text(page, "utf-8")
    script = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import msgspec; from extract import extract_text\n"
        "found = extract_text(open('page.md').read(), path='page.md')\n"
        "print(json.dumps({'rules': msgspec.to_builtins(found.rules), 'findings': msgspec.to_builtins(found.findings)}))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(folder)], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
    return result


def directions(package: Path, title: str) -> set[object]:
    return {rule["direction"] for rule in run(package, PAGE.format(title=title, header="Port"))["rules"]}


def test_a_header_word_is_added_in_the_file_of_its_language(package: Path) -> None:
    page = PAGE.format(title="Overview", header="Qorvelnummer")
    before = run(package, page.replace("Protocol", "Zorvel"))["rules"]
    added_word(package, "de", "port", "qorvelnummer")
    added_word(package, "de", "protocol", "zorvel")
    after = run(package, page.replace("Protocol", "Zorvel"))["rules"]
    assert len(after) == 2
    assert before != after or len(before) == 2


def test_a_phrase_of_titles_is_added_in_the_file_of_its_language(package: Path) -> None:
    assert directions(package, "Qorvelling ports") == {None}
    added_word(package, "en", "ingress", "qorvelling")
    assert directions(package, "Qorvelling ports") == {"ingress"}


def test_a_language_is_one_file(package: Path) -> None:
    text = '# Esperanto.\n\n[headers]\nport = ["pordo"]\nprotocol = ["protokolo"]\n\n[words]\negress = ["eliranta", "elirantaj"]\n'
    assert directions(package, "Elirantaj") == {None}
    (package / "vocabulary" / "languages" / "eo.toml").write_text(text, "utf-8")
    assert directions(package, "Elirantaj") == {"egress"}


def test_a_fact_is_a_line_of_the_readers(package: Path) -> None:
    """A reader of one more kind of place: file names of captions, say, that tell the direction."""
    assert directions(package, "Qorvel") == {None}
    replaced(
        package / "interpret" / "facts.py",
        "        Reader(_HEADS, _whole(direction.of_heading)),\n",
        "        Reader(_HEADS, _whole(direction.of_heading)),\n"
        "        Reader(_HEADS, lambda text: ('egress', text) if text == 'Qorvel' else None),\n",
    )
    assert directions(package, "Qorvel") == {"egress"}


def test_a_check_of_a_row_is_a_name_in_the_list_of_the_pipeline(package: Path) -> None:
    page = PAGE.format(title="Overview", header="Port")
    replaced(package / "pipeline.py", "(labels.check, directions.check)", "(labels.check, directions.check, consoles)")
    replaced(
        package / "pipeline.py",
        "ROW_CHECKS: tuple",
        "def consoles(draft, candidates, cells):\n"
        "    from extract.catalogue import finding\n"
        "    if 'Console' in draft.cells.values():\n"
        "        yield finding('label-disagrees', 'a console', line=draft.line, table=draft.table, row=draft.row)\n\n\n"
        "ROW_CHECKS: tuple",
    )
    assert [found["message"] for found in run(package, page)["findings"] if found["code"] == "label-disagrees"] == ["a console"]


def test_every_place_that_the_page_names_is_there() -> None:
    text = (REPO / "docs" / "architecture.md").read_text("utf-8")
    for path in re.findall(r"`((?:extract|tests|interpret|read|schemas)/[\w./]+)`", text):
        assert (REPO / path).exists() or (REPO / "extract" / path).exists(), path
