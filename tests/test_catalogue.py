"""The catalogue of findings: every check is explained, every explanation is true, and `docrules findings` shows them."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import extract
from extract.catalogue import FindingKind, catalogue, finding, parse
from extract.errors import VocabularyError
from tests.terminals import on_terminal
from tests.test_cli import EXIT_BROKEN_PIPE, EXIT_CLEAN, EXIT_USAGE, SECONDS, docrules, docrules_process

PACKAGE = Path(extract.__file__).parent
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")
CODES = list(catalogue())
WITH_PAGE = [entry for entry in catalogue().values() if entry.page is not None]


# --- codes and checks -------------------------------------------------------------------------------------------------


def modules() -> list[ast.Module]:
    """Return the modules that may make findings: the catalogue knows every code, and the commands only ask for some."""
    paths = [path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in ("catalogue", "cli")]
    return [ast.parse(path.read_text("utf-8")) for path in paths]


def codes_in(node: ast.AST) -> set[str]:
    """Return what looks like a code among the texts of a piece of source."""
    texts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return {text for text in texts if CODE.fullmatch(text)}


def given(module: ast.Module) -> Iterator[ast.expr]:
    """Return what `finding(code, message)` and `find(code, message)` are given as their code."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and len(node.args) > 1:
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name in ("finding", "find"):
                yield node.args[0]


def codes_of_calls() -> set[str]:
    """Return the codes of all calls, and for a code that is a property of something (`item.problem`) what that property returns."""
    trees = modules()
    arguments = [argument for module in trees for argument in given(module)]
    properties = {argument.attr for argument in arguments if isinstance(argument, ast.Attribute)}
    functions = [node for module in trees for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and node.name in properties]
    return {code for node in (*arguments, *functions) for code in codes_in(node)}


def test_every_code_that_a_check_gives_is_in_the_catalogue() -> None:
    codes = codes_of_calls()
    # One that a call names, and two that a call takes from a property.
    assert {"no-table", "port-out-of-range", "range-reversed"} <= codes
    assert codes - set(CODES) == set()


def test_every_entry_of_the_catalogue_is_given_by_a_check() -> None:
    used = {code for module in modules() for code in codes_in(module)}
    assert [code for code in CODES if code not in used] == []


def test_a_code_that_is_not_in_the_catalogue_cannot_be_given() -> None:
    with pytest.raises(KeyError, match="no-such-code"):
        finding("no-such-code", "something is wrong")


def test_a_finding_has_the_severity_of_its_entry() -> None:
    assert {code: finding(code, "x").severity for code in CODES} == {entry.code: entry.severity for entry in catalogue().values()}


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", WITH_PAGE, ids=lambda entry: entry.code)
def test_the_page_of_an_entry_gives_its_finding_and_no_other_error(entry: FindingKind) -> None:
    assert entry.page is not None
    # Without a suffix the content decides what markup it is, as it does for a reader of the example.
    found = extract.extract_text(entry.page, path="page").findings
    assert entry.code in [one.code for one in found]
    assert {one.code for one in found if one.severity == "error"} <= {entry.code}


@pytest.mark.parametrize("entry", WITH_PAGE, ids=lambda entry: entry.code)
def test_the_page_of_an_entry_fits_a_screen(entry: FindingKind) -> None:
    assert entry.page is not None
    lines = entry.page.splitlines()
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 76


# --- texts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.code)
def test_texts_are_sentences_in_paragraphs(entry: FindingKind) -> None:
    assert CODE.fullmatch(entry.code)
    assert not entry.title.endswith(".")
    for text in (entry.description, entry.advice, *([entry.case] if entry.case else [])):
        for paragraph in text.split("\n\n"):
            assert paragraph.endswith(".")
            assert paragraph == " ".join(paragraph.split())


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.code)
def test_texts_hold_nothing_that_drives_a_terminal(entry: FindingKind) -> None:
    every = "".join(text for text in msgspec.structs.asdict(entry).values() if isinstance(text, str))
    assert [char for char in every if char != "\n" and unicodedata.category(char) in ("Cc", "Cf")] == []


def entry(**changes: str | None) -> str:
    """Return an entry as TOML, with some of its values changed, or left out where they are None."""
    values: dict[str, str | None] = {"code": "a-code", "severity": "note", "title": "T", "description": "D.", "advice": "A.", "page": "P"}
    values |= changes
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in values.items() if value is not None]
    return "[[finding]]\n" + "".join(lines)


def test_the_lines_of_a_paragraph_are_joined_and_a_page_is_kept() -> None:
    text = entry(description="One\ntwo.\n\nThree\nfour.\n", advice=" Do\n it.\n", page="# A\n\n  b\n")
    read = parse(text)["a-code"]
    assert (read.description, read.advice, read.page, read.case) == ("One two.\n\nThree four.", "Do it.", "# A\n\n  b\n", None)


def test_entries_keep_the_order_of_the_file() -> None:
    codes = ["no-b", "no-a", "no-c"]
    assert list(parse("".join(entry(code=code) for code in codes))) == codes


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[finding", "malformed"),
        ("", "finding"),
        ("finding = 1", "malformed"),
        (entry(severity="fatal"), "fatal"),
        (entry(colour="red"), "colour"),
        (entry(title=None), "title"),
        (entry(description=None), "description"),
        (entry(advice=None), "advice"),
        (entry(code=" "), "the code of ' ' is empty"),
        (entry(title=""), "the title of 'a-code' is empty"),
        (entry(description=" \n"), "the description of 'a-code' is empty"),
        (entry(advice=""), "the advice of 'a-code' is empty"),
        (entry(page="\n"), "the page of 'a-code' is empty"),
        (entry(page=None, case=""), "the case of 'a-code' is empty"),
        (entry(page=None), "'a-code' needs a page or a case"),
        (entry(case="C."), "'a-code' needs a page or a case"),
        (entry() + entry(), "lists a code twice"),
    ],
)
def test_a_malformed_catalogue_is_an_error_of_the_package(text: str, problem: str) -> None:
    with pytest.raises(VocabularyError, match=re.escape(problem)):
        parse(text)


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_lists_every_code_in_columns(tmp_path: Path) -> None:
    result = docrules("findings", cwd=tmp_path)
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    lines = result.out.decode().splitlines()
    assert [re.split(r"  +", line) for line in lines] == [[one.code, one.severity, one.title] for one in catalogue().values()]
    assert len({line.index(one.title) for line, one in zip(lines, catalogue().values(), strict=True)}) == 1


@pytest.mark.parametrize("code", CODES)
def test_the_command_explains_one_code_from_title_to_advice(tmp_path: Path, code: str) -> None:
    result = docrules("findings", code, cwd=tmp_path)
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    shown = " ".join(result.out.decode().split())
    one = catalogue()[code]
    parts = [f"{code} ({one.severity})", one.title, one.description, one.page or one.case or "", one.advice]
    places = [shown.index(" ".join(part.split())) for part in parts]
    assert places == sorted(places)


def test_the_page_is_shown_as_it_is(tmp_path: Path) -> None:
    page = catalogue()["range-reversed"].page
    assert page
    indented = "".join(f"    {line}".rstrip() + "\n" for line in page.splitlines())
    assert indented in docrules("findings", "range-reversed", cwd=tmp_path).out.decode()


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("100", 100), ("250", 100), ("10", 40)])
def test_texts_are_wrapped_at_the_width_of_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = docrules("findings", "unreadable-document", cwd=tmp_path).out.decode().splitlines()
    assert width - 15 < max(map(len, lines)) <= width


def test_what_is_quoted_is_not_broken_over_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in range(60, 100):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert "`docrules run`" in docrules("findings", "unreadable-document", cwd=tmp_path).out.decode()


@pytest.mark.parametrize(
    ("code", "meant"), [("port-out-of-rang", "port-out-of-range"), ("DUPLICATE-RULE", "duplicate-rule"), ("no_table", "no-table")]
)
def test_an_unknown_code_is_refused_with_the_one_that_was_meant(tmp_path: Path, code: str, meant: str) -> None:
    result = docrules("findings", code, cwd=tmp_path)
    assert (result.code, result.out) == (EXIT_USAGE, b"")
    assert re.fullmatch(
        rf"error: there is no finding '{code}'; did you mean {meant}( or [a-z-]+)*\? `docrules findings` lists all\n", result.err
    )


def test_an_unknown_code_that_is_like_none_is_refused_without_a_guess(tmp_path: Path) -> None:
    result = docrules("findings", "xyzzy", "--json", cwd=tmp_path)
    assert (result.code, result.out) == (EXIT_USAGE, b"")
    assert result.err == "error: there is no finding 'xyzzy'; `docrules findings` lists all\n"


def test_json_holds_the_catalogue(tmp_path: Path) -> None:
    result = docrules("findings", "--json", cwd=tmp_path)
    assert (result.code, result.err) == (EXIT_CLEAN, "")
    assert msgspec.json.decode(result.out, type=list[FindingKind]) == list(catalogue().values())


def test_json_of_a_code_holds_its_entry(tmp_path: Path) -> None:
    out = docrules("findings", "mojibake", "--json", cwd=tmp_path).out
    assert msgspec.json.decode(out, type=FindingKind) == catalogue()["mojibake"]
    assert out.endswith(b"}\n")


def test_severities_have_colours_on_a_terminal_unless_it_is_asked_for_none(tmp_path: Path) -> None:
    coloured, plain = (on_terminal("findings", cwd=tmp_path, environment=named).decode() for named in ({}, {"NO_COLOR": "1"}))
    assert "  \x1b[31merror\x1b[0m    The document could not be read" in coloured
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    # A terminal is so wide, and what is longer goes on below.
    whole = docrules("findings", cwd=tmp_path).out.decode()
    assert plain.split() == whole.split()
    assert max(map(len, plain.splitlines())) <= 80 < max(map(len, whole.splitlines()))


@pytest.mark.parametrize("arguments", [[], ["no-table"], ["--json"]])
def test_a_reader_that_is_gone_causes_no_noise(tmp_path: Path, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "extract", "findings", *arguments]
    done = subprocess.run(command, cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, timeout=SECONDS, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (EXIT_BROKEN_PIPE, b"")


def test_closed_standard_output_is_refused(tmp_path: Path) -> None:
    result = docrules_process("findings", cwd=tmp_path, prefix=("sh", "-c", 'exec "$@" >&-', "sh"))
    assert (result.code, result.err) == (EXIT_USAGE, "error: standard output is closed\n")


def test_the_help_explains_severities_and_its_examples_run(tmp_path: Path) -> None:
    text = docrules("findings", "--help", cwd=tmp_path).out.decode()
    assert {one.severity for one in catalogue().values()} == set(re.findall(r"^ +(error|warning|note)  +\S", text, re.MULTILINE))
    examples = re.findall(r"^    docrules (findings.*)", text, re.MULTILINE)
    assert len(examples) == 3
    for example in examples:
        assert docrules(*example.partition(" | ")[0].split(), cwd=tmp_path).code == EXIT_CLEAN
