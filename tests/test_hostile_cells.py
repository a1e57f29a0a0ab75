"""Cells of ten million characters, rows of ever so many rules: a run ends, the other rows are read, and the row says what it reached."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from extract import extract_text
from extract.cells import limits
from extract.cells.reading import Cells
from extract.cells.statements import Sentences
from extract.model import Draft, Endpoint, Role, Rule, Unresolved, Value
from extract.rows import room
from extract.rows import row as rows
from tests.test_cli import EXIT_CLEAN, EXIT_FINDINGS

resource = pytest.importorskip("resource")

SIZE = 10_000_000
# Many times what a run takes, and a small part of what a square of its size would.
CPU_SECONDS, BYTES = 60, 3 << 30
GOOD = {"port": "443", "protocol": "TCP", "source": "Web Security Group", "description": "Web access"}
PIECES = {
    "prose": "the server talks to its peers often ",
    "ports": "443,",
    "transports": "tcp/udp ",
    "brackets": "(",
    "arrows": "\N{RIGHTWARDS ARROW} ",
    "conjunctions": "A and B and ",
    "lines": "443<br>",
    "mojibake": "\u00c3\u00bcber ",
    "other scripts": "\u7aef\u53e3",
}
CASES = [
    *(("port", piece) for piece in PIECES),
    ("protocol", "transports"),
    ("source", "conjunctions"),
    ("source", "brackets"),
]


def table(*listed: dict[str, str]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{row[role]}</td>" for role in GOOD) + "</tr>\n" for row in listed)
    return f"<h1>Inbound rules of the App Security Group</h1><table><tr><th>Port<th>Protocol<th>Source<th>Description</tr>\n{body}</table>"


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not limit memory")
@pytest.mark.parametrize(("role", "piece"), CASES)
def test_a_cell_of_ten_megabytes_leaves_its_row_open(role: str, piece: str, tmp_path: Path) -> None:
    rules, page = run_with_long_cell(tmp_path, role, PIECES[piece], EXIT_FINDINGS)
    assert [rule["from_port"] for rule in rules["rules"]] == [80, 8443]
    assert [(one["missing"], [place["row"] for place in one["evidence"]]) for one in rules["unresolved"]] == [(["protocol", "ports"], [2])]
    (found,) = (found for found in page["findings"] if found["code"] == "limit-reached")
    assert (found["table"], found["row"], f"{limits.MAX_CELL:,} characters" in found["message"]) == (1, 2, True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not limit memory")
@pytest.mark.parametrize("piece", ["prose", "ports", "conjunctions"])
def test_a_description_may_be_of_any_length(piece: str, tmp_path: Path) -> None:
    rules, _ = run_with_long_cell(tmp_path, "description", PIECES[piece], EXIT_CLEAN)
    assert [(rule["from_port"], rule["protocol"], len(rule["description"]) > SIZE // 2) for rule in rules["rules"]] == [
        (80, "tcp", False),
        (443, "tcp", True),
        (8443, "tcp", False),
    ]


def run_with_long_cell(folder: Path, role: str, text: str, code: int) -> tuple[Any, Any]:
    """Run over a page with a cell of ten megabytes in its second row; return the rules and the report on the page."""
    long = GOOD | {role: text * (SIZE // len(text))}
    (folder / "page.html").write_text(table(GOOD | {"port": "80"}, long, GOOD | {"port": "8443"}), "utf-8")
    out, report = folder / "rules.json", folder / "report.json"
    options = ["--raw", "--no-cache", "--jobs", "1", "--out", str(out), "--report", str(report)]
    command = [sys.executable, "-m", "extract", "run", str(folder), *options]
    done = subprocess.run(command, capture_output=True, check=False, preexec_fn=_limited)
    assert done.returncode == code, done.stderr[-2000:]
    # The cells stand in either file once, the description in that of the rules once more; four bytes are the most of a character.
    assert max(out.stat().st_size, report.stat().st_size) < 5 * SIZE
    (page,) = json.loads(report.read_bytes())["documents"]
    return json.loads(out.read_bytes()), page


def draft(**cells: str) -> Draft:
    texts = GOOD | cells
    roles: tuple[Role, ...] = ("port", "protocol", "source", "description")
    return Draft(table=1, row=1, line=1, cells=texts, values={role: (Value((texts[role],), role),) for role in roles})


def test_a_row_of_more_rules_than_the_limit_is_left_open() -> None:
    most = rows.read(draft(port=",".join(map(str, range(1, 41))), source=", ".join(f"h{n}" for n in range(50))), Sentences(()), Cells())
    assert len(most.candidates) == room.MAX_RULES
    more = rows.read(draft(port=",".join(map(str, range(1, 42))), source=", ".join(f"h{n}" for n in range(50))), Sentences(()), Cells())
    assert [one.missing for one in more.candidates] == [("protocol", "ports")]
    assert [found.code for found in more.findings] == ["limit-reached"]
    assert f"{room.MAX_RULES:,} rules" in more.findings[0].message


def test_the_rules_of_a_page_repeat_so_many_characters() -> None:
    big = GOOD | {"port": ",".join(map(str, range(1, 901)))}
    listed = [row | {"source": f"Group {n}"} for n in range(30) for row in (GOOD, big)]
    found = extract_text(table(*listed), path="page.html")
    assert sum(sum(map(len, rule.evidence[0].cells.values())) for rule in found.rules) <= room.MAX_REPEATED
    assert {one.message for one in found.findings if one.code == "limit-reached"} == {room.too_many(8) + "; the row is under unresolved"}
    (report,) = found.reports[0].tables
    assert report.rule_rows + report.unresolved_rows == 60
    assert report.unresolved_rows > 20


def test_a_table_whose_ports_are_taken_for_prose_says_so() -> None:
    listed = ",".join(map(str, range(1, 90)))
    found = extract_text(f"<table><tr><th>Port<th>Use<tr><td>{listed}<td>x<tr><td>{listed}<td>y</table>", path="page.html")
    assert [(one.code, one.table) for one in found.findings if "160 characters" in one.message] == [("table-doubtful", 1)]
    # A row that says the rest of a rule says that these are ports.
    assert len(extract_text(table(GOOD | {"port": listed}), path="page.html").rules) == 89
    prose = extract_text(
        table(GOOD | {"port": "the port that the administrator of the appliance has chosen for it " * 4}), path="page.html"
    )
    assert "table-doubtful" not in {one.code for one in prose.findings}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"source": "Web " + "(" * 33 + "a" + ")" * 33}, "32 deep"),
        ({"source": "Web and App " + "x" * 2_000}, "over more than 2,000 characters"),
        ({"source": " as well as ".join(f"App {n} Servers" for n in range(150))}, "over more than 2,000 characters"),
        ({"source": "および".join(f"群{n}の機器" * 2 for n in range(250))}, "over more than 2,000 characters"),
        ({"source": "Web " + "-" * 41 + "> App"}, "40 signs"),
    ],
)
def test_what_a_limit_keeps_from_being_read_is_said(cells: dict[str, str], said: str) -> None:
    found = rows.read(draft(**cells), Sentences(()), Cells()).findings
    assert [(one.code, said in one.message) for one in found] == [("limit-reached", True)]


@pytest.mark.parametrize(
    "source",
    [
        "Web " + "(" * 32 + "a" + ")" * 32,
        "Web " + "(" * 100,
        "Web and App " + "x" * 1_900,
        "x" * 2_100,
        "Web " + "-" * 40 + "> App",
        "()" * 50,
        "alpha and beta, " * 150 + "gamma",
        "The server sends this and the client answers it with a message. " * 40,
    ],
)
def test_what_no_limit_changes_gives_no_finding(source: str) -> None:
    assert [found.code for found in rows.read(draft(source=source), Sentences(()), Cells()).findings] == []


LONG_HEADER = " (see the note below on what is meant here)" * 25


@pytest.mark.parametrize(
    ("headers", "row", "rule"),
    [
        (("Action", "Port", "Protocol", "Source"), ("deny", "22", "TCP", "10.0.0.1"), ("deny", 22, 22)),
        (("Protocol", "Start port", "End port", "Source"), ("TCP", "1024", "2048", "10.0.0.1"), ("allow", 1024, 2048)),
        (("Port", "Protocol", "Source", "Description"), ("22", "TCP", "10.0.0.1", "SSH"), ("allow", 22, 22)),
    ],
)
def test_a_header_of_any_length_says_what_its_column_holds(headers: Sequence[str], row: Sequence[str], rule: tuple[str, int, int]) -> None:
    for long in range(len(headers)):
        said = [header + LONG_HEADER * (number == long) for number, header in enumerate(headers)]
        lines = ["".join(f"<{tag}>{text}" for text in texts) for tag, texts in (("th", said), ("td", row))]
        found = extract_text(f"<table><tr>{lines[0]}</tr><tr>{lines[1]}</table>", path="page.html")
        assert [(one.action, one.from_port, one.to_port) for one in found.rules] == [rule]
        assert found.rules[0].source == Endpoint("host", "10.0.0.1")
        assert list(found.rules[0].evidence[0].cells.values()) == list(row)
        assert max(map(len, found.rules[0].evidence[0].cells)) in (limits.MAX_NAME - 1, limits.MAX_NAME)


def test_a_long_header_of_a_table_that_holds_no_rules_is_no_error() -> None:
    found = extract_text(f"# Notes\n\n| {LONG_HEADER.replace('(', '')} |\n|---|\n", path="page.md")
    assert {one.severity for one in found.findings} <= {"note"}


def test_rows_that_are_not_read_are_told_apart() -> None:
    long = ", ".join(map(str, range(1, 1_500)))
    listed = [GOOD | {"port": long, "source": f"Group {n}"} for n in range(3)]
    before, after = (extract_text(table(GOOD, *some), path="page.html") for some in (listed, [listed[0], listed[1] | {"source": "Any"}]))
    assert [len(one.evidence) for one in before.unresolved] == [1, 1, 1]
    assert len({one.id for one in (*before.unresolved, *after.unresolved)}) == 4
    assert "duplicate-rule" not in {one.code for one in before.findings}


def test_a_row_that_is_not_read_keeps_its_action() -> None:
    text = table(GOOD | {"port": "443," * 2_000}).replace("<th>Description", "<th>Action").replace("Web access", "deny")
    assert [(one.action, one.missing) for one in extract_text(text, path="page.html").unresolved] == [("deny", ("protocol", "ports"))]


def test_a_long_cell_that_spans_many_rows_is_not_repeated_for_ever() -> None:
    spanning = f"<tr><td>1<td>TCP<td>10.0.0.1<td rowspan=65534>{'the server talks ' * 20_000}</tr>"
    listed = "".join(f"<tr><td>{port}<td>TCP<td>10.0.0.1</tr>" for port in range(2, 200))
    found = extract_text(f"<table><tr><th>Port<th>Protocol<th>Source<th>Description</tr>{spanning}{listed}</table>", path="page.html")
    assert len(found.rules) + len(found.unresolved) == 199
    assert [rule.from_port for rule in found.rules] == list(range(1, len(found.rules) + 1))
    assert {one.missing for one in found.unresolved} == {("protocol", "ports")}
    every: list[Rule | Unresolved] = [*found.rules, *found.unresolved]
    assert sum(len(rule.evidence[0].cells["Description"]) for rule in every) < 2 * room.MAX_REPEATED
    assert {one.message for one in found.findings if one.code == "limit-reached"} == {f"{room.TOO_MUCH}; the row is under unresolved"}


def test_long_cells_that_are_all_there_are_read_whatever_their_number() -> None:
    listed = "".join(f"<tr><td>{port}<td>TCP<td>10.0.0.1<td>{port} {'the server talks ' * 3_000}</tr>" for port in range(1, 600))
    found = extract_text(f"<table><tr><th>Port<th>Protocol<th>Source<th>Description</tr>{listed}</table>", path="page.html")
    assert (len(found.rules), found.unresolved) == (599, ())
