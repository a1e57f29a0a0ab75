"""Excel workbooks: cells as people see them, places that people can follow, and what is refused."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Color, Font, PatternFill
from openpyxl.worksheet.table import Table as ExcelTable

from extract import Extraction, extract_text
from extract.read.kinds import package
from extract.read.kinds import workbook as reader
from tests.test_cli import EXIT_CLEAN, EXIT_UNREADABLE, docrules

HEADER = ("Protocol", "Port", "Source", "Destination")
ROW = ("TCP", 443, "A", "B")
SHEET = "xl/worksheets/sheet1.xml"


def saved(book: openpyxl.Workbook) -> bytes:
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def sheets(**rows: Sequence[tuple[object, ...]]) -> openpyxl.Workbook:
    """Return a workbook with sheets by name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, content in rows.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    return book


def read(book: openpyxl.Workbook | bytes) -> Extraction:
    return extract_text(book if isinstance(book, bytes) else saved(book), path="ports.xlsx")


def ports(extraction: Extraction) -> list[int | None]:
    return [rule.from_port for rule in extraction.rules]


def left_open(extraction: Extraction) -> list[str | None]:
    return [rule.port_text for rule in extraction.unresolved]


def codes(extraction: Extraction) -> set[str]:
    return {found.code for found in extraction.findings}


def changed(data: bytes, parts: Mapping[str, Callable[[bytes], bytes]]) -> bytes:
    """Return a workbook with parts that are made of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name, lambda content: content)(old.read(name)))
    return out.getvalue()


# --- places -----------------------------------------------------------------------------------------------------------


def test_a_rule_says_its_sheet_and_its_first_cell() -> None:
    book = sheets(Ports=[(), (), (None, *HEADER), (None, *ROW)])
    (rule,) = read(book).rules
    assert (rule.evidence[0].at, rule.evidence[0].row) == ("sheet Ports, B4", 1)


def test_values_from_the_name_of_a_sheet_say_so() -> None:
    extraction = read(sheets(Inbound=[HEADER[:3], ROW[:3]], Outbound=[HEADER[:3], ROW[:3]]))
    assert [rule.direction for rule in extraction.rules] == ["ingress", "egress"]
    assert [(one.at, one.why) for rule in extraction.rules for one in rule.trace if one.field == "direction"] == [
        ("sheet Inbound", "sheet Inbound"),
        ("sheet Outbound", "sheet Outbound"),
    ]


def test_what_a_sheet_says_is_not_about_the_next_one() -> None:
    said = ("All of these rules are for inbound traffic.",)
    extraction = read(sheets(One=[said, (), HEADER[:3], ROW[:3]], Two=[HEADER[:3], ROW[:3]]))
    assert {(rule.direction, rule.evidence[0].table) for rule in extraction.rules} == {("ingress", 1), (None, 2)}


def test_a_finding_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "ports.xlsx").write_bytes(saved(sheets(Ports=[HEADER, ("TCP", "2026-08-10", "A", "B")])))
    ran = docrules("run", "ports.xlsx", "--out", "rules.json", "--sarif", "s.sarif", "--report", "r.json", "-v", cwd=tmp_path)
    assert ran.code == EXIT_CLEAN
    assert "ports.xlsx, sheet Ports, A2: warning: table 1, row 1: " in ran.err
    assert '"name": "sheet Ports, A2"' in (tmp_path / "s.sarif").read_text("utf-8")
    explained = docrules("explain", "ports:1:1", "--rules", "rules.json", "--report", "r.json", "--docs", ".", cwd=tmp_path).out.decode()
    assert "sheet Ports, A2 | TCP | 2026-08-10 | A | B" in explained


# --- cells ------------------------------------------------------------------------------------------------------------


def computed(data: bytes, value: bytes, later: bytes = b"") -> bytes:
    """Return a workbook as a spreadsheet saves it: with the value of each formula, and not to be computed when somebody opens it."""
    return changed(
        data,
        {
            "xl/worksheets/sheet1.xml": lambda content: content.replace(b"<v />", b"<v></v>").replace(b"<v></v>", b"<v>" + value + b"</v>"),
            "xl/workbook.xml": lambda content: content.replace(b'fullCalcOnLoad="1"', later),
        },
    )


def test_a_value_that_is_computed_when_somebody_opens_the_workbook_is_none() -> None:
    """Programs that write formulas without computing them write a zero for their values."""
    data = computed(saved(sheets(Ports=[HEADER, ("TCP", "=440+3", "A", "B")])), b"0", b'fullCalcOnLoad="true"')
    assert (ports(read(data)), left_open(read(data))) == ([], ["{=440+3}"])


@pytest.mark.parametrize("value", [443, 443.0, "443", " 443 ", "=440+3"])
def test_a_whole_number_is_a_port_however_it_is_stored(value: object) -> None:
    data = saved(sheets(Ports=[HEADER, ("TCP", value, "A", "B")]))
    assert (ports(read(computed(data, b"443"))), left_open(read(computed(data, b"443")))) == ([443], [])


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (80443, "#,##0", "80443 (80,443)?"),
        (25587, "#,##0", "25587 (25,587)?"),
        (8443, "#,##0.00", "8443 (8,443)?"),
        (80.443, "General", "80.443"),
        (datetime.date(2026, 8, 10), "d-mmm", "2026-08-10"),
        (datetime.timedelta(hours=87, minutes=23), "[h]:mm", "87:23 h"),
        ("=440+3", "General", "{=440+3}"),
        (8090, "00-00", "8090 (00-00)?"),
        (8090, '00" and "00', '8090 (00" and "00)?'),
        (80, "0%", "80 (0%)?"),
        (1000, "0.00E+00", "1000 (0.00E+00)?"),
        (443, '[>100]"UDP "0;0', '443 ([>100]"UDP "0;0)?'),
        (8080000, "0,", "8080000 (0,)?"),
        (443, '"not "General', "not 443"),
        (443, '"many"', "many"),
        ("443", '"not "@', "not 443"),
        (CellRichText("443", TextBlock(InlineFont(b=True), " only")), '0;0;0;"not "@', "not 443 only"),
        (float("1e300"), "General", str(int(1e300))),
    ],
)
def test_what_a_spreadsheet_made_of_ports_is_no_port(value: object, form: str, shown: str) -> None:
    book = sheets(Ports=[HEADER, ROW, ("TCP", value, "A", "B")])
    book["Ports"]["B3"].number_format = form
    extraction = read(book)
    assert (ports(extraction), left_open(extraction)) == ([443], [shown])
    assert codes(extraction) & {
        *("ambiguous-number", "formula-without-value", "port-not-a-number", "port-partly-understood", "port-out-of-range"),
    }


@pytest.mark.parametrize(("value", "form"), [(80, ";;;"), (80.5, ";;;"), ("80", ";;;"), ("80", ";;;;"), (0, "0;-0;;@"), (80, '""')])
def test_a_value_that_its_format_hides_is_not_read_and_is_told(value: object, form: str) -> None:
    book = sheets(Ports=[HEADER, ROW, ("TCP", value, "A", "B")])
    book["Ports"]["B3"].number_format = form
    extraction = read(book)
    assert (ports(extraction), "hidden-content" in codes(extraction)) == ([443], True)


def test_comments_are_not_read_and_are_told() -> None:
    book = sheets(Ports=[HEADER, ROW])
    book["Ports"]["B2"].comment = Comment("Closed since 5.3.", "us")
    (found,) = read(book).findings
    assert (found.code, found.message.startswith("comment B2 is not read on sheet 'Ports'")) == ("part-not-read", True)


def test_a_sheet_that_shows_no_zeros_has_none() -> None:
    book = sheets(Ports=[HEADER, ROW, ("TCP", 0, "A", "B")])
    book["Ports"].sheet_view.showZeros = False
    assert (ports(read(book)), "hidden-content" in codes(read(book))) == ([443], True)


def test_a_title_that_is_struck_out_says_nothing() -> None:
    book = sheets(Ports=[("Rules for outbound traffic",), HEADER[:3], ROW[:3]])
    assert [rule.direction for rule in read(book).rules] == ["egress"]
    book["Ports"]["A1"].font = Font(strike=True)
    assert [rule.direction for rule in read(book).rules] == [None]


def test_what_has_no_height_or_no_width_is_hidden() -> None:
    data = saved(sheets(Ports=[HEADER, ROW, ("TCP", 22, "A", "B")]))
    thin = {
        SHEET: lambda content: content.replace(b'<row r="3"', b'<row r="3" ht="0" customHeight="1"').replace(
            b"<sheetData>", b'<cols><col min="3" max="3" width="0" customWidth="1"/></cols><sheetData>'
        )
    }
    extraction = read(changed(data, thin))
    assert [(rule.from_port, rule.source) for rule in extraction.rules] == [(443, None)]
    assert "hidden-content" in codes(extraction)


@pytest.mark.parametrize(("value", "form", "port"), [(10000, "#,##0", 10000), (443, "#,##0", 443), (443, "00000", 443), (443, "0.00", 443)])
def test_a_number_that_can_be_one_port_alone_is_that_port(value: int, form: str, port: int) -> None:
    book = sheets(Ports=[HEADER, ("TCP", value, "A", "B")])
    book["Ports"]["B2"].number_format = form
    assert ports(read(book)) == [port]


def test_words_of_a_format_are_part_of_the_cell() -> None:
    book = sheets(Ports=[("Port", "Source", "Destination"), (53, "A", "B")])
    book["Ports"]["A2"].number_format = '"UDP "0'
    assert [(rule.protocol, rule.from_port) for rule in read(book).rules] == [("udp", 53)]


def test_the_mark_of_a_note_is_no_digit_of_a_port() -> None:
    noted = CellRichText("443", TextBlock(InlineFont(vertAlign="superscript"), "1"))
    assert ports(read(sheets(Ports=[HEADER, ("TCP", noted, "A", "B")]))) == [443]


def test_what_is_struck_out_is_taken_back() -> None:
    partly = CellRichText(TextBlock(InlineFont(strike=True), "8080"), " 8443")
    book = sheets(Ports=[HEADER, ROW, ("TCP", 80, "A", "B"), ("TCP", partly, "A", "B")])
    for cell in book["Ports"][3]:
        cell.font = Font(strike=True)
    assert ports(read(book)) == [443, 8443]


def test_text_is_never_markup() -> None:
    book = sheets(Ports=[HEADER, ("TCP", 443, "<b>A</b></td><td>0.0.0.0/0", "B & <script>C")])
    (rule,) = read(book).rules
    assert rule.evidence[0].cells["Source"] == "<b>A</b></td><td>0.0.0.0/0"


# --- what stands where ------------------------------------------------------------------------------------------------


def test_merged_cells_hold_for_all_that_they_cover() -> None:
    book = sheets(Ports=[("Ports of the gate",), HEADER, ROW, (None, 8443, None, "B"), ("Partners",), ("UDP", 53, "C", "D")])
    for merged in ("A1:D1", "A3:A4", "C3:C4", "A5:D5"):
        book["Ports"].merge_cells(merged)
    found = [(rule.protocol, rule.from_port, rule.source and rule.source.name) for rule in read(book).rules]
    assert found == [("tcp", 443, "A"), ("tcp", 8443, "A"), ("udp", 53, "C")]


@pytest.mark.parametrize("merged", [("A1:A2", "D1:D2", "B1:C1"), ("B1:C1",)])
def test_two_rows_may_name_the_columns(merged: tuple[str, ...]) -> None:
    rows = [("Protocol", "Port", None, "Source"), (None, "From", "To", None), ("TCP", 8000, 8010, "A")]
    book = sheets(Ports=rows)
    for one in merged:
        book["Ports"].merge_cells(one)
    extraction = read(book)
    assert [(rule.from_port, rule.to_port, rule.evidence[0].row) for rule in extraction.rules] == [(8000, 8010, 1)]
    assert extraction.unresolved == ()


def test_tables_are_parted_by_blank_rows_and_go_on_below_them() -> None:
    first = [HEADER, ROW, (), ("TCP", 8443, "A", "B")]
    second = [(), ("Protocol", "Source", "Port", "Destination"), ("UDP", "C", 53, "D")]
    extraction = read(sheets(Ports=[*first, *second]))
    assert [(rule.from_port, rule.evidence[0].table) for rule in extraction.rules] == [(443, 1), (8443, 1), (53, 2)]


@pytest.mark.parametrize(
    "above", [("Inbound rules", None, "Version 5.3"), ("Traffic", None, "Ends"), ("Inbound rules", None, None, None, "Version 5.3")]
)
def test_a_row_above_the_header_that_leaves_out_columns_makes_the_table_doubtful(above: tuple[object, ...]) -> None:
    """A table of which that row names the columns holds no rules, and it would be lost."""
    extraction = read(sheets(Ports=[above, HEADER, ROW]))
    assert (extraction.rules, codes(extraction) & {"table-doubtful"}) == ((), {"table-doubtful"})


def test_tables_side_by_side_are_not_read_as_one() -> None:
    extraction = read(sheets(Ports=[(*HEADER, None, *HEADER), (*ROW, None, "UDP", 53, "C", "D")]))
    assert (extraction.rules, [table.verdict for table in extraction.reports[0].tables]) == ((), ["doubtful"])
    assert "an empty column parts it" in extraction.reports[0].tables[0].reason


def test_a_row_below_a_blank_one_goes_on_where_a_cell_of_it_is_a_value_of_its_column() -> None:
    named = ("TCP", "ssh", "C", "B")
    assert ports(read(sheets(Ports=[HEADER, ROW, (), named]))) == [443, 22]
    # The names of columns are no values.
    again = read(sheets(Ports=[HEADER, ROW, (), ("Protocol", "Local port", "Remote", "Destination"), named]))
    assert [table.table for table in again.reports[0].tables] == [1, 2]


WHITE = Font(color="FFFFFFFF")


def _white(sheet: Any) -> None:
    sheet["B3"].font = WHITE


def _white_theme(sheet: Any) -> None:
    sheet["B3"].font = Font(color=Color(theme=0))


def _flat(sheet: Any) -> None:
    sheet.row_dimensions[3].height = 0.75


@pytest.mark.parametrize("change", [_white, _white_theme, _flat])
def test_what_nobody_can_read_is_no_rule_and_is_told(change: Callable[[Any], None]) -> None:
    book = sheets(Ports=[HEADER, ROW, ("TCP", 22, "A", "B")])
    change(book["Ports"])
    extraction = read(book)
    assert (ports(extraction), "hidden-content" in codes(extraction)) == ([443], True)


def test_white_text_with_a_colour_behind_it_is_read() -> None:
    book = sheets(Ports=[HEADER, ROW, ("TCP", 22, "A", "B"), ("TCP", 80, "A", "B"), ("TCP", 81, "A", "B")])
    sheet = book["Ports"]
    for row in sheet["A1:D5"]:
        for cell in row:
            cell.font = WHITE
    for cell in sheet[3]:
        cell.fill = PatternFill("solid", fgColor="FF000000")
    sheet.conditional_formatting.add("A4:D4", FormulaRule(formula=["TRUE"], fill=PatternFill("solid", bgColor="FF000000")))
    sheet.add_table(ExcelTable(displayName="Rules", ref="A1:D2"))
    assert ports(read(book)) == [443, 22, 80]


DRAWN = (
    '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:sp><a:t>{}</a:t></xdr:sp></xdr:wsDr>'
)


@pytest.mark.parametrize(("words", "told"), [("Out of date", True), (" ", False)])
def test_text_in_shapes_is_told(words: str, told: bool) -> None:
    data = io.BytesIO(saved(sheets(Ports=[HEADER, ROW])))
    with zipfile.ZipFile(data, "a") as book:
        book.writestr("xl/drawings/drawing1.xml", DRAWN.format(words))
    extraction = read(data.getvalue())
    assert (ports(extraction), "part-not-read" in codes(extraction)) == ([443], told)


def test_a_sheet_that_strikes_out_on_conditions_is_doubtful() -> None:
    book = sheets(Ports=[HEADER, ROW], Others=[HEADER, ("TCP", 22, "A", "B")])
    book["Ports"].conditional_formatting.add("A2:D9", FormulaRule(formula=['$E2="retired"'], font=Font(strike=True)))
    extraction = read(book)
    assert ports(extraction) == [22]
    assert "table-doubtful" in codes(extraction)


def test_what_is_hidden_is_no_rule_and_is_told() -> None:
    book = sheets(Ports=[(*HEADER, "Owner"), (*ROW, "x"), ("TCP", 22, "A", "B", "y")], Old=[HEADER, ROW])
    book["Ports"].row_dimensions[3].hidden = True
    book["Ports"].column_dimensions["E"].hidden = True
    book["Old"].sheet_state = "veryHidden"
    extraction = read(book)
    assert ports(extraction) == [443]
    assert extraction.rules[0].evidence[0].cells == {"Protocol": "TCP", "Port": "443", "Source": "A", "Destination": "B"}
    assert [one.reason for one in extraction.reports[0].tables[0].no_rule] == ["hidden row"]
    assert [found.message for found in extraction.findings if found.code == "hidden-content"] == [
        "sheet 'Old' is hidden and not read",
        "row 3 is and column E is hidden on sheet 'Ports' and no rule was made of what stands there",
    ]


@pytest.mark.parametrize("rows", [[], [()], [("Nothing here",)], [("A",), ("B",)]])
def test_a_sheet_without_a_table_gives_nothing(rows: list[tuple[object, ...]]) -> None:
    extraction = read(sheets(Ports=rows))
    assert (extraction.rules, extraction.unresolved, codes(extraction)) in (((), (), {"no-table"}), ((), (), {"empty-document"}))


# --- what is refused --------------------------------------------------------------------------------------------------

GOOD = saved(sheets(Ports=[HEADER, ROW]))


def in_sheet(old: bytes, new: bytes) -> bytes:
    data = changed(GOOD, {SHEET: lambda content: content.replace(old, new)})
    assert data != GOOD
    return data


def elsewhere(data: bytes) -> bytes:
    """Return a workbook with its sheet under another name, without a suffix."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name.replace(SHEET, "any/where"), old.read(name).replace(SHEET.encode(), b"any/where"))
    return out.getvalue()


def bomb() -> bytes:
    """Return a workbook with a part that is ten thousand times as large as what it takes."""
    return changed(GOOD, {"docProps/app.xml": lambda _: b" " * (package.MAX_UNPACKED + 1)})


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
REFUSED: Mapping[str, tuple[Callable[[], bytes], str, str]] = {
    "no archive": (lambda: b"Protocol,Port\nTCP,443\n", "unsupported-format", "this is no workbook"),
    "a page": (lambda: b"<html><table><tr><td>443</table>", "unsupported-format", "this is no workbook"),
    "nothing": (lambda: b"", "unsupported-format", "this is no workbook"),
    "cut off": (lambda: GOOD[: len(GOOD) // 2], "broken-document", "damaged or cut off"),
    "encrypted, or of before 2007": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "unsupported-format", "password"),
    "another archive": (lambda: changed(GOOD, {}).replace(b"xl/workbook.xml", b"xl/workbxxx.xml"), "unsupported-format", "xl/workbook.xml"),
    "a bomb": (bomb, "unsupported-format", "when it is unpacked"),
    "entities": (lambda: in_sheet(b"<worksheet", ENTITIES + b"<worksheet"), "broken-document", "declares entities"),
    "entities as UTF-16": (lambda: in_sheet(b"<worksheet", ENTITIES.decode().encode("utf-16-le")), "broken-document", "declares entities"),
    "no XML": (lambda: in_sheet(b"</sheetData>", b"<sheetData>"), "broken-document", "damaged"),
    "a merge of all cells": (
        lambda: in_sheet(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        "unsupported-format",
        "merged cells",
    ),
    "a merge that hides its size": (
        lambda: in_sheet(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="&#65;1:XFD1048576"/></mergeCells>'),
        "broken-document",
        "merged range",
    ),
    "a merge of all cells, elsewhere": (
        lambda: elsewhere(in_sheet(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
        "unsupported-format",
        "merged cells",
    ),
    "entities, elsewhere": (lambda: elsewhere(in_sheet(b"<worksheet", ENTITIES + b"<worksheet")), "broken-document", "declares entities"),
    "too many cells": (lambda: in_sheet(b"</row>", b"<c/>" * (reader.MAX_CELLS + 1) + b"</row>"), "unsupported-format", "300,000 cells"),
    "a place that cannot be": (lambda: in_sheet(b'r="A2"', b'r="A99999999999999999999"'), "broken-document", "lies outside of sheet"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_what_to_do(name: str) -> None:
    make, code, said = REFUSED[name]
    (found,) = read(make()).findings
    assert (found.code, found.severity) == (code, "error")
    assert said in found.message


def test_cells_far_apart_take_no_time() -> None:
    book = sheets(Ports=[HEADER, ROW])
    book["Ports"].cell(1_048_576, 16_384, "far")
    assert ports(read(book)) == [443]


def test_what_is_refused_fails_the_run_and_other_documents_are_read(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "locked.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    (tmp_path / "docs" / "ports.xlsx").write_bytes(GOOD)
    ran = docrules("run", "docs", "--out", "rules.json", cwd=tmp_path)
    assert (ran.code, ran.codes) == (EXIT_UNREADABLE, {"unsupported-format"})
    assert '"sheet Ports, A2"' in (tmp_path / "rules.json").read_text("utf-8")


def test_macros_are_no_part_of_a_workbook() -> None:
    data = io.BytesIO(GOOD)
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\0" * 64)
    assert ports(extract_text(data.getvalue(), path="ports.xlsm")) == [443]


@pytest.mark.parametrize("cut", range(0, len(GOOD), 97))
def test_no_cut_makes_a_defect_of_the_program(cut: int) -> None:
    found: Any = read(GOOD[:cut]).findings
    assert {one.code for one in found} <= {"unsupported-format", "broken-document"}


def test_a_filter_by_words_passes_over_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "ports.xlsx").write_bytes(GOOD)
    ran = docrules("run", "ports.xlsx", "--only-rules", "--out", "rules.json", cwd=tmp_path)
    assert (ran.code, ran.codes) == (EXIT_CLEAN, set())
    assert '"sheet Ports, A2"' in (tmp_path / "rules.json").read_text("utf-8")


def test_the_review_page_says_the_place(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "ports.xlsx").write_bytes(GOOD)
    docrules("run", "docs", "--out", "rules.json", "--report", "report.json", cwd=tmp_path)
    docrules("report", "rules.json", "--docs", "docs", "--html", "report.html", cwd=tmp_path)
    assert 'data-copy="ports.xlsx, sheet Ports, A2">A2</button>' in (tmp_path / "report.html").read_text("utf-8")
