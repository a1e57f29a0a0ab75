"""docs/vocabulary.md names classes, sections and files that there are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from extract import vocabulary
from tests.test_examples import READERS

ROOT = Path(__file__).parent.parent
FOLDER = Path(vocabulary.__file__).parent
PAGE = (ROOT / "docs" / "vocabulary.md").read_text("utf-8")
CLASSES = {name for names in tomllib.loads((FOLDER / "classes.toml").read_text("utf-8")).values() for name in names}


def part(heading: str) -> str:
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_the_classes_that_it_names_are_there() -> None:
    rows = re.findall(r"^ +\| [^|`]+ \| (.+) \|$", part("How to add a word"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(named) > 20
    assert named - CLASSES == set()


def test_the_sections_of_examples_that_it_explains_are_those_that_are_read() -> None:
    assert re.findall(r"^\| `\[(\w+)\]`", part("How to read a page of examples"), re.MULTILINE) == list(READERS)


def test_the_files_that_it_names_are_there() -> None:
    named = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)
    assert [name for name in named if not name.startswith("[") and not list(FOLDER.glob(name.replace("<code>", "en")))] == []
    assert [name for name in re.findall(r"`?(tests/\w+(?:\.py)?)", PAGE) if not (ROOT / name).exists()] == []
