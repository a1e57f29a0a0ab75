"""The examples of each language are read as they say.

Beside `<code>.toml`, what a language's words are, lies `<code>.examples.toml`, what they do: sections by what reads a text, and in each
`"text as a page has it" = "what it is read as"`. The empty string is nothing: each page holds texts that look like another thing and are
not. `docs/vocabulary.md` says how each section writes what is read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from extract import extract_text, vocabulary
from extract.cells import actions, announced, direction, endpoint, ports, protocol
from extract.interpret.headers import read_header
from extract.interpret.naming import propose

FOLDER = Path(vocabulary.__file__).parent / "languages"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml") if not path.name.endswith(".examples.toml"))


def ports_of(text: str) -> str:
    """Return `80, 8000-8010`, `any`, `none`, or nothing where the cell leaves a port open or is not understood."""
    read = ports.parse((text,))
    if read.none:
        return "none"
    found = ["any" if item.any else f"{item.first}-{item.last}" if item.first != item.last else str(item.first) for item in read.items]
    return "" if read.variable or "None" in found else ", ".join(found)


def endpoints_of(text: str) -> str:
    """Return the endpoints with their kinds, `role Webserver; group Web`; nothing for a cell that names none."""
    return "; ".join("any" if one.kind == "any" else f"{one.kind} {one.name}" for one in endpoint.parse((text,)))


def protocols_of(text: str) -> str:
    """Return the protocols of a cell."""
    return ", ".join(protocol.parse((text,)).protocols)


def owner_of(heading: str) -> str:
    """Return the group or component whose rules a table under a heading holds: the destination of what comes in."""
    page = f"## {heading}\n\n| Protocol | Port | Source | Direction |\n| --- | --- | --- | --- |\n| TCP | 443 | 10.0.0.0/8 | inbound |\n"
    [rule] = extract_text(page, path="page.md").rules
    return rule.destination.name if rule.destination else ""


READERS: Mapping[str, Callable[[str], str]] = {
    "headers": lambda text: propose(read_header(text)),
    "ports": ports_of,
    "protocols": protocols_of,
    "endpoints": endpoints_of,
    "directions": lambda text: direction.of_cell(text) or "",
    "headings": lambda text: direction.of_heading(text) or "",
    "sentences": lambda text: direction.of_prose(text)[0] or "",
    "actions": lambda text: actions.of_cell(text) or "",
    "denials": lambda text: announced.of_heading(text) or "",
    "owners": owner_of,
}


def examples_of(code: str) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((FOLDER / f"{code}.examples.toml").read_text("utf-8"))


EXAMPLES = [
    pytest.param(section, text, read, id=f"{code} {section} {text}")
    for code in LANGUAGES
    for section, examples in examples_of(code).items()
    for text, read in examples.items()
]


@pytest.mark.parametrize(("section", "text", "read"), EXAMPLES)
def test_an_example_is_read_as_it_says(section: str, text: str, read: str) -> None:
    assert READERS[section](text) == read


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_examples_of_what_it_is_read_as_and_of_what_it_is_not(code: str) -> None:
    examples = examples_of(code)
    assert list(examples) == list(READERS)
    for section in ("headers", "ports", "directions", "headings", "actions", "denials"):
        assert {bool(read) for read in examples[section].values()} == {True, False}, f"{code}: [{section}] needs examples of both"


def test_every_page_of_examples_is_that_of_a_language() -> None:
    assert sorted(path.name.removesuffix(".examples.toml") for path in FOLDER.glob("*.examples.toml")) == LANGUAGES
