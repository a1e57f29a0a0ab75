"""PDF files as HTML: ruled tables, the text around them, what is uncertain, and what is refused."""

from __future__ import annotations

import re
import zlib

import pytest
from fpdf import FPDF
from fpdf.enums import AccessPermission
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.read.kinds import pdf, pdf_limits
from extract.read.kinds.converted import Converted
from extract.read.refused import RefusedError
from tests.pdf_files import new, rows, text

HEAD = ("Protocol", "Port", "Source")
SENTENCE = "Open these inbound ports on the firewall in front of the server. " * 3


def read(made: FPDF) -> tuple[list[tuple[str, str]], Converted]:
    """Return the lines of what a file becomes, each with its place."""
    found = pdf.convert(bytes(made.output()))
    return [(found.at[place], line) for place, line in zip(found.lines, found.text.splitlines(), strict=True)], found


def drawn(made: FPDF, columns: list[float], heights: list[float], words: dict[tuple[float, float], str]) -> FPDF:
    """Draw rulings and words at places, in millimetres."""
    for x in columns:
        made.line(x, heights[0], x, heights[-1])
    for y in heights:
        made.line(columns[0], y, columns[-1], y)
    for (x, y), said in words.items():
        made.text(x, y, said)
    return made


def test_text_and_a_table_with_places():
    made = new()
    text(made, "Ports", size=16, bold=True)
    text(made, SENTENCE)
    text(made, "Server", bold=True)
    rows(made, [HEAD, ("TCP", "443", "any")])
    lines, found = read(made)
    assert lines == [
        ("page 1, line 1", "<h1>Ports</h1>"),
        ("page 1, line 2", f"<p>{SENTENCE.strip()}</p>"),
        ("page 1, line 4", "<p><b>Server</b></p>"),
        ("page 1, table 1", "<table>"),
        ("page 1, table 1, row 1", "<tr><th>Protocol</th><th>Port</th><th>Source</th></tr>"),
        ("page 1, table 1, row 2", "<tr><td>TCP</td><td>443</td><td>any</td></tr>"),
        ("page 1, table 1", "</table>"),
    ]
    assert not found.findings and not found.uncertain


def test_headings_have_levels_by_their_size():
    made = new()
    for words, size in (("Guide", 20), ("Ports", 16), ("Server", 13), ("Ports again", 16)):
        text(made, words, size=size)
        text(made, SENTENCE)
    shown = re.findall(r"<h(\d)>(.*?)</h", read(made)[1].text)
    assert shown == [("1", "Guide"), ("2", "Ports"), ("3", "Server"), ("2", "Ports again")]


def test_items_of_a_list():
    made = new()
    text(made, "\u00b7 TCP 443")
    assert read(made)[0] == [("page 1, line 1", "<ul><li>TCP 443</li></ul>")]


def test_markup_in_text_is_text():
    made = new()
    text(made, "<b>443</b> & more")
    assert read(made)[0] == [("page 1, line 1", "<p>&lt;b&gt;443&lt;/b&gt; &amp; more</p>")]


def test_headers_and_footers_of_pages_are_left_out():
    made = new(header="Server guide", footer="Page")
    for number in range(3):
        if number:
            made.add_page()
        text(made, f"Chapter {'abc'[number]}. {SENTENCE}")
    shown = read(made)[1].text
    assert "guide" not in shown and "Page" not in shown and shown.count("Chapter") == 3


def _repeating(*tops: tuple[str, str]) -> FPDF:
    """Return a file with pages that begin with a heading and a table of one row, and go on with others."""
    made = new()
    for number, (heading, port) in enumerate(tops):
        if number:
            made.add_page()
        text(made, heading, size=14, bold=True)
        rows(made, [HEAD, ("TCP", port, "any")])
        text(made, "Outbound", size=14, bold=True)
        text(made, SENTENCE)
    return made


def test_headings_and_rows_at_the_top_of_pages_are_no_headers_of_pages():
    found = read(_repeating(*(("Inbound", port) for port in ("443", "8443", "22"))))[1]
    assert found.text.count("<h1>Inbound</h1>") == 3
    assert re.findall(r"<td>(\d+)</td>", found.text) == ["443", "8443", "22"]


@pytest.mark.parametrize("said", ["Version 7", "Page {}"])
def test_a_table_that_is_repeated_on_most_pages_is_left_out_and_told(said):
    found = read(_repeating(*(("Inbound", said.format(number)) for number in (1, 2, 3))))[1]
    assert "<table>" not in found.text
    assert [one.code for one in found.findings] == ["part-not-read"]


def test_a_line_that_stands_on_one_page_alone_is_kept_wherever_it_stands():
    made = new()
    made.text(10, 8, "Only on this page")
    text(made, SENTENCE)
    assert "Only on this page" in read(made)[1].text


def _long(head: bool = True) -> FPDF:
    made = new()
    made.set_auto_page_break(True, 20)
    with made.table(first_row_as_headings=head, text_align="LEFT") as table:
        for cells in [HEAD, *(("TCP", str(8000 + number), "any") for number in range(120))]:
            table.row(list(cells))
    return made


@pytest.mark.parametrize("head", [True, False], ids=["repeated header", "no repeated header"])
def test_a_table_goes_on_from_page_to_page(head):
    lines, found = read(_long(head))
    assert found.text.count("<table>") == 1
    assert found.text.count("Protocol") == 1
    assert re.findall(r"<td>(8\d{3})</td>", found.text) == [str(8000 + number) for number in range(120)]
    assert not found.uncertain
    assert any(place.startswith("page 2, table 1, row") for place, _ in lines)


def test_a_table_with_other_columns_or_another_header_is_another_table():
    for second in (("Name", "Note", "More"), ("Name", "Note")):
        made = new()
        made.set_y(230)
        rows(made, [HEAD, ("TCP", "443", "any")])
        made.add_page()
        rows(made, [second, ("a", "b", "c")[: len(second)]])
        assert read(made)[1].text.count("<table>") == 2


def test_a_table_behind_other_text_that_may_go_on_is_doubtful():
    made = new()
    made.set_y(200)
    rows(made, [HEAD, ("TCP", "443", "any")])
    text(made, "A note below the table.")
    made.add_page()
    with made.table(first_row_as_headings=False, text_align="LEFT") as table:
        table.row(["TCP", "80", "any"])
        table.row(["TCP", "22", "any"])
    found = read(made)[1]
    assert found.text.count("<table>") == 2
    assert found.uncertain == {2: "it may go on from the page before"}


def test_a_row_that_a_page_may_cut_in_two_is_doubtful():
    made = new()
    made.set_y(250)
    rows(made, [HEAD, ("TCP", "443", "any")])
    made.add_page()
    rows(made, [HEAD, ("", "8443", ""), ("TCP", "22", "any")])
    found = read(made)[1]
    assert found.text.count("<table>") == 1
    assert "may be the rest of the row above" in found.uncertain[1]


def test_merged_cells_become_spans():
    made = new()
    with made.table(text_align="LEFT") as table:
        table.row(["Source", "Protocol", "Port"])
        row = table.row()
        row.cell("any", rowspan=2)
        row.cell("TCP")
        row.cell("443")
        table.row(["UDP", "53"])
        row = table.row()
        row.cell("Only for upgrades", colspan=3)
    found = read(made)[1]
    assert '<tr><td rowspan="2">any</td><td>TCP</td><td>443</td></tr>\n<tr><td>UDP</td><td>53</td></tr>' in found.text
    assert '<tr><td colspan="3">Only for upgrades</td></tr>' in found.text
    assert not found.uncertain


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("8080\n8443", "8080<br>8443"),
        ("Used for the communication between the servers of a cluster", "Used for the communication between the servers of a cluster"),
        ("TCP\nUDP\nICMP", "TCP<br>UDP<br>ICMP"),
    ],
)
def test_lines_of_a_cell_are_parted_where_its_author_parted_them(cell, shown):
    made = new()
    rows(made, [("Name", "Value"), ("a", cell)], widths=(1, 1) if "\n" in cell else (4, 1))
    assert f"<td>{shown}</td>" in read(made)[1].text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("The communication. Communi-\ncation ends", "The communication. Communication ends"),
        ("An end-\nuser connects", "An end-user connects"),
        ("1024-\n65535", "1024-65535"),
    ],
)
def test_a_hyphen_goes_where_the_document_knows_the_word_without_it(said, shown):
    made = new()
    first, second = said.split("\n")
    made.text(20, 30, first)
    made.text(20, 34, second)
    assert f"<p>{shown}</p>" in read(made)[1].text


COLUMNS, HEIGHTS = [20.0, 60.0, 100.0], [20.0, 30.0, 40.0]
CELLS = {(22.0, 26.0): "Port", (62.0, 26.0): "Source", (22.0, 36.0): "443", (62.0, 36.0): "any"}


def _missing_line() -> FPDF:
    made = new()
    made.line(20, 20, 100, 20)
    made.line(20, 30, 100, 30)
    made.line(20, 40, 60, 40)
    for x in (20, 60):
        made.line(x, 20, x, 40)
    made.line(100, 20, 100, 30)
    return drawn(made, [20, 20.1], [20, 30], CELLS)


def _turned() -> FPDF:
    made = drawn(new(), COLUMNS, HEIGHTS, CELLS)
    with made.rotation(90, 50, 38):
        made.text(50, 38, "TCP")
    return made


UNCERTAIN = {
    "over a line": (drawn(new(), COLUMNS, HEIGHTS, {**CELLS, (62, 26): "", (24, 26): "Port_and_protocol_of_the_service"}), "reach over"),
    "a line is missing": (_missing_line(), "missing"),
    "turned": (_turned(), "turned"),
    "no line between rows": (
        drawn(new(), COLUMNS, [20.0, 30.0, 60.0], {**CELLS, (22, 42): "80", (62, 42): "one", (22, 48): "22", (62, 48): "two"}),
        "no line between them",
    ),
    "no line between columns": (drawn(new(), [20.0, 100.0], HEIGHTS, CELLS), "columns of it have no line"),
    "a number that is cut": (
        drawn(new(), [20.0, 35.5, 100.0], [20.0, 30.0, 45.0], {**CELLS, (22, 36): "8080,80", (22, 40): "81", (62, 26): "Source"}),
        "cut a word",
    ),
}


@pytest.mark.parametrize("case", UNCERTAIN)
def test_a_table_whose_grid_is_uncertain_says_why(case):
    made, why = UNCERTAIN[case]
    found = read(made)[1]
    assert list(found.uncertain) == [1]
    assert why in found.uncertain[1]


def test_a_table_with_double_lines_has_no_columns_between_them():
    made = drawn(new(), [20, 60, 61.5, 100], HEIGHTS, {**CELLS, (64, 26): "Source", (62, 26): "", (64, 36): "any", (62, 36): ""})
    found = read(made)[1]
    assert "<tr><td>443</td><td>any</td></tr>" in found.text and not found.uncertain


def test_text_in_columns_is_told_of_and_read_column_by_column():
    made = new()
    for line in range(5):
        made.text(20, 30 + 5 * line, f"left {line}")
        made.text(110, 30 + 5 * line, f"right {line}")
    found = read(made)[1]
    assert re.findall(r"left \d|right \d", found.text) == [f"{side} {line}" for side in ("left", "right") for line in range(5)]
    assert [(one.code, "in columns" in one.message) for one in found.findings] == [("part-not-read", True)]


def test_text_that_is_not_painted_is_not_read():
    made = new()
    text(made, "Shown")
    made.text_mode = 3
    text(made, "Secret 443")
    found = read(made)[1]
    assert "Shown" in found.text and "Secret" not in found.text


def _marked(word: str) -> FPDF:
    """Return a file with a table, one word of which is marked up: ~~struck out~~, --underlined--."""
    made = new()
    with made.table(text_align="LEFT", markdown=True) as table:
        for line in (HEAD, ("TCP", f"{word} 22", "any")):
            table.row(list(line))
    return made


def _noted() -> FPDF:
    made = _marked("443")
    width, height = made.w * made.k, made.h * made.k
    left, right = width / 3 + 10, width / 3 + 29
    top = height - 48
    made.add_text_markup_annotation("StrikeOut", "", [left, top, right, top, left, top - 14, right, top - 14])
    return made


def _crossed_row() -> FPDF:
    made = drawn(new(), COLUMNS, [*HEIGHTS, 50.0], {**CELLS, (22, 46): "22", (62, 46): "any"})
    made.line(20, 34.9, 100, 34.9)
    return made


STRUCK = {
    "a word": (_marked("~~443~~"), "<tr><td>TCP</td><td>22</td><td>any</td></tr>"),
    "a part of a word": (_marked("80~~80~~"), "<tr><td>TCP</td><td>80 22</td><td>any</td></tr>"),
    "an annotation": (_noted(), "<tr><td>TCP</td><td>22</td><td>any</td></tr>"),
    "a row": (_crossed_row(), "<tr><td></td><td></td></tr>\n<tr><td>22</td><td>any</td></tr>"),
}


@pytest.mark.parametrize("case", STRUCK)
def test_text_with_a_line_through_it_is_taken_back_and_told(case):
    made, shown = STRUCK[case]
    found = read(made)[1]
    assert shown in found.text.replace("th>", "td>") and not found.uncertain
    assert [(one.code, "line through it" in one.message) for one in found.findings] == [("part-not-read", True)]


def test_an_underlined_word_is_read():
    found = read(_marked("--443--"))[1]
    assert "443 22" in found.text and not found.findings


ROWS = [("TCP", "443", "clients"), ("UDP", "8053", "servers"), ("TCP", "22", "administrators")]


def _close() -> FPDF:
    made = new()
    for line in ROWS:
        for word, width in zip(line, (8, 9, 40), strict=True):
            made.cell(width, 5, word)
        made.ln(5)
    return made


def _upward() -> FPDF:
    made = new()
    with made.rotation(90, 50, 150):
        for index, line in enumerate(ROWS * 2):
            made.text(60, 150 + 5 * index, "   ".join(line))
    return made


@pytest.mark.parametrize(("made", "said"), [(_close(), "in columns"), (_upward(), "runs up or down")], ids=["close", "turned"])
def test_what_may_be_a_table_that_is_not_read_is_told(made, said):
    (finding,) = read(made)[1].findings
    assert finding.code == "part-not-read" and said in finding.message


def test_dots_lead_to_pages_or_to_ports():
    for numbers, told in (((3, 12, 12), False), ((443, 80), True), ((443, 8443), True)):
        made = new()
        for index, number in enumerate(numbers):
            made.text(20, 30 + 20 * index, f"Service {'abc'[index]} ........................ {number}")
        made.text(20, 120, "Text")
        assert ["in columns" in one.message for one in read(made)[1].findings] == [True] * told


def test_a_table_of_which_lines_are_around_some_rows_alone_is_doubtful():
    lines = {(22.0, 46.0): "8443", (62.0, 46.0): "servers"}
    found = read(drawn(new(), COLUMNS, HEIGHTS, {**CELLS, **lines}))[1]
    assert "rows above or below it" in found.uncertain[1]
    assert [one.code for one in found.findings] == ["part-not-read"]


def test_a_sentence_right_below_a_table_is_no_row_of_it():
    found = read(drawn(new(), COLUMNS, HEIGHTS, {**CELLS, (22.0, 46.0): "The servers answer at these ports only."}))[1]
    assert not found.uncertain and not found.findings


def test_what_lies_outside_of_the_page_is_not_read():
    made = new()
    text(made, "Shown")
    made.text(500, 20, "Secret 443")
    assert "Secret" not in read(made)[1].text


def test_a_page_that_was_scanned_is_told_of():
    from PIL import Image

    made = new()
    text(made, SENTENCE)
    made.add_page()
    made.image(Image.new("L", (40, 40)), 0, 0, 210, 297)
    found = read(made)[1]
    assert [(one.code, "page 2 of this PDF holds a picture" in one.message) for one in found.findings] == [("part-not-read", True)]


def test_the_library_writes_nothing(capfd):
    with pytest.raises(RefusedError):
        pdf.convert(b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]>>endobj\n" + b"(" * 50)
    read(_long())
    assert capfd.readouterr() == ("", "")


def made_of(content: bytes, *objects: bytes, stream: bytes = b"", resources: bytes = b"/Font<</F 5 0 R>>") -> bytes:
    """Return a file with one page of some content, written by hand; `objects` begin with number 6."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<" + resources + b">>>>",
        b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), stream, content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *objects,
    ]
    written = b"%PDF-1.7\n"
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return written + end % (len(parts) + 1, table, len(parts) + 1, len(written))


SAID = b"BT /F 12 Tf 50 700 Td (443) Tj ET"
FLATE = b"/Filter/FlateDecode"


def _layered(said: bytes, content: bytes = b"/OC /L BDC BT /F 12 Tf 50 650 Td (8443) Tj ET EMC") -> bytes:
    """Return a file with a layer, object 6, of several layers, object 7, and a form on the layer, object 8."""
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/OC 6 0 R/Length %d>>stream\n%s\nendstream" % (len(SAID), SAID)
    groups = b"<</Type/OCG/Name(Old)>>", b"<</Type/OCMD/OCGs[6 0 R]>>", form.replace(b"443", b"8443")
    resources = b"/Font<</F 5 0 R>>/Properties<</L 6 0 R/M 7 0 R>>/XObject<</X 8 0 R>>"
    catalog = b"<</Type/Catalog/Pages 2 0 R"
    made = made_of(SAID + b" " + content, *groups, resources=resources)
    # The places of objects are found without their table.
    return made.replace(catalog, catalog + b"/OCProperties<</OCGs[6 0 R]/D<<" + said + b">>>>")


UNSEEN = {
    "a layer": _layered(b"/OFF[6 0 R]"),
    "all layers but some": _layered(b"/BaseState/OFF/ON[]"),
    "several layers": _layered(b"/OFF[6 0 R]", b"/OC /M BDC /P BMC EMC BT /F 12 Tf 50 650 Td (8443) Tj ET EMC"),
    "a form on a layer": _layered(b"/OFF[6 0 R]", b"/X Do"),
    "white on white": made_of(SAID + b" 1 1 1 rg BT /F 12 Tf 50 650 Td (8443) Tj ET"),
}
SEEN = {
    "a layer that is on": _layered(b"/ON[6 0 R]"),
    "behind a layer": _layered(b"/OFF[6 0 R]", b"/OC /L BDC EMC EMC BT /F 12 Tf 50 650 Td (8443) Tj ET"),
    "white on black": made_of(SAID + b" 0 g 0 600 500 90 re f 1 g BT /F 12 Tf 50 650 Td (8443) Tj ET"),
    "gray": made_of(SAID + b" 0.9 g BT /F 12 Tf 50 650 Td (8443) Tj ET"),
}


@pytest.mark.parametrize("case", UNSEEN)
def test_what_readers_do_not_see_is_not_read_and_told(case):
    found = pdf.convert(UNSEEN[case])
    assert re.findall(r"\d+", re.sub(r"<[^>]*>", "", found.text)) == ["443"]
    assert [one.code for one in found.findings] == ["hidden-content"]


@pytest.mark.parametrize("case", SEEN)
def test_what_readers_see_is_read(case):
    found = pdf.convert(SEEN[case])
    assert re.findall(r"\d+", re.sub(r"<[^>]*>", "", found.text)) == ["443", "8443"]
    assert not found.findings


PACKED = zlib.compress(SAID)
FORM = b"<</Type/XObject/Subtype/Form%s/Length %d>>stream\n%s\nendstream"
LOST = {
    "packed in a way that nobody knows": (SAID, b"/Filter/Unheard"),
    "packed as a picture": (SAID, b"/Filter[/DCTDecode]"),
    "cut": (PACKED[:-8], FLATE),
    "damaged": (PACKED[:10] + b"\xff" * 10 + PACKED[20:], FLATE),
    "damaged, packed otherwise": (b"\x80\x0b\x60\x50\xff\xff\xff", b"/Filter/LZWDecode"),
    "in another file": (SAID, b"/F(more.txt)"),
    "a form that is missing": (b"/Y Do " + SAID, b""),
    "a form without bounds": (b"/X Do " + SAID, b""),
    "no font": (b"BT 50 700 Td (443) Tj ET", b""),
}


def _two_pages(content: bytes, stream: bytes) -> bytes:
    """Return a file with a second page of some content."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 7 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 8 0 R/Y 99 0 R>>>>>>"
    second = b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), stream, content)
    made = made_of(SAID.replace(b"443", b"8443"), page, second, FORM % (b"", len(SAID), SAID))
    return made.replace(b"/Kids[3 0 R]/Count 1", b"/Kids[3 0 R 6 0 R]/Count 2")


@pytest.mark.parametrize("case", LOST)
def test_a_page_of_which_a_part_is_lost_is_told_of(case):
    found = pdf.convert(_two_pages(*LOST[case]))
    assert found.text == "<p>8443</p>\n"
    assert [(one.code, one.message[:6]) for one in found.findings] == [("part-not-read", "page 2")]


@pytest.mark.parametrize(
    ("content", "stream"),
    [
        (PACKED[:-4] + b"sums", FLATE),
        (PACKED[:-4], FLATE),
        (SAID, b"/Filter/Crypt"),
        (SAID.hex().encode(), b"/Filter[/ASCIIHexDecode]/DecodeParms[]"),
    ],
    ids=["a wrong checksum", "no checksum", "the filter that does nothing", "fewer parameters than filters"],
)
def test_what_loses_nothing_is_read(content, stream):
    found = pdf.convert(_two_pages(content, stream))
    assert "<p>443</p>" in found.text and not found.findings


def test_a_page_that_is_missing_is_told_of():
    (finding,) = pdf.convert(made_of(SAID).replace(b"/Kids[3 0 R]/Count 1", b"/Kids[3 0 R 9 0 R]/Count 2")).findings
    assert finding.code == "part-not-read" and "2 pages, and 1 of them" in finding.message


def test_a_font_whose_signs_cannot_be_told_loses_its_page():
    lost = b"<</Length 4/Filter/Unheard>>stream\nabcd\nendstream"
    with pytest.raises(RefusedError, match="nobody knows"):
        pdf.convert(made_of(SAID, _wide_font(b"") + b"/ToUnicode 7 0 R>>", lost, resources=b"/Font<</F 6 0 R>>"))


@pytest.mark.parametrize("corner", [b"100 0 700 800", b"0 100 600 900", b"-50 -50 600 800"])
def test_text_is_read_wherever_the_sheet_begins(corner):
    x0, y0, x1, y1 = map(int, corner.split())
    content = b"BT /F 12 Tf %d %d Td (443) Tj ET BT /F 12 Tf %d %d Td (8443) Tj ET" % (x1 - 40, y1 - 20, x0 + 5, y0 + 5)
    found = pdf.convert(made_of(content).replace(b"[0 0 600 800]", b"[" + corner + b"]"))
    assert "443" in found.text and "8443" in found.text


RULED = b"50 600 200 100 re S 50 650 m 250 650 l S 150 600 m 150 700 l S "
CELL = b"BT /F 12 Tf 1 0 0 1 %d %d Tm (%s) Tj ET "
IN_CELLS = b"".join(CELL % one for one in ((60, 670, b"Port"), (160, 670, b"Source"), (60, 620, b"443"), (160, 620, b"any")))


def _annotated(*notes: bytes, box: bytes = b"[0 0 600 800]", content: bytes = RULED + IN_CELLS) -> bytes:
    listed = b"/Annots[%s]" % b" ".join(b"%d 0 R" % number for number in range(6, 6 + len(notes)))
    return made_of(content, *notes).replace(b"/MediaBox[0 0 600 800]", b"/MediaBox" + box + listed)


STRIKE = b"<</Type/Annot/Subtype/StrikeOut/Rect[60 617 90 632]%s>>"
QUAD = STRIKE % b"/QuadPoints[60 632 90 632 60 617 90 617]"
# What the page shows upright when it is turned.
TURNED = {
    90: b"0 1 -1 0 600 0 cm ",
    180: b"-1 0 0 -1 600 800 cm ",
    270: b"0 -1 1 0 0 800 cm ",
}


@pytest.mark.parametrize("note", [QUAD, STRIKE % b""], ids=["its lines", "its area"])
@pytest.mark.parametrize("box", [b"[0 0 600 800]", b"[40 100 600 900]", b"[-20 -30 600 800]"])
def test_an_annotation_strikes_out_wherever_the_sheet_begins(note, box):
    found = pdf.convert(_annotated(note, box=box))
    assert "<td></td><td>any</td>" in found.text
    assert ["line through it" in one.message for one in found.findings] == [True]


@pytest.mark.parametrize("angle", TURNED)
def test_an_annotation_strikes_out_on_a_page_that_is_turned(angle):
    corners = {90: (-632, 60, -617, 90), 180: (-90, -632, -60, -617), 270: (617, -90, 632, -60)}[angle]
    left, lower = {90: (600, 0), 180: (600, 800), 270: (0, 800)}[angle]
    x0, y0, x1, y1 = (value + shift for value, shift in zip(corners, (left, lower) * 2, strict=True))
    quad = b"<</Type/Annot/Subtype/StrikeOut/QuadPoints[%s]>>" % " ".join(map(str, (x0, y0, x1, y0, x0, y1, x1, y1))).encode()
    made = _annotated(quad, box=b"[0 0 600 800]/Rotate %d" % angle, content=TURNED[angle] + RULED + IN_CELLS)
    assert "<td></td><td>any</td>" in pdf.convert(made).text


def test_a_table_with_text_that_was_painted_over_is_doubtful():
    for bar, doubtful in ((b"55 615 30 15 re f ", True), (b"1 g 55 615 30 15 re f ", True), (b"300 615 30 15 re f ", False)):
        found = pdf.convert(made_of(RULED + IN_CELLS + bar))
        assert ("painted over" in found.uncertain.get(1, "")) == doubtful
        assert not pdf.convert(made_of(RULED + b"0.9 g 55 615 30 15 re f 0 g " + IN_CELLS)).uncertain


def _with_mark(size: int, rise: int, mark: bytes, before: bytes = b"443", behind: bytes = b"") -> bytes:
    """Return a file with a table, in a cell of which a mark stands between other text."""
    shown = b"/F %d Tf %d Ts (%s) Tj 0 Ts /F 12 Tf" % (size, rise, mark)
    port = b"BT /F 12 Tf 1 0 0 1 60 620 Tm (%s) Tj %s (%s) Tj ET " % (before, shown, behind)
    return made_of(RULED + IN_CELLS.replace(CELL % (60, 620, b"443"), port))


@pytest.mark.parametrize(
    ("made", "cell"),
    [
        (_with_mark(7, 5, b"1"), "443\u00b9"),
        (_with_mark(8, 4, b"12", behind=b", 80"), "443\u00b9\u00b2, 80"),
        (_with_mark(6, 6, b" 1,2"), "443 \u00b9,\u00b2"),
        (_with_mark(8, 5, b"(1)"), "443(\u00b9)"),
        (_with_mark(7, -3, b"1"), "443\u00b9"),
        (_with_mark(7, 5, b"1", b"", b"443"), "\u00b9443"),
        # No marks: what is as large or on the line, a number that is longer, a part of a formula, and what is no number.
        (_with_mark(12, 0, b"1"), "4431"),
        (_with_mark(8, 0, b" 1"), "443 1"),
        (_with_mark(7, 5, b"8080"), "4438080"),
        (_with_mark(7, -3, b"2", b"CO"), "CO2"),
        (_with_mark(7, 5, b"TM", b"Server"), "ServerTM"),
    ],
)
def test_a_small_number_above_or_below_the_line_is_the_mark_of_a_note(made, cell):
    assert f"<td>{cell}</td>" in pdf.convert(made).text.replace("<br>", "")


ADDED = {
    "a line": b"<</Type/Annot/Subtype/Line/Rect[60 620 240 630]/L[60 625 240 625]>>",
    "a text": b"<</Type/Annot/Subtype/FreeText/Rect[60 605 140 640]/Contents(8443)>>",
    "a field": b"<</Type/Annot/Subtype/Widget/FT/Tx/Rect[60 605 140 640]/Parent 7 0 R>>",
}


@pytest.mark.parametrize("case", ADDED)
def test_a_table_below_what_was_added_to_its_page_is_doubtful(case):
    found = pdf.convert(_annotated(ADDED[case], b"<</V(8443)>>"))
    assert "added to the page" in found.uncertain[1]
    assert [one.code for one in found.findings] == ["part-not-read"]


def test_a_comment_beside_a_table_is_told_of_and_what_nobody_sees_is_not():
    comment = b"<</Type/Annot/Subtype/Text/Rect[60 620 70 630]/Contents(443 is closed)>>"
    found = pdf.convert(_annotated(comment))
    assert not found.uncertain and [one.code for one in found.findings] == ["part-not-read"]
    for quiet in (
        ADDED["a line"].replace(b"/L[", b"/F 2/L["),
        b"<</Subtype/Widget/Rect[60 605 140 640]>>",
        b"<</Subtype/Link/Contents(x)>>",
    ):
        found = pdf.convert(_annotated(quiet))
        assert not found.uncertain and not found.findings


MANY = b"/QuadPoints[%s]" % (b"0 " * 8 * 5_001)
TOO_MANY = {
    "annotations": _annotated().replace(b"/Annots[", b"/Annots[" + b"9 0 R " * 5_001),
    "lines that strike out": _annotated(STRIKE % MANY),
    "lines through text": made_of(b"BT /F 12 Tf 50 700 Td (%s) Tj ET " % (b"4" * 1_000) + b"0 704 m 9000 704 l S " * 4_000 + SAID),
    "small numbers at one place": made_of(b"BT /F 12 Tf 1 0 0 1 50 700 Tm (4) Tj /F 6 Tf 1 0 0 1 57 705 Tm (1) Tj " * 1_000 + SAID),
    "areas over text": made_of(
        RULED + IN_CELLS + b"BT /F 12 Tf 50 700 Td (%s) Tj ET " % (b"4" * 1_000) + b"0 700 9 9 re f " * 6_000 + SAID
    ),
    "areas below white text": made_of(b"1 g BT /F 12 Tf 50 700 Td (%s) Tj ET 0 g " % (b"4" * 1_000) + b"0 700 9 9 re f " * 4_000 + SAID),
}


@pytest.mark.parametrize("case", TOO_MANY)
def test_a_page_that_holds_more_of_what_takes_text_back_than_is_looked_at_is_not_read(case):
    with pytest.raises(RefusedError, match="none of its pages can be read"):
        pdf.convert(TOO_MANY[case])


def _form(inner: int) -> bytes:
    content = b"/X Do " * 100 + SAID
    head = b"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>/XObject<</X %d 0 R>>>>/Length %d>>"
    return head % (inner, len(content)) + b"stream\n" + content + b"\nendstream"


def _bomb(layers: int = 1) -> bytes:
    data = bytes(pdf_limits.MAX_STREAM + 100)
    for _ in range(layers):
        data = zlib.compress(data, 9)
    return data


def _wide_font(more: bytes) -> bytes:
    return (
        b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/A"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>" + more + b">>]"
    )


def _map(ranges: bytes) -> bytes:
    content = b"begincmap 1 beginbfrange " + ranges + b" endbfrange endcmap"
    return b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)


WIDE = b"/Font<</F 6 0 R>>"
TOO_MUCH = {
    "unpacks to too much": made_of(_bomb(), stream=FLATE),
    "unpacks twice": made_of(_bomb(2), stream=b"/Filter[/FlateDecode/FlateDecode]"),
    "packed otherwise": made_of(b"\x80" * ((1 << 20) + 1), stream=b"/Filter/LZWDecode"),
    "draws itself over and over": made_of(b"/X Do", *(_form(number) for number in range(7, 15)), resources=b"/XObject<</X 6 0 R>>"),
    "too many characters": made_of(b"BT /F 12 Tf " + b"(%s) Tj " % (b"4" * 1000) * 70 + b"ET"),
    "too many lines": made_of(b"0 0 m 9 9 l S " * (pdf_limits.MAX_PATHS + 1)),
    "a font of very many widths": made_of(SAID, _wide_font(b"/W[0 999999999 500]") + b">>", resources=WIDE),
    "a font of very many codes": made_of(
        SAID, _wide_font(b"") + b"/ToUnicode 7 0 R>>", _map(b"<00000000> <7FFFFFFF> <0041>"), resources=WIDE
    ),
    "very many brackets": made_of(b"BT /F 12 Tf (" + b"(" * 300_000),
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_what_asks_for_too_much_is_refused(case):
    with pytest.raises(RefusedError) as refused:
        pdf.convert(TOO_MUCH[case])
    assert refused.value.found.code == "broken-document"
    assert "damaged" not in refused.value.found.message


def _encrypted() -> bytes:
    made = new()
    text(made, "443")
    made.set_encryption("a", "b", permissions=AccessPermission.none())
    return bytes(made.output())


REFUSED = {
    "nothing": (b"", "broken-document", "no PDF"),
    "text": (b"Ports: 443", "broken-document", "no PDF"),
    "a header alone": (b"%PDF-1.7\n", "broken-document", "no PDF"),
    "no text": (made_of(b""), "unsupported-format", "pictures"),
    "encrypted": (_encrypted(), "unsupported-format", "password"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_with_what_to_do(case):
    data, code, words = REFUSED[case]
    with pytest.raises(RefusedError) as refused:
        pdf.convert(data)
    assert refused.value.found.code == code
    assert words in refused.value.found.message
    assert "HTML page" in refused.value.found.message


@pytest.mark.parametrize(
    "content",
    [
        b"1 " * 40_000 + b"w " * 40_000 + SAID,
        b"q " * 40_000 + SAID,
        b"/X Do " + SAID,
        SAID + b" BI /W 1 /H 1 ID " + b"E" * 20_000,
        b"BT /F 1e308 Tf 1e308 0 0 1e308 1e308 1e308 Tm (443) Tj ET " + SAID,
        b"[ " * 2_000 + SAID,
    ],
    ids=["numbers for nothing", "states", "a form that is missing", "a picture without an end", "numbers without end", "lists"],
)
def test_strange_content_is_read_or_refused(content):
    try:
        assert pdf.convert(made_of(content)).text
    except RefusedError as refused:
        assert refused.found.message


@pytest.mark.parametrize(
    "data",
    [
        made_of(SAID).partition(b"xref")[0] + b"trailer\n<</Root 1 0 R>>\n",
        made_of(SAID).replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]"),
        made_of(SAID).replace(b"/Kids[3 0 R]", b"/Kids[     ]"),
    ],
    ids=["no table of objects", "a tree of pages in itself", "no page in the tree"],
)
def test_a_file_that_readers_repair_is_read(data):
    assert "443" in pdf.convert(data).text


def test_a_page_that_cannot_be_read_is_told_of_and_the_others_are_read():
    made = new()
    text(made, SENTENCE)
    made.add_page()
    for _ in range(pdf_limits.MAX_PATHS + 1):
        made._out("0 0 m 9 9 l S")
    found = read(made)[1]
    assert "firewall" in found.text
    assert [(one.code, one.message[:6]) for one in found.findings] == [("part-not-read", "page 2")]


@settings(max_examples=60)
@given(st.data())
def test_a_file_with_any_bytes_changed_is_read_or_refused(data):
    whole = bytearray(made_of(zlib.compress(SAID), stream=FLATE))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = pdf.convert(bytes(whole))
    except RefusedError as refused:
        assert refused.found.message
    else:
        assert len(found.lines) == found.text.count("\n")


_words = st.text(st.characters(codec="latin-1", categories=("L", "N")), min_size=1, max_size=12)


@settings(max_examples=40)
@given(st.lists(st.lists(_words, min_size=2, max_size=4), min_size=2, max_size=5))
def test_no_word_of_a_table_is_lost(cells):
    made = new()
    rows(
        made,
        [[f"head{column}" for column in range(len(cells[0]))], *[line[: len(cells[0])] for line in cells if len(line) >= len(cells[0])]],
    )
    shown = re.sub(r"<[^>]*>|\s", "", read(made)[1].text)
    for line in cells:
        for word in line[: len(cells[0])] if len(line) >= len(cells[0]) else ():
            assert word in shown
