"""What a notebook or another tool imports."""

from __future__ import annotations

import gc
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import pandas
import pytest

import extract
from extract import Endpoint, Extraction, Rule, Unresolved, api, extract_paths, extract_text
from extract import pipeline as stage
from extract.cells.reading import Cells
from extract.errors import DocrulesError, UsageError
from extract.interpret import read_tables
from extract.model import COLUMNS, Page, TableReading
from extract.publish import render
from tests import word_files as word

REPO = Path(__file__).resolve().parent.parent
DOCS = REPO / "data" / "docs"

HTML = """<h1>Inbound rules for Web Security Group</h1>
<table>
<tr><th>Protocol</th><th>Port</th><th>Source</th><th>Description</th></tr>
<tr><td>TCP</td><td>443</td><td>Bürorechner</td><td>Zugriff – 日本語</td></tr>
</table>
"""
MARKDOWN = """# Inbound rules for Web Security Group

| Protocol | Port | Source | Description |
| --- | --- | --- | --- |
| TCP | 443 | Bürorechner | Zugriff – 日本語 |
"""


def values(extraction: Extraction) -> list[tuple[Any, ...]]:
    return [(one.protocol, one.from_port, one.to_port, one.source, one.destination, one.description) for one in extraction.rules]


EXPECTED = [("tcp", 443, 443, Endpoint("role", "Bürorechner"), Endpoint("group", "Web Security Group"), "Zugriff – 日本語")]


def test_the_two_lines_of_the_package_docstring_run(tmp_path: Path) -> None:
    code = inspect.cleandoc(extract.__doc__ or "").partition("\n\n")[2]
    assert len(code.splitlines()) == 2
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(json.loads((REPO / "data" / "rules.json").read_text("utf-8"))["rules"])
    assert done.stdout.startswith("tcp 80 Endpoint(kind='group', name='Load Balancer Security Group')\n")


def test_what_maps_a_document_is_offered_in_both_places() -> None:
    assert api.map_document is extract.map_document


def test_everything_that_is_offered_is_there_and_documented() -> None:
    assert extract.__all__ == sorted(extract.__all__)
    for name in extract.__all__:
        assert inspect.getdoc(getattr(extract, name)), name


def test_functions_are_typed() -> None:
    for function in (extract_paths, extract_text):
        hints = get_type_hints(function)
        assert set(hints) == {*inspect.signature(function).parameters, "return"}
        assert hints["return"] is Extraction


def test_import_is_quiet_and_changes_nothing(tmp_path: Path) -> None:
    code = "import warnings, locale, logging; before = list(warnings.filters), locale.setlocale(locale.LC_ALL), logging.root.handlers[:]\n"
    code += "import extract; extract.extract_text('x')\n"
    code += "assert before == (list(warnings.filters), locale.setlocale(locale.LC_ALL), logging.root.handlers[:])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


# --- rows for a table -------------------------------------------------------------------------------------------------

MIXED = """# Inbound rules for Web Security Group

| Protocol | Port | Source | Description |
| --- | --- | --- | --- |
| TCP | 8000-8010 | 10.0.0.0/8 | Consoles |
| ICMP | Echo Request | | Monitoring |
| TCP | Passive range | Load Balancer | |
"""
ROWS = [
    ("rule", "tcp", 8000, 8010, None, "cidr", "10.0.0.0/8", "Consoles", True, None, None, 5),
    ("rule", "icmp", None, None, 8, None, None, "Monitoring", True, None, None, 6),
    ("open", "tcp", None, None, None, "role", "Load Balancer", "", False, "ports", "Passive range", 7),
]


def test_rules_and_open_ones_are_flat_rows() -> None:
    rows = extract_text(MIXED, path="page.md").to_dicts()
    assert all(tuple(row) == COLUMNS for row in rows)
    names = "status protocol from_port to_port icmp_type source_kind source description complete missing port_text line".split()
    assert [tuple(row[name] for name in names) for row in rows] == ROWS
    assert {(row["direction"], row["destination_kind"], row["destination"]) for row in rows} == {("ingress", "group", "Web Security Group")}


def test_the_rows_are_those_of_the_data() -> None:
    found = extract_paths([DOCS])
    rows = found.to_dicts()
    entries: list[Rule | Unresolved] = [*found.rules, *found.unresolved]
    assert [row["id"] for row in rows] == [one.id for one in entries]
    for row, entry in zip(rows, entries, strict=True):
        same = {name: getattr(entry, name) for name in ("action", "direction", "protocol", "from_port", "to_port", "description")}
        place = {name: getattr(entry.evidence[0], name) for name in ("document", "table", "row", "line", "at", "url")}
        assert row.items() >= (same | place).items()


def test_a_row_of_a_file_without_lines_says_its_place_in_words() -> None:
    rows = (("Protocol", "Port", "Source"), ("TCP", "443", "Proxy"))
    page = word.document(word.table(*(word.row(*texts) for texts in rows)))
    found = extract_text(page, path="ports.docx")
    (only,) = found.to_dicts()
    assert only["at"] == found.rules[0].evidence[0].at == "table 1, row 2"
    assert "<td>ports, table 1, row 2</td>" in found._repr_html_()
    assert extract_text(HTML).to_dicts()[0]["at"] is None


def test_without_a_rule_there_is_no_row() -> None:
    assert extract_text("# Nothing").to_dicts() == []


def test_a_data_frame_is_made_of_the_rows() -> None:
    frame = pandas.DataFrame(extract_text(MIXED, path="page.md").to_dicts(), columns=list(COLUMNS))
    assert frame.loc[frame["status"] == "rule", "protocol"].tolist() == ["tcp", "icmp"]


# --- one document as text or bytes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [HTML, MARKDOWN], ids=["html", "markdown"])
def test_text_and_its_bytes_give_the_same(text: str) -> None:
    path = "acme/gate/1.0/page.html" if text is HTML else "acme/gate/1.0/page.md"
    from_text, from_bytes = extract_text(text, path=path), extract_text(text.encode(), path=path)
    assert values(from_text) == EXPECTED
    assert from_text == from_bytes


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_bytes_with_a_byte_order_mark_are_decoded(encoding: str) -> None:
    assert values(extract_text(HTML.encode(encoding))) == EXPECTED


@pytest.mark.parametrize("kind", [None, "html", "markdown"])
def test_html_is_read_as_either_kind(kind: str | None) -> None:
    assert values(extract_text(HTML, kind=kind)) == EXPECTED


@pytest.mark.parametrize(
    ("path", "kind", "found"),
    [
        ("page.md", None, 1),
        ("page.markdown", None, 1),
        ("page.html", None, 0),
        ("page.html", "markdown", 1),
        ("page.md", "html", 0),
        ("page", None, 1),
        ("page.txt", None, 1),
    ],
)
def test_kind_decides_then_the_suffix_then_the_content(path: str, kind: str | None, found: int) -> None:
    assert len(extract_text(MARKDOWN, path=path, kind=kind).rules) == found


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises((ValueError, UsageError), match="scrap"):
        extract_text(HTML, kind="scrap")


@pytest.mark.parametrize("declaration", ['<meta charset="shift_jis">', '<?xml version="1.0" encoding="iso-8859-1"?>'])
def test_a_declared_encoding_does_not_apply_to_text_that_is_decoded_already(declaration: str) -> None:
    extraction = extract_text(declaration + HTML)
    assert values(extraction) == EXPECTED
    assert extraction.findings == ()
    assert extraction.rules[0].evidence[0].cells["Source"] == "Bürorechner"


def test_a_lone_surrogate_in_text_is_replaced() -> None:
    [rule] = extract_text(HTML.replace("Bürorechner", "Büro\ud800rechner")).rules
    assert rule.source == Endpoint("role", "Büro\ufffdrechner")
    assert rule.description == "Zugriff – 日本語"


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("acme/gate/1.0/page.html", ("acme", "gate", "1.0")),
        ("acme/gate/1.0/guide/page.html", ("acme", "gate", "1.0")),
        ("gate/1.0/page.html", (None, None, None)),
        ("page.html", (None, None, None)),
    ],
)
def test_path_names_vendor_product_and_release(path: str, known: tuple[str | None, ...]) -> None:
    [document] = extract_text(HTML, path=path).documents
    assert (document.vendor, document.product, document.release) == known
    assert (document.path, document.id) == (path, path.removesuffix(".html"))


def test_a_document_that_no_file_can_hold_costs_itself_only(tmp_path: Path) -> None:
    # YAML can write half a character of UTF-16, which no encoding of a file has.
    (tmp_path / "a.md").write_text('---\ntitle: "\\ud800"\n---\n' + MARKDOWN, "utf-8")
    (tmp_path / "b.md").write_text(MARKDOWN, "utf-8")
    extraction = extract_paths([tmp_path])
    assert {one.document for rule in extraction.rules for one in rule.evidence} >= {"b"}
    render.rules_json(extraction)
    render.report_json(extraction)


def test_a_defect_of_the_program_costs_the_document_only_that_shows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(page: Page, cells: Cells) -> tuple[TableReading, ...]:
        if page.document.id == "a":
            raise ZeroDivisionError("half a character: \ud800")
        return read_tables(page, cells)

    monkeypatch.setattr(stage, "read_tables", defective)
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(MARKDOWN, "utf-8")
    extraction = extract_paths([tmp_path])
    assert [(found.document, found.code) for found in extraction.findings] == [("a.md", "internal-error")]
    assert "ZeroDivisionError" in extraction.findings[0].message
    assert [rule.evidence[0].document for rule in extraction.rules] == ["b"]
    # The hash is that of the file all the same: who looks into the defect needs to know which file showed it.
    assert len({document.sha256 for document in extraction.documents}) == 1
    render.rules_json(extraction)
    render.report_json(extraction)


@pytest.mark.parametrize("path", ["", ".", "..", "/srv/page.html", "../page.html", "a/../../page.html", "page\ud800.html"])
def test_a_path_that_the_data_cannot_carry_is_a_usage_error(path: str) -> None:
    with pytest.raises(UsageError):
        render.rules_json(extract_text(HTML, path=path))


@pytest.mark.parametrize("nothing", ["", b"", "   ", b"\x00\x01\x02" * 100])
def test_a_document_without_text_is_a_finding_and_no_exception(nothing: str | bytes) -> None:
    extraction = extract_text(nothing)
    assert (extraction.rules, extraction.unresolved, len(extraction.documents)) == ((), (), 1)
    assert len(extraction.findings) == 1


# --- many documents ---------------------------------------------------------------------------------------------------


def test_a_document_gives_the_same_as_file_and_as_bytes(tmp_path: Path) -> None:
    (tmp_path / "acme" / "gate" / "1.0").mkdir(parents=True)
    file = tmp_path / "acme" / "gate" / "1.0" / "page.html"
    file.write_text(HTML, "utf-8")
    assert extract_paths([tmp_path]) == extract_text(HTML, path="acme/gate/1.0/page.html")
    assert extract_paths([file], root=tmp_path) == extract_paths([str(tmp_path)])


def test_the_shipped_documents_give_the_shipped_file() -> None:
    extraction = extract_paths([DOCS], patches=REPO / "data" / "patches", jobs=1)
    assert render.rules_json(extraction) == (REPO / "data" / "rules.json").read_bytes()
    assert render.report_json(extraction) == (REPO / "data" / "report.json").read_bytes()


def test_progress_is_told_of_every_document() -> None:
    calls: list[tuple[int, int]] = []
    extract_paths([DOCS], progress=lambda done, total: calls.append((done, total)))
    total = len(list(DOCS.rglob("*.md")))
    assert calls == [(done, total) for done in range(1, total + 1)]


def test_a_file_as_root_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(HTML, "utf-8")
    with pytest.raises(UsageError):
        extract_paths([tmp_path / "page.html"], root=tmp_path / "page.html")


def test_a_script_without_a_guard_works_and_is_told_what_more_jobs_need(tmp_path: Path) -> None:
    # Processes that are spawned import the script again: what a notebook or a plain script calls must not need them unasked.
    for number in range(70):
        (tmp_path / f"page-{number}.html").write_text(HTML, "utf-8")
    script = tmp_path / "script.py"
    call = "from extract import extract_paths\nprint(len(extract_paths(['.']{}).rules))\n"
    script.write_text(call.format(""))
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "70\n"), done.stderr
    script.write_text(call.format(", jobs=2"))
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert 'lacks `if __name__ == "__main__":`' in done.stderr


def test_a_path_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere") as caught:
        extract_paths([tmp_path / "nowhere"])
    assert isinstance(caught.value, DocrulesError)


def test_no_paths_are_a_usage_error() -> None:
    with pytest.raises(UsageError):
        extract_paths([])


@pytest.mark.parametrize("wrong", [None, 3, b"docs", [b"docs"], [None], "", [Path("docs"), ""]])
def test_what_is_no_path_is_a_usage_error(wrong: Any) -> None:
    with pytest.raises(UsageError, match=r"is no path|is empty"):
        extract_paths(wrong)


def test_paths_may_come_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(MARKDOWN)
    (tmp_path / "b.md").write_text(MARKDOWN)
    assert extract_paths(tmp_path.glob("*.md")).documents == extract_paths([tmp_path / "a.md", tmp_path / "b.md"]).documents


@pytest.mark.parametrize("wrong", [None, 3, Path("ports.html"), [MARKDOWN]])
def test_what_is_no_text_is_a_usage_error(wrong: Any) -> None:
    with pytest.raises(UsageError, match=r"given as text or bytes, and this is .*; extract_paths reads files"):
        extract_text(wrong)
    with pytest.raises(UsageError, match="cannot be the path of a document"):
        extract_text(MARKDOWN, path=wrong)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_of_any_kind_are_read(kind: Any) -> None:
    assert extract_text(kind(MARKDOWN.encode())) == extract_text(MARKDOWN)


def test_one_path_is_taken_as_well_as_several(monkeypatch: pytest.MonkeyPatch) -> None:
    # Text is a sequence of texts to Python: "docs" must not be read as the paths "d", "o", "c" and "s", and "/docs" not as "/" and more.
    monkeypatch.chdir(DOCS.parent)
    several = extract_paths(["docs"])
    assert extract_paths("docs") == several
    assert extract_paths(Path("docs")) == several
    assert len(several.documents) == len(list(DOCS.rglob("*.md")))


PIPES = "| Port | Protocol | Source |\n| --- | --- | --- |\n| 443 | TCP | 10.0.0.0/8 |\n"
CELLS = "<p>Inbound:</p><table><tr><th>Port<th>Protocol<th>Source<tr><td>443<td>TCP<td>10.0.0.0/8</table>"


@pytest.mark.parametrize("text", [PIPES, PIPES.encode(), CELLS, CELLS.encode(), f"---\ntitle: Ports\n---\n{PIPES}"])
def test_a_text_is_known_by_what_it_says(text: str | bytes) -> None:
    assert [rule.from_port for rule in extract_text(text).rules] == [443]


def test_the_suffix_of_a_path_and_a_kind_say_what_a_text_is() -> None:
    assert extract_text(PIPES, path="ports.html").rules == extract_text(PIPES, kind="html").rules == ()
    assert len(extract_text(PIPES, path="ports.md").rules) == 1


def test_findings_are_logged_for_programs_that_embed_this_one(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "docrules"):
        extract_text("| Port | Source |\n| --- | --- |\n| 443 | Proxy |\n")
    (warned,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert warned.name == "docrules"
    assert warned.getMessage().startswith("document:3: neither the row nor the text around the table names a protocol")


def test_the_collector_of_a_program_that_embeds_this_one_is_left_alone(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"page-{number}.md").write_text("# Nothing\n", "utf-8")
    before = gc.get_threshold()
    frozen = gc.get_freeze_count()
    extract_paths(tmp_path)
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, frozen)


def test_without_a_handler_nothing_is_printed() -> None:
    code = "from extract import extract_text; extract_text('| Port | Source |\\n| --- | --- |\\n| 443 | Proxy |\\n')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == run.stderr == ""


# --- the result -------------------------------------------------------------------------------------------------------


def test_a_result_gives_the_file_and_its_complete_rules() -> None:
    found = extract_paths(DOCS)
    assert found.to_json().encode() == extract.rules_json(found) == render.rules_json(found)
    assert found.complete == tuple(rule for rule in found.rules if rule.direction or (rule.source and rule.destination))
    assert found.complete


def test_a_notebook_shows_a_table_of_text() -> None:
    rows = "| 443 | TCP | A &lt;b&gt; B | &lt;script&gt; |\n| 1-2 | UDP |  | x |"
    shown = extract_text(f"| Port | Protocol | Source | Description |\n| --- | --- | --- | --- |\n{rows}")._repr_html_()
    assert "<script" not in shown
    assert "<td>&lt;script&gt;</td>" in shown
    assert "<td>443</td>" in shown
    assert "<td>1-2</td><td>not stated</td>" in shown


def test_a_notebook_shows_the_first_rows_of_many() -> None:
    rows = "".join(f"| {port} | TCP | A |\n" for port in range(1000, 1080))
    shown = extract_text(f"| Port | Protocol | Source |\n| --- | --- | --- |\n{rows}")._repr_html_()
    assert shown.count("<tr>") == 51
    assert shown.endswith("<p>30 more</p>")


def test_a_result_cannot_be_changed() -> None:
    extraction = extract_text(HTML)
    with pytest.raises(AttributeError):
        extraction.rules[0].protocol = "udp"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        extraction.rules = ()  # type: ignore[misc]
    assert isinstance(extraction.rules, tuple)


def test_findings_are_those_of_all_reports() -> None:
    extraction = extract_paths([DOCS])
    assert list(extraction.findings) == [found for report in extraction.reports for found in report.findings]
    counted = {severity: sum(found.severity == severity for found in extraction.findings) for severity in ("error", "warning", "note")}
    assert extraction.summary.findings == counted
    assert {found.document for found in extraction.findings} <= {document.path for document in extraction.documents}


def test_the_summary_counts_what_is_there() -> None:
    extraction = extract_paths([DOCS])
    summary, tables = extraction.summary, [table for report in extraction.reports for table in report.tables]
    assert (summary.documents, summary.rules, summary.unresolved) == (
        len(list(DOCS.rglob("*.md"))),
        len(extraction.rules),
        len(extraction.unresolved),
    )
    assert summary.tables == len(tables)
    assert summary.rule_tables == sum(table.verdict == "rules" for table in tables)
    assert summary.data_rows == sum(table.data_rows for table in tables)
    assert summary.data_rows == summary.rule_rows + summary.unresolved_rows + summary.no_rule_rows


def test_findings_of_reading_and_evidence_count_rows_alike() -> None:
    page = (
        "<table><tr><td><b>Port</b></td><td><b>Protocol</b></td><td><b>Use</b></td></tr>"
        "<tr><td>22</td><td>TCP</td><td>Shell</td></tr><tr><td>443</td><td>TCP</td></tr></table>"
    )
    extraction = extract_text(page)
    (found,) = [found for found in extraction.findings if found.code == "missing-cells"]
    (rule,) = [rule for rule in extraction.rules if rule.from_port == 443]
    assert found.row == rule.evidence[0].row == 2


@pytest.mark.parametrize(
    ("purpose", "action"),
    [
        ("DENY: whatever no other rule lets in", "deny"),
        ("Deny", "deny"),
        ("Blocked.", "deny"),
        ("Drop - nothing else", "deny"),
        ("Implicit deny", "deny"),
        ("Default deny: the end of the list", "deny"),
        ("Deny public access to the port", "deny"),
        ("Denies all SSH from the office", "deny"),
        ("Blocks all other traffic", "deny"),
        ("拒否", "deny"),
        ("Запрещено: прочее", "deny"),
        ("ALLOW: replies to requests that were denied before", "allow"),
        ("Deny list of the mail filter", "allow"),
        ("Block storage", "allow"),
        ("Denies unknown communities", "allow"),
        ("Drop-in replacement", "allow"),
        ("Drop folder", "allow"),
        ("Discard", "allow"),
        ("Rejected invoices, for the clerks", "allow"),
    ],
)
def test_a_description_that_begins_with_denying_makes_a_rule_that_denies(purpose: str, action: str) -> None:
    page = f"| Protocol | Port | Source | Purpose |\n| --- | --- | --- | --- |\n| TCP | 9 | Any | {purpose} |\n| TCP | 80 | Any | Web |\n"
    assert [rule.action for rule in extract_text(page, path="page.md").rules] == [action, "allow"]


def test_an_action_that_is_neither_allow_nor_deny_leaves_the_row_open() -> None:
    page = (
        "<table><tr><th>Action</th><th>Protocol</th><th>Port</th></tr><tr><td>Allow</td><td>TCP</td><td>22</td></tr>"
        "<tr><td>Deny</td><td>TCP</td><td>23</td></tr><tr><td>Mirror</td><td>TCP</td><td>443</td></tr></table>"
    )
    extraction = extract_text(page)
    assert [(rule.action, rule.from_port) for rule in extraction.rules] == [("allow", 22), ("deny", 23)]
    (left_open,) = extraction.unresolved
    assert (left_open.action, left_open.from_port, left_open.missing) == (None, 443, ("action",))
    assert render.rules_json(extraction)


def test_an_icmp_code_that_is_not_understood_does_not_become_every_code() -> None:
    page = (
        "<table><tr><th>Protocol</th><th>ICMP type</th><th>ICMP code</th></tr><tr><td>ICMP</td><td>3</td><td>see list</td></tr>"
        "<tr><td>ICMP</td><td>11</td><td>any</td></tr></table>"
    )
    extraction = extract_text(page)
    assert [(rule.icmp_type, rule.icmp_code) for rule in extraction.rules] == [(11, None)]
    assert [one.port_text for one in extraction.unresolved] == ["see list"]
