"""What the docs show of exports is what the program writes: its outputs, reports, refusals, limits and keys."""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from extract import schema
from extract.export import bindings
from extract.export.refusals import catalogue
from extract.export.report import Status
from extract.export.target import Options
from extract.export.targets import all_targets

ROOT = Path(__file__).resolve().parent.parent
PAGES = {name: (ROOT / name).read_text("utf-8") for name in ("docs/walkthrough.md", "docs/export.md")}
EXPORT = PAGES["docs/export.md"]
# Stands for lines that an excerpt leaves out.
CUT = "…"


class Ran(NamedTuple):
    code: int
    report: str
    files: dict[str, str]


class Shown(NamedTuple):
    """A block of a page below a comment that says what it shows."""

    page: str
    what: str
    command: str
    text: str


def blocks(kind: str) -> list[Shown]:
    """Return the blocks below `<!-- KIND WHAT: COMMAND -->`."""
    return list(_blocks(kind))


def _blocks(kind: str) -> Iterator[Shown]:
    for page, text in PAGES.items():
        for match in re.finditer(rf"^<!-- {kind}([^\n]*?): ([^\n]*?) -->\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            yield Shown(page, match[1].strip(), match[2], match[3])


@functools.cache
def ran(page: str, command: str) -> Ran:
    """Return what a command gives in a folder with the shipped data and with the bindings that the page shows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").symlink_to(ROOT / "data")
        for one in blocks("bindings"):
            if one.page == page:
                (folder / one.command).write_text(one.text, "utf-8")
        given = {path.name for path in folder.iterdir()}
        program, *arguments = shlex.split(command)
        assert program == "docrules"
        out = arguments[arguments.index("--out") + 1]
        if "." not in out:
            (folder / out).mkdir()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
        run = subprocess.run(
            [sys.executable, "-m", "extract", *arguments], capture_output=True, text=True, cwd=folder, env=environment, check=False
        )
        written = [path for path in folder.rglob("*") if path.is_file() and path.relative_to(folder).parts[0] not in given]
        return Ran(
            run.returncode, run.stderr, {path.relative_to(folder).as_posix(): path.read_text("utf-8-sig", "replace") for path in written}
        )


def excerpts(text: str) -> list[str]:
    """Return the pieces of an excerpt, without their common indentation."""
    pieces = re.split(rf"^ *{CUT}\n", text, flags=re.MULTILINE)
    return [textwrap.dedent(piece) for piece in pieces if piece]


def stands_in(pieces: list[str], whole: str) -> bool:
    """Return whether the pieces stand in a text as whole lines, in their order."""
    lines = whole.splitlines(keepends=True)
    at = 0
    for piece in pieces:
        number = piece.count("\n")
        starts = range(at, len(lines) - number + 1)
        at = next((start + number for start in starts if textwrap.dedent("".join(lines[start : start + number])) == piece), -1)
        if at < 0:
            return False
    return True


@pytest.mark.parametrize("shown", blocks("part of"), ids=lambda one: f"{one.page}-{one.what}")
def test_what_is_shown_of_an_output_stands_in_it(shown: Shown) -> None:
    done = ran(shown.page, shown.command)
    assert done.code in (0, 1), done.report
    assert stands_in(excerpts(shown.text), done.files[shown.what]), f"{shown.command} writes:\n{done.files[shown.what]}"


@pytest.mark.parametrize("shown", blocks("report"), ids=lambda one: one.page)
def test_what_is_shown_of_a_report_is_the_whole_of_it(shown: Shown) -> None:
    assert ran(shown.page, shown.command).report == shown.text


def test_a_line_that_the_output_lacks_is_noticed() -> None:
    whole = "    a\n      b\n    c\n"
    assert stands_in(["a\n  b\n", "c\n"], whole)
    for wrong in (["a\n", "d\n"], ["a\nc\n"], ["c\n", "a\n"], ["a\nb\n"], ["a\n  b\nc\nd\n"]):
        assert not stands_in(wrong, whole)


def test_every_target_is_shown() -> None:
    shown = {one.command.split()[2] for one in blocks("part of") if one.page == "docs/export.md"}
    assert shown == set(all_targets()) - {"xlsx"}
    assert "docrules export xlsx " in EXPORT


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_that_a_page_tells_are_those_that_make_its_blocks(page: str) -> None:
    """What readers see in a block of commands is run, too."""
    told = [line.partition("  #")[0] for code in re.findall(r"```sh\n(.*?)```", PAGES[page], re.DOTALL) for line in code.splitlines()]
    commands = [line for line in told if line.startswith("docrules export ")]
    assert commands
    for command in commands:
        assert ran(page, command).code in (0, 1), ran(page, command).report


@pytest.mark.parametrize("shown", blocks("bindings"), ids=lambda one: f"{one.page}-{one.command}")
def test_the_bindings_are_taken(shown: Shown) -> None:
    assert schema.problem("bindings", tomllib.loads(shown.text)) is None
    found = bindings.parse(shown.text, shown.command, ("axway", "securetransport", "5.6"))
    assert found.endpoints or found.unstated


def test_the_table_of_keys_holds_every_key_of_the_schema() -> None:
    table = EXPORT.partition("<!-- keys of schemas/bindings.schema.json -->\n")[2].partition("\n\n")[0]
    whole = schema.load("bindings")
    endpoint = whole["$defs"]["endpoint"]["properties"]
    named = {f"[{name}]" if name == "scope" else name for name in ("scope", *endpoint)}
    nested = {name for one in (whole["properties"]["scope"], *endpoint.values()) for name in one.get("properties", ())}
    keys = named | nested | {"[[unstated]]", *whole["$defs"]["unstated"]["properties"]}
    told = {name for row in table.splitlines()[2:] for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert told == keys | {'[endpoint."NAME"]'}


def refusals() -> str:
    rows = [f"| `{code}` | {kind.title} | {kind.todo} |" for code, kind in sorted(catalogue().items())]
    return "\n".join(["| code | why | what to do |", "| --- | --- | --- |", *rows])


def test_the_table_of_refusals_is_the_catalogue() -> None:
    assert f"<!-- refusals of extract/export/refusals.toml -->\n{refusals()}\n\n" in EXPORT


def test_the_table_of_statuses_holds_each() -> None:
    table = EXPORT.partition("| `status` | means |\n")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(get_args(Status))


def limits(name: str) -> str:
    """Return what `docrules export --list` says of a target, as a list."""
    target = all_targets()[name]
    said = target.blocks(Options(""))
    blocked = [f"beside the rules: {said}"] if said else []
    return "\n".join(f"- {line}" for line in (*target.LIMITS, *blocked))


@pytest.mark.parametrize("name", sorted(all_targets()))
def test_the_limits_are_those_of_the_target(name: str) -> None:
    assert f"<!-- limits: {name} -->\n\n{limits(name)}\n\n" in EXPORT


def resources(page: str, command: str) -> tuple[set[str], list[dict[str, str]]]:
    """Return the resources that Terraform makes of a command, and its moves."""
    table = json.loads(next(iter(ran(page, command).files.values())))
    return {f"{kind}.{name}" for kind, named in table["resource"].items() for name in named}, table.get("moved", [])


def test_what_the_next_release_changes_is_what_diff_says() -> None:
    (command,) = {one.command for one in blocks("part of") if one.page == "docs/walkthrough.md" and "--since" in one.command}
    now, moved = resources("docs/walkthrough.md", command)
    before, _ = resources("docs/walkthrough.md", command.replace("/5.6", "/5.5").replace(" --since 5.5", ""))
    kept = before - {one["from"] for one in moved} | {one["to"] for one in moved}
    run = subprocess.run([sys.executable, "-m", "extract", "diff", "5.5", "5.6"], capture_output=True, text=True, cwd=ROOT, check=True)
    counts = {impact: int(number) for number, impact in re.findall(r"(\d+) ([a-z-]+)", run.stdout.splitlines()[-1])}
    assert len(moved) == counts["widens"] + counts["replaces"] == 2
    assert len(kept - now) == counts["closes"] == 2
    assert not now - kept
    assert "2 rules are moved, 2 are gone and none is new" in PAGES["docs/walkthrough.md"]
