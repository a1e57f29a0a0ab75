"""The fuzzer finds what it says it finds; the pages that it breaks are read; turbohtml makes the same tables as html5lib."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.fuzz import mutate, trees
from tests.fuzz.__main__ import main
from tests.fuzz.readings import DefectError, DifferenceError
from tests.fuzz.run import PLAIN, FuzzError, Limits, run

CASES = range(6)


# --- readings that fail, each for some of the pages: which ones is told from their bytes ---------------------------------


def is_bad(data: bytes) -> bool:
    return data != PLAIN and sum(data) % 2 == 1


def dies(data: bytes, path: str) -> str:
    if is_bad(data):
        os.kill(os.getpid(), signal.SIGKILL)
    return path


def hangs(data: bytes, path: str) -> str:
    while is_bad(data):
        pass
    return path


def raises(data: bytes, path: str) -> str:
    if is_bad(data):
        raise RecursionError("too deep")
    return path


def confesses(data: bytes, path: str) -> str:
    if is_bad(data):
        raise DefectError("the program says so")
    return path


def changes(data: bytes, path: str) -> str:
    return str(time.perf_counter_ns()) if is_bad(data) else path


def eats(data: bytes, path: str) -> str:
    return path + str(bytearray(600 << 20)[:1]) if is_bad(data) else path


@pytest.mark.parametrize(
    ("reading", "outcome", "said"),
    [
        ("dies", "died", "exit code -9"),
        ("hangs", "timeout", "more than 1 s"),
        ("raises", "error", "RecursionError: too deep"),
        ("confesses", "defect", "the program says so"),
        ("changes", "differs", "read twice, it is not the same"),
        pytest.param(
            "eats",
            "memory",
            "MemoryError",
            marks=pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system limits no memory"),
        ),
    ],
)
def test_a_page_that_fails_costs_that_page_alone(reading: str, outcome: str, said: str) -> None:
    expected = {number: (outcome, said) if is_bad(mutate.case(number, seed=3).data) else ("read", "") for number in CASES}
    assert {found for found, _ in expected.values()} == {outcome, "read"}
    reads = run(f"{__name__}:{reading}", CASES, 3, Limits(seconds=1, mebibytes=256), jobs=2)
    assert {read.number: (read.outcome, read.said) for read in reads} == expected


def test_a_reading_that_reads_nothing_is_said_so() -> None:
    with pytest.raises(FuzzError, match="no_such_function cannot be loaded"):
        list(run(f"{__name__}:no_such_function", CASES, 3, Limits()))


def test_the_page_that_killed_its_process_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["fuzz", "--reader", f"{__name__}:dies", "--pages", "6", "--seed", "3", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", command)
    assert main() == 1
    said = capsys.readouterr().out
    bad = [case for case in (mutate.case(number, 3) for number in CASES) if is_bad(case.data)]
    files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert sorted(files.values()) == sorted(case.data for case in bad)
    assert all(str(tmp_path / name) in said for name in files)


# --- the pages ----------------------------------------------------------------------------------------------------------


def test_a_case_is_a_function_of_seed_and_number() -> None:
    first = [mutate.case(number, 7) for number in range(20)]
    assert [mutate.case(number, 7) for number in reversed(range(20))] == first[::-1]
    assert mutate.case(3, 8).data != first[3].data


def test_cases_have_what_they_are_to_have() -> None:
    every = [mutate.case(number) for number in range(1500)]
    for piece in (b"\0", b"\xed\xa0\x80", b"<svg", b"<math", b"<template", b"<select", b"<form", b"<!--", b"&#xD800;", b" a1=1>"):
        assert sum(piece in case.data for case in every) >= 3, piece
    assert any(case.data.count(b"<td") > 1000 for case in every)
    assert max(len(case.data) for case in every) <= 2 * mutate.LARGEST
    assert {case.path for case in every} == {"page.html", "page.md"}


def test_broken_pages_are_read() -> None:
    reads = run("docrules", range(400), 1, Limits(seconds=60))
    assert {read.outcome for read in reads} == {"read"}


# --- two parsers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "reference", "found"),
    [
        ("<table><td>a", "<table><td>a", ""),
        ("<table><td>a", "<p>a", "number of tables"),
        ("<table><td>a", "<table><td>a<tr><td>b", "number of rows"),
        ("<table><td>a", "<table><td>a<td>b", "number of cells"),
        ("<table><td>a", "<table><th>a", "tag of a cell"),
        ("<table><td rowspan=2>a", "<table><td>a", "rowspan of a cell"),
        ("<table><td colspan=2>a", "<table><td>a", "colspan of a cell"),
        ("<table><td>a<p>b", "<table><td>a<p>c", "text of a cell"),
        ("<table><caption>a", "<table><caption>b", "caption"),
        ("<table><td><table><td>a", "<table><td><table><th>a", "tag of a cell"),
        ("<table><td>a<template>x", "<table><td>a", ""),
    ],
)
def test_tables_differ_in_this(ours: str, reference: str, found: str) -> None:
    assert trees.difference(trees.tables(trees.of_turbohtml(ours)), trees.tables(trees.of_html5lib(reference))) == found


@pytest.mark.parametrize("parser", [trees.of_turbohtml, trees.of_html5lib, trees.of_lexbor])
def test_every_parser_gives_the_same_view(parser: trees.Parser) -> None:
    page = "<table><caption>c</caption><tr><th rowspan=2>a <b>b</b><td COLSPAN=3>d<table><td>e</table>f<tfoot><tr><td>&lt;g"
    inner = trees.Cell("td", None, None, "e")
    outer = (trees.Cell("th", "2", None, "a b"), trees.Cell("td", None, "3", "def"))
    assert trees.tables(parser(page)) == [("c", (outer, (trees.Cell("td", None, None, "<g"),))), ("", ((inner,),))]


def test_a_difference_comes_with_the_smallest_page_that_shows_it() -> None:
    page = b"<h1>Ports</h1><p>text</p><table class=a><tr><td>1</table><select><table><tr><td>2</table></select><p>more</p>"
    with pytest.raises(DifferenceError) as raised:
        trees.compared(page, "page.html")
    found = json.loads(str(raised.value))
    assert found["smallest"] == "<select><table>"
    assert found["kind"].startswith("number of tables (Lexbor agrees with turbohtml)")


def test_turbohtml_makes_the_tables_of_html5lib_of_broken_pages() -> None:
    # Where they differ, html5lib is older than today's standard of HTML, which the third parser follows: <template>, <select>.
    for read in run("compare", range(60), 0, Limits(), passes=1):
        assert read.outcome == "read" or "Lexbor agrees with turbohtml" in read.said, (read.number, read.said)
