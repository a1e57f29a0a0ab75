"""Comma-separated values and their kin: what parts cells, lines of the file, and what nobody can be sure about."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import Extraction, extract_paths, extract_text
from extract.read.kinds import delimited
from tests.test_cli import EXIT_CLEAN, EXIT_UNREADABLE, docrules

TABLE = "Protocol,Port,Source,Destination\nTCP,443,A,B\n"


def read(text: str | bytes, path: str = "ports.csv") -> Extraction:
    return extract_text(text.encode() if isinstance(text, str) else text, path=path)


def ports(extraction: Extraction) -> list[int | None]:
    return [rule.from_port for rule in extraction.rules]


def verdicts(extraction: Extraction) -> list[str]:
    return [table.verdict for table in extraction.reports[0].tables]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_a_file_is_read_as_programs_write_it(delimiter: str, ends: str, encoding: str) -> None:
    rows = [("Protocol", "Port", "Source", "Destination"), ("TCP", '"80, 443"', "Büro – A", "B"), ("UDP", "53", "C", "D")]
    text = ends.join(delimiter.join(row) for row in rows) + ends
    extraction = read(text.encode(encoding))
    assert [(rule.from_port, rule.evidence[0].line, rule.source and rule.source.name) for rule in extraction.rules] == [
        (80, 2, "Büro – A"),
        (443, 2, "Büro – A"),
        (53, 3, "C"),
    ]
    assert extraction.documents[0].format == "csv"


def test_a_record_says_the_line_that_it_begins_in() -> None:
    text = 'Protocol,Port,Source,Destination,Use\n\nTCP,443,A,B,"one\ntwo ""three""\n"\nUDP,53,A,B,x\n'
    extraction = read(text)
    assert [(rule.from_port, rule.evidence[0].line) for rule in extraction.rules] == [(443, 3), (53, 6)]
    assert extraction.rules[0].description == 'one two "three"'
    assert all(one.at is None for rule in extraction.rules for one in rule.evidence)


def test_titles_and_sentences_stand_around_the_tables() -> None:
    text = f"""Ports of the gate

Inbound
{TABLE}
Outbound
All rules of this table can be left out.
{TABLE}"Close what is not used, too."
"""
    extraction = read(text)
    assert extraction.documents[0].title == "Ports of the gate"
    assert {(rule.direction, rule.evidence[0].table) for rule in extraction.rules} == {("ingress", 1), ("egress", 2)}


def test_a_title_ends_those_above_it() -> None:
    table = "Protocol,Port,Source\nTCP,443,A\n"
    extraction = read(f"Web Security Group\nInbound\n{table}\nDatabase tier\n{table}")
    stated = [(rule.direction, rule.destination and rule.destination.name) for rule in extraction.rules]
    assert stated == [("ingress", "Web Security Group"), (None, None)]


def test_a_table_goes_on_below_a_blank_line() -> None:
    extraction = read(f"{TABLE}\nPartners,,,\nUDP,53,C,D\n\n,,,\n\nUDP,123,C,D\n")
    assert (ports(extraction), verdicts(extraction)) == ([443, 53, 123], ["rules"])


def test_rows_below_a_line_beside_the_columns_are_a_table_of_their_own() -> None:
    first, second = read(",Protocol,Port,Source\n,TCP,443,A\n\nPartners\n,UDP,53,C\n").rules
    assert (first.evidence[0].table, first.source and first.source.name) == (1, "A")
    assert (second.evidence[0].table, second.source) == (2, None)


@pytest.mark.parametrize("said", ["sep=;\n", '"sep=;"\r\n', "SEP=;\n"])
def test_a_file_may_say_what_parts_its_cells(said: str) -> None:
    extraction = read(f"{said}Port;Protocol;Source\n80,443;TCP;A\n")
    assert [(rule.from_port, rule.evidence[0].line) for rule in extraction.rules] == [(80, 3), (443, 3)]


def test_cells_that_may_be_parted_in_two_ways_are_no_rules() -> None:
    (found,) = read("Protocol,Port;Source\nTCP,443;A\n").findings
    assert (found.code, "its cells may be parted by commas or by semicolons; write sep=," in found.message) == ("broken-document", True)


@pytest.mark.parametrize("row", ["TCP,80,443,A,B", "TCP,443,A,B,,x"])
def test_a_cell_that_was_split_makes_the_table_doubtful(row: str) -> None:
    extraction = read(f"{TABLE}{row}\n")
    assert (extraction.rules, verdicts(extraction)) == ((), ["doubtful"])
    assert "put quotation marks around a cell" in extraction.reports[0].tables[0].reason


@pytest.mark.parametrize(
    ("row", "line"),
    [('TCP,"443,A,B\nTCP,22,A,B\n', 2), ('TCP,"443,A,B\nTCP,22,"A",B\n', 2), ('TCP,"80" 443,A,B\n', 2), ('"', 2)],
)
def test_a_quotation_mark_that_would_swallow_rows_is_refused(tmp_path: Path, row: str, line: int) -> None:
    (tmp_path / "ports.csv").write_text(f"Protocol,Port,Source,Destination\n{row}", "utf-8")
    ran = docrules("run", "ports.csv", "--out", "rules.json", cwd=tmp_path)
    assert (ran.code, ran.codes) == (EXIT_UNREADABLE, {"broken-document"})
    assert f"ports.csv:{line}: error: " in ran.err


def test_a_file_of_data_is_refused() -> None:
    (found,) = read("a,b\n" * (delimited.MAX_CELLS // 2 + 1)).findings
    assert (found.code, "1,000,000 cells" in found.message) == ("unsupported-format", True)


def test_a_page_is_a_page_whatever_its_suffix() -> None:
    extraction = read("<!DOCTYPE html><table><tr><th>Protocol<th>Port<th>Source<tr><td>TCP<td>443<td>A</table>")
    assert (extraction.documents[0].format, ports(extraction)) == ("html", [443])


def test_text_is_never_markup() -> None:
    (rule,) = read("Protocol,Port,Source\nTCP,443,<b>A</b></td><td>x\n").rules
    assert rule.evidence[0].cells["Source"] == "<b>A</b></td><td>x"


def test_a_search_of_a_folder_passes_over_files_of_data(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("flows.csv", "flows.tsv"):
        (tmp_path / "docs" / name).write_text(TABLE, "utf-8")
    (tmp_path / "docs" / "ports.md").write_text("# Ports\n\n| Port | Protocol |\n| - | - |\n| 22 | TCP |\n", "utf-8")
    ran = docrules("run", "docs", "--out", "rules.json", cwd=tmp_path)
    assert (ran.code, ran.findings) == (EXIT_CLEAN, [])
    assert "not read: 1 .csv, 1 .tsv (name the file to have its tables read)" in ran.err
    named = extract_paths([tmp_path / "docs", tmp_path / "docs" / "flows.csv"])
    assert (ports(named), named.summary.not_read) == ([443, 22], {".tsv": 1})


def test_explain_shows_the_lines_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "ports.csv").write_text('Protocol,Port,Source\nTCP,443,"A\nlong name"\nUDP,53,B\n', "utf-8")
    docrules("run", "ports.csv", "--out", "rules.json", "--report", "report.json", cwd=tmp_path)
    explained = docrules("explain", "ports:1:1", "--rules", "rules.json", "--docs", ".", cwd=tmp_path).out.decode()
    assert '2 | TCP,443,"A\n' in explained
    assert '3 | long name"\n' in explained


@given(st.text(alphabet='",;\n\r\t|a1 ', max_size=60), st.sampled_from(["csv", "tsv"]))
def test_any_text_is_read_or_refused(text: str, suffix: str) -> None:
    extraction = read(text, f"ports.{suffix}")
    assert "internal-error" not in {found.code for found in extraction.findings}
    assert all(one.line >= 1 for rule in extraction.rules for one in rule.evidence)


WORDS = st.text(alphabet='abc443,; "\n-', min_size=1, max_size=12).filter(lambda text: text.strip() != "")


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=5))
def test_no_word_is_lost(rows: list[tuple[str, str, str]]) -> None:
    import csv
    import html
    import io
    import re

    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows)
    made = delimited.convert(written.getvalue().encode()).text
    shown = "".join(html.unescape(re.sub("<[^>]*>", "", made)).split())
    assert shown == "".join("".join(row) for row in rows).replace(" ", "").replace("\n", "")


def test_what_a_run_writes_beside_the_documents_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "ports.md").write_text("# Ports\n\n| Port | Protocol |\n| - | - |\n| 22 | TCP |\n", "utf-8")
    for _ in range(2):
        ran = docrules("run", ".", "--format", "csv", "--out", "rules.csv", "--no-cache", cwd=tmp_path)
        assert (ran.code, "1 document," in ran.err) == (EXIT_CLEAN, True)


@pytest.mark.parametrize("row", ["#TCP,22,A,B", "# TCP,22,A,B", "//TCP,22,A,B"])
def test_a_row_that_is_commented_out_is_no_rule_and_is_told(row: str) -> None:
    extraction = read(f"{TABLE}{row}\nTCP,80,A,B\n")
    assert ports(extraction) == [443, 80]
    assert [(found.code, found.line) for found in extraction.findings] == [("hidden-content", 3)]
    assert [one.reason for one in extraction.reports[0].tables[0].no_rule] == ["hidden row"]


@pytest.mark.parametrize("text", ["#,Protocol,Port\n#1,TCP,443\n# 2,TCP,80\n", "# Protocol,Port\nTCP,443\nTCP,80\n"])
def test_what_counts_rows_and_the_mark_of_a_header_are_no_comments(text: str) -> None:
    assert ports(read(text)) == [443, 80]
