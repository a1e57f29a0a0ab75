"""DOCX files as HTML: what readers see of them, and what is refused."""

import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.read.kinds import docx, docx_xml
from extract.read.refused import RefusedError
from tests.word_files import cell, document, package, paragraph, part, row, run, style, table

FIELD = '<w:fldChar w:fldCharType="{}"/>'
BOX = "<w:txbxContent>{}</w:txbxContent>"
CHANGE = 'w:id="1" w:author="A"'

SHOWN = {
    # What a paragraph is.
    "plain": (paragraph("Open these ports."), "<p>Open these ports.</p>"),
    "markup in text is text": (paragraph("&lt;ip&gt; &amp; &lt;b&gt;"), "<p>&lt;ip&gt; &amp; &lt;b&gt;</p>"),
    "line ends in text are blanks": (paragraph("80\n443"), "<p>80 443</p>"),
    "empty": (paragraph(" "), ""),
    "outline level": (paragraph("Ports", '<w:outlineLvl w:val="1"/>'), "<h2>Ports</h2>"),
    "outline level of body text": (paragraph("Ports", '<w:outlineLvl w:val="9"/>'), "<p>Ports</p>"),
    "outline level that is no number": (paragraph("Ports", '<w:outlineLvl w:val="x"/>'), "<p>Ports</p>"),
    "list": (paragraph("443", '<w:numPr><w:numId w:val="3"/></w:numPr>'), "<ul><li>443</li></ul>"),
    "taken out of its list": (paragraph("443", '<w:numPr><w:numId w:val="0"/></w:numPr>'), "<p>443</p>"),
    # What a run shows.
    "line break": (run("<w:t>80</w:t><w:br/><w:t>443</w:t><w:cr/><w:t>22</w:t>"), "<p>80<br>443<br>22</p>"),
    "page break": (run('<w:t>80</w:t><w:br w:type="page"/><w:t>443</w:t>'), "<p>80 443</p>"),
    "tab": (run("<w:t>80</w:t><w:tab/><w:t>443</w:t>"), "<p>80 443</p>"),
    "hyphens": (run("<w:t>80</w:t><w:noBreakHyphen/><w:t>90</w:t><w:softHyphen/>"), "<p>80\u201190\u00ad</p>"),
    "not hidden": (run("<w:t>80</w:t>", '<w:vanish w:val="0"/>'), "<p>80</p>"),
    "struck out": (run("<w:t>80</w:t>", "<w:strike/>"), "<p><s>80</s></p>"),
    "struck out twice": (run("<w:t>80</w:t>", "<w:dstrike/>"), "<p><s>80</s></p>"),
    "raised": (run("<w:t>1</w:t>", '<w:vertAlign w:val="superscript"/>'), "<p><sup>1</sup></p>"),
    "lowered": (run("<w:t>1</w:t>", '<w:vertAlign w:val="subscript"/>'), "<p><sub>1</sub></p>"),
    "raised by hand": (
        '<w:p><w:r><w:t>443</w:t></w:r><w:r><w:rPr><w:position w:val="6"/></w:rPr><w:t>1</w:t></w:r></w:p>',
        "<p>443<sup>1</sup></p>",
    ),
    "all of it raised": (run("<w:t>443</w:t>", '<w:position w:val="6"/>'), "<p>443</p>"),
    "bold": (run("<w:t>Inbound</w:t>", "<w:b/>"), "<p><b>Inbound</b></p>"),
    "tick": (run('<w:sym w:font="Wingdings" w:char="F0FC"/>'), "<p>\u2713</p>"),
    "arrow": (run('<w:sym w:font="Symbol" w:char="00AE"/>'), "<p>\u2192</p>"),
    "symbol of a font that nobody knows": (run('<w:sym w:font="Ours" w:char="F041"/>'), "<p>\uf041</p>"),
    "symbol without a number": (run('<w:sym w:font="Ours" w:char="D800"/>'), "<p>\ufffd</p>"),
    "alternative text": (
        run('<w:drawing><wp:inline><wp:docPr id="1" name="p" descr="&lt;yes&gt;"/></wp:inline></w:drawing>'),
        '<p><img alt="&lt;yes&gt;"></p>',
    ),
    "formula": ("<w:p><m:oMath><m:r><m:t>n+1</m:t></m:r></m:oMath></w:p>", "<p>n+1</p>"),
    "ruby": (run("<w:ruby><w:rt><w:r><w:t>a</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>b</w:t></w:r></w:rubyBase></w:ruby>"), "<p>b</p>"),
    # What stands around content.
    "field": (
        f"<w:p><w:r>{FIELD.format('begin')}</w:r><w:r><w:instrText>REF x</w:instrText><w:t>no</w:t></w:r>"
        f"<w:r>{FIELD.format('separate')}</w:r><w:r><w:t>443</w:t></w:r><w:r>{FIELD.format('end')}</w:r><w:r><w:t>/tcp</w:t></w:r></w:p>",
        "<p>443/tcp</p>",
    ),
    "simple field": ('<w:p><w:fldSimple w:instr="REF x"><w:r><w:t>443</w:t></w:r></w:fldSimple></w:p>', "<p>443</p>"),
    "field that nothing ends": (
        run('<w:fldChar w:fldCharType="begin"/><w:instrText>REF x</w:instrText><w:t>443</w:t>') + paragraph("80"),
        "<p>443</p>\n<p>80</p>",
    ),
    "letters that are drawn": (run('<w:pict><v:shape><v:textpath string="No longer used"/></v:shape></w:pict>'), "<p>No longer used</p>"),
    "ticked box": (
        run('<w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar>'),
        "<p>\u2612</p>",
    ),
    "chosen from a list": (
        run(
            '<w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="TCP"/>'
            '<w:listEntry w:val="UDP"/></w:ddList></w:ffData></w:fldChar>'
        ),
        "<p>UDP</p>",
    ),
    "link": ('<w:p><w:hyperlink r:id="x"><w:r><w:t>443</w:t></w:r></w:hyperlink></w:p>', "<p>443</p>"),
    "content control": (f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph('443')}</w:sdtContent></w:sdt>", "<p>443</p>"),
    "content control in a line": ("<w:p><w:sdt><w:sdtContent><w:r><w:t>443</w:t></w:r></w:sdtContent></w:sdt></w:p>", "<p>443</p>"),
    "markup of other programs": (f"<w:customXml>{paragraph('443')}</w:customXml>", "<p>443</p>"),
    "smart tag": ("<w:p><w:smartTag><w:r><w:t>443</w:t></w:r></w:smartTag></w:p>", "<p>443</p>"),
    "text box, once": (
        run(
            f"<mc:AlternateContent><mc:Choice Requires='x'><w:drawing>{BOX.format(paragraph('boxed'))}</w:drawing></mc:Choice>"
            f"<mc:Fallback><w:pict>{BOX.format(paragraph('boxed'))}</w:pict></mc:Fallback></mc:AlternateContent><w:t>beside</w:t>"
        ),
        "<p>beside</p>\n<p>boxed</p>",
    ),
    # Tables.
    "table": (table(row("Port", "Source"), row("443", "any")), "<table>\n<tr>Port|Source</tr>\n<tr>443|any</tr>\n</table>"),
    "header rows": (
        table(row("Port", properties="<w:tblHeader/>"), row("443"), row("80", properties="<w:tblHeader/>")),
        "<table>\n<tr><th>Port</th></tr>\n<tr>443</tr>\n<tr>80</tr>\n</table>",
    ),
    "row in a content control": (
        table(row("Port"), f"<w:sdt><w:sdtContent>{row('443')}</w:sdtContent></w:sdt>"),
        "<table>\n<tr>Port</tr>\n<tr>443</tr>\n</table>",
    ),
    "cell in a content control": (
        table(row("Port", "Source"), row(f"<w:sdt><w:sdtContent>{cell('443')}</w:sdtContent></w:sdt>", "any")),
        "<table>\n<tr>Port|Source</tr>\n<tr>443|any</tr>\n</table>",
    ),
    "cell over columns": (
        table(row(cell("Ports", '<w:gridSpan w:val="2"/>')), row("80", "443")),
        '<table>\n<tr><td colspan="2">Ports</td></tr>\n<tr>80|443</tr>\n</table>',
    ),
    "cell over rows": (
        table(row(cell("any", '<w:vMerge w:val="restart"/>'), "80"), row(cell("", "<w:vMerge/>"), "443"), row("one", "22")),
        '<table>\n<tr><td rowspan="2">any</td><td>80</td></tr>\n<tr>443</tr>\n<tr>one|22</tr>\n</table>',
    ),
    "cell over rows that begins anew": (
        table(row(cell("a", '<w:vMerge w:val="restart"/>')), row(cell("b", '<w:vMerge w:val="restart"/>')), row(cell("", "<w:vMerge/>"))),
        '<table>\n<tr>a</tr>\n<tr><td rowspan="2">b</td></tr>\n<tr></tr>\n</table>',
    ),
    "cells merged as Word 97 did": (
        table(row(cell("a", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), "b")),
        '<table>\n<tr><td colspan="2">a</td><td>b</td></tr>\n</table>',
    ),
    "row that begins with a gap": (
        table(row("Source", "Port"), row("443", properties='<w:gridBefore w:val="1"/>')),
        "<table>\n<tr>Source|Port</tr>\n<tr>|443</tr>\n</table>",
    ),
    "row that ends early": (
        table(row("Port", "Note"), row("443", properties='<w:gridAfter w:val="1"/>')),
        "<table>\n<tr>Port|Note</tr>\n<tr>443|</tr>\n</table>",
    ),
    "lines of a cell": (
        table(row(cell(paragraph("80") + paragraph("443", '<w:numPr><w:numId w:val="3"/></w:numPr>')))),
        "<table>\n<tr><td><p>80</p><ul><li>443</li></ul></td></tr>\n</table>",
    ),
    "heading in a cell": (
        table(row(cell(paragraph("Ports", '<w:outlineLvl w:val="0"/>')))),
        "<table>\n<tr>Ports</tr>\n</table>",
    ),
    "table in a cell": (
        table(row(cell(table(row("443")) + paragraph("below")))),
        "<table>\n<tr><td>\n<table>\n<tr>443</tr>\n</table>\n<p>below</p></td></tr>\n</table>",
    ),
}  # fmt: skip


def _plain(html: str) -> str:
    """Shorten rows of cells that hold one paragraph: `<tr>80|443</tr>`."""
    html = re.sub(r"(<t[dh][^>]*>)<p>((?:(?!</?p>|</t[dh]>).)*)</p>(</t[dh]>)", r"\1\2\3", html)
    return re.sub(r"<tr>((?:<td>(?:(?!<).)*</td>)*)</tr>", lambda one: f"<tr>{one[1][4:-5].replace('</td><td>', '|')}</tr>", html)


@pytest.mark.parametrize("strict", [False, True], ids=["transitional", "strict"])
@pytest.mark.parametrize("case", SHOWN)
def test_readers_see(case, strict):
    body, shown = SHOWN[case]
    found = docx.convert(document(body, strict=strict))
    assert _plain(found.text).rstrip("\n") == shown
    assert not found.findings and not found.uncertain


CHANGED = {
    "field of which the end was deleted": (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:del><w:r><w:fldChar w:fldCharType="end"/></w:r></w:del></w:p>'
        + paragraph("80"),
        "<p>80</p>",
    ),
    "inserted": (f"<w:p><w:ins {CHANGE}><w:r><w:t>443</w:t></w:r></w:ins></w:p>", "<p>443</p>"),
    "deleted": (f"<w:p><w:del {CHANGE}><w:r><w:delText>80</w:delText></w:r></w:del><w:r><w:t>443</w:t></w:r></w:p>", "<p>443</p>"),
    "moved": (
        f"<w:p><w:moveFrom {CHANGE}><w:r><w:t>80</w:t></w:r></w:moveFrom><w:moveTo {CHANGE}><w:r><w:t>443</w:t></w:r></w:moveTo></w:p>",
        "<p>443</p>",
    ),
    "deleted row": (table(row("80", properties=f"<w:del {CHANGE}/>"), row("443")), "<table>\n<tr>443</tr>\n</table>"),
    "inserted row": (table(row("443", properties=f"<w:ins {CHANGE}/>")), "<table>\n<tr>443</tr>\n</table>"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_tracked_changes_are_accepted_and_said(case):
    body, shown = CHANGED[case]
    found = docx.convert(document(body))
    assert _plain(found.text).rstrip("\n") == shown
    assert [one.code for one in found.findings] == ["changes-accepted"]


@pytest.mark.parametrize(
    ("body", "shown", "said"),
    [
        (run("<w:t>80</w:t>", "<w:vanish/>"), "", "0 rows of tables and 1 pieces"),
        (
            table(row("80", properties='<w:trHeight w:val="1" w:hRule="exact"/>'), row("443")),
            "<table>\n<tr>443</tr>\n</table>",
            "1 rows of tables and 0 pieces",
        ),
        (table(row("80", properties="<w:hidden/>"), row("443")), "<table>\n<tr>443</tr>\n</table>", "1 rows of tables and 0 pieces"),
    ],
)
def test_what_is_hidden_is_not_read_and_said(body, shown, said):
    found = docx.convert(document(body))
    assert _plain(found.text).rstrip("\n") == shown
    assert [(one.code, one.message.startswith(said)) for one in found.findings] == [("hidden-content", True)]


STYLES = (
    style("Normal", "Normal", more='w:default="1"')
    + style("berschrift1", "heading 1")
    + style("Chapter", "Chapter", '<w:basedOn w:val="berschrift1"/>')
    + style("Own", "Own", '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>')
    + style("Titel", "Title")
    + style("Beschriftung", "caption")
    + style("Verzeichnis1", "toc 1")
    + style("Bullets", "Bullets", '<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>')
    + style("Secret", "Secret", "<w:rPr><w:vanish/></w:rPr>")
    + style("Round", "Round", '<w:basedOn w:val="Trip"/>')
    + style("Trip", "Trip", '<w:basedOn w:val="Round"/>')
)


def _styled(name: str, text: str = "Ports") -> str:
    return paragraph(text, f'<w:pStyle w:val="{name}"/>')


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (_styled("berschrift1"), "<h1>Ports</h1>"),
        (_styled("Chapter"), "<h1>Ports</h1>"),
        (_styled("Own"), "<h3>Ports</h3>"),
        (_styled("Titel", "Guide") + _styled("berschrift1"), "<h1>Guide</h1>\n<h2>Ports</h2>"),
        (_styled("Bullets", "443"), "<ul><li>443</li></ul>"),
        (_styled("Secret"), ""),
        (_styled("Round"), "<p>Ports</p>"),
        (_styled("Nowhere"), "<p>Ports</p>"),
        (_styled("Verzeichnis1", "Inbound ports 4"), ""),
        (_styled("Beschriftung", "Table 1") + table(row("443")), "<table>\n<caption>Table 1</caption>\n<tr>443</tr>\n</table>"),
        (table(row("443")) + _styled("Beschriftung", "Table 1"), "<table>\n<tr>443</tr>\n</table>\n<p>Table 1</p>"),
        (_styled("Beschriftung", "Figure 1") + paragraph("Text"), "<p>Figure 1</p>\n<p>Text</p>"),
    ],
)
def test_styles_are_known_by_their_built_in_names_and_what_they_are_based_on(body, shown):
    assert _plain(docx.convert(document(body, styles=STYLES)).text).rstrip("\n") == shown


def test_a_note_stands_behind_the_table_that_refers_to_it_and_its_mark_is_no_digit_of_a_port():
    mark = '<w:p><w:r><w:t>443</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r></w:p>'
    notes = f'<w:footnote w:id="7">{paragraph("Only for upgrades.")}</w:footnote>'
    found = docx.convert(document(table(row("Port"), row(cell(mark))) + paragraph("After"), footnotes=notes))
    assert "<td><p>443<sup>1</sup></p></td>" in found.text
    assert found.text.endswith("</table>\n<p><sup>1</sup> Only for upgrades.</p>\n<p>After</p>\n")


def test_each_line_has_a_place_that_a_person_can_follow():
    found = docx.convert(document(paragraph("Ports") + table(row("Port"), row(cell(table(row("443")))))))
    places = [(found.at[place], line) for place, line in zip(found.lines, found.text.splitlines(), strict=True)]
    assert places == [
        ("paragraph 1", "<p>Ports</p>"),
        ("table 1", "<table>"),
        ("table 1, row 1", "<tr><td><p>Port</p></td></tr>"),
        ("table 1, row 2", "<tr><td>"),
        ("table 2", "<table>"),
        ("table 2, row 1", "<tr><td><p>443</p></td></tr>"),
        ("table 2", "</table>"),
        ("table 1, row 2", "</td></tr>"),
        ("table 1", "</table>"),
    ]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ((cell("80", "<w:vMerge/>"),), "goes on from above"),
        ((cell("80", '<w:cellDel w:id="1"/>'),), "deleted"),
        ((cell("80", '<w:cellMerge w:id="1" w:vMerge="cont"/>'),), "merged or split"),
        ((cell("80", '<w:hMerge w:val="restart"/>'), cell("443", "<w:hMerge/>")), "words of its own"),
    ],
)
def test_a_table_whose_grid_is_uncertain_says_why(cells, why):
    found = docx.convert(document(table(row("Port")) + table(row(*cells))))
    assert list(found.uncertain) == [2]
    assert why in found.uncertain[2]


def test_comments_are_not_read_and_said():
    found = docx.convert(document(run('<w:t>443</w:t><w:commentReference w:id="0"/>')))
    assert [(one.code, one.message[:10]) for one in found.findings] == [("part-not-read", "1 comment ")]


def test_what_is_embedded_is_said_and_not_lost_silently():
    found = docx.convert(
        document(
            run('<w:object><o:OLEObject Type="Embed"/></w:object>')
            + run("<w:drawing><c:chart/></w:drawing><w:drawing><dgm:relIds/></w:drawing>")
            + '<w:altChunk r:id="x"/><w:p><w:subDoc r:id="y"/></w:p>'
        )
    )
    assert [(one.code, one.message[:2]) for one in found.findings] == [("part-not-read", "5 ")]


def _zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return written.getvalue()


def _damaged() -> bytes:
    data = bytearray(document(paragraph("443" * 1000)))
    place = data.index(b"word/document.xml") + 30
    data[place : place + 20] = bytes(20)
    return bytes(data)


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAUGHS = "<!DOCTYPE w [<!ENTITY a 'lol'>" + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
RELATED = (
    b"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
    b"<Relationship Type='x/officeDocument' Target='../../../etc/passwd'/></Relationships>"
)
REFUSED = {
    "nothing": (b"", "unsupported-format", "no Word document"),
    "text": (b"Ports: 443", "unsupported-format", "no Word document"),
    "before 2007, or encrypted": (COMPOUND + bytes(600), "unsupported-format", "password"),
    "cut off": (document(paragraph("443"))[:-40], "broken-document", "cut off"),
    "damaged": (_damaged(), "broken-document", "damaged"),
    "another archive": (_zip({"a.txt": b"443"}), "unsupported-format", "no Word document"),
    "main part missing": (_zip({"_rels/.rels": RELATED}), "unsupported-format", "no part of its archive"),
    "no XML": (package("443", {}), "broken-document", "Start tag expected"),
    "no body": (package(part("document", ""), {}), "broken-document", "no text"),
    "entities": (package(f"{LAUGHS}]><w>&i;</w>", {}), "broken-document", "entities"),
    "a file of the machine": (
        package("<!DOCTYPE w [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><w>&a;</w>", {}),
        "broken-document",
        "entities",
    ),
    "nested elements": (
        package(part("document", "<w:body>" + "<w:sdt>" * 400 + "</w:sdt>" * 400 + "</w:body>"), {}),
        "broken-document",
        "depth",
    ),
    "nested tables": (
        document("<w:tbl><w:tr><w:tc>" * 40 + paragraph("443") + "</w:tc></w:tr></w:tbl>" * 40),
        "broken-document",
        "nested",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_with_what_to_do(case):
    data, code, words = REFUSED[case]
    with pytest.raises(RefusedError) as refused:
        docx.convert(data)
    assert refused.value.found.code == code
    assert words in refused.value.found.message
    assert "root:" not in refused.value.found.message


def test_a_part_that_unpacks_to_more_than_the_limit_is_refused():
    bomb = part("document", "<w:body>" + paragraph(" " * docx_xml.MAX_PART) + "</w:body>")
    with pytest.raises(RefusedError, match="has more than"):
        docx.convert(package(bomb, {}))


def test_a_document_of_very_many_paragraphs_is_refused():
    with pytest.raises(RefusedError, match="paragraphs and cells"):
        docx.convert(document("<w:p/>" * (docx.MAX_PARAGRAPHS + 1)))


_words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)


@given(st.lists(st.lists(_words, min_size=1, max_size=4), min_size=1, max_size=4))
def test_no_word_of_a_table_is_lost(rows):
    written = table(*(row(*(cell(paragraph(text.replace("&", "&amp;").replace("<", "&lt;"))) for text in cells)) for cells in rows))
    from lxml import html

    found = html.fromstring(f"<div>{docx.convert(document(written)).text}</div>")
    shown = [[" ".join(one.text_content().split()) for one in line.iter("td")] for line in found.iter("tr")]
    assert shown == [[" ".join(re.sub("[\u2028\u2029]", " ", text).split()) for text in cells] for cells in rows]


@given(st.data())
def test_a_file_with_any_bytes_changed_is_read_or_refused(data):
    whole = bytearray(document(paragraph("Ports") + table(row("443", "any"))))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = docx.convert(bytes(whole))
    except RefusedError as refused:
        assert refused.found.message
    else:
        assert len(found.lines) == found.text.count("\n")
