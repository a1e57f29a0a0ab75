"""DOCX (ISO/IEC 29500-1, WordprocessingML) as HTML, with tables, paragraphs and rows as places.

Read with lxml alone, and not with a library for DOCX. python-docx leaves out rows, cells and text in content controls, insertions and text
boxes. mammoth takes all of these, but shows hidden text, moves the cells of a row that begins with a gap under the wrong columns, knows no
outline levels, and tells no places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from extract.catalogue import finding
from extract.model import Finding
from extract.read.kinds.converted import Converted
from extract.read.kinds.docx_styles import Style, Styles, number_of, outline
from extract.read.kinds.docx_table import Cell, Table
from extract.read.kinds.docx_text import Notes, Text
from extract.read.kinds.docx_xml import Package, attribute, child, is_changed, name, through
from extract.read.kinds.written import Written
from extract.read.refused import refused

# Tables in cells and text boxes in text; people nest two deep.
_MAX_DEPTH = 30
# A manual of 1,500 pages has some 80,000.
MAX_PARAGRAPHS = 300_000


def convert(data: bytes) -> Converted:
    """Return a DOCX file as HTML. Macros, comments, headers and footers are no part of it.

    Raises RefusedError for what is none, is encrypted or damaged, or is larger than is read.
    """
    package = Package(data)
    root = package.document()
    body = child(root, "w:body")
    if body is None:
        raise refused("this Word document holds no text (w:body); open it in Word and save it again", code="broken-document")
    footnotes, endnotes = package.part("footnotes"), package.part("endnotes")
    notes = Notes({"w:footnoteReference": footnotes, "w:endnoteReference": endnotes})
    parts = [part for part in (root, footnotes, endnotes) if part is not None]
    return _Document(Styles(package.part("styles")), notes, parts).read(root, body)


class _Document:
    """Goes through the blocks of a document once."""

    def __init__(self, styles: Styles, notes: Notes, parts: Sequence[etree._Element]) -> None:
        self._styles = styles
        self._notes = notes
        self._text = Text(styles, notes, parts)
        self._written = Written()
        self._uncertain: dict[int, str] = {}
        self._tables = self._paragraphs = self._elsewhere = self._hidden = self._counted = 0
        # Headings stand below the title of the document.
        self._below = 0

    def read(self, root: etree._Element, body: etree._Element) -> Converted:
        self._blocks(body, 0)
        return self._written.converted(tuple(self._findings(root)), self._uncertain)

    def _findings(self, root: etree._Element) -> Iterator[Finding]:
        if is_changed(root):
            message = "this document holds tracked changes; it was read as if all of them were accepted"
            yield finding("changes-accepted", message)
        if self._text.hidden or self._hidden:
            message = f"{self._hidden} rows of tables and {self._text.hidden} pieces of text are hidden in this document and not read"
            yield finding("hidden-content", message)
        if self._text.comments:
            what = "comment is" if self._text.comments == 1 else "comments are"
            message = f"{self._text.comments} {what} in this document and not read; a comment may take back what the text says"
            yield finding("part-not-read", message)
        left = self._elsewhere + self._text.embedded
        if left:
            what = "object or document is" if left == 1 else "objects or documents are"
            message = f"{left} {what} embedded in this document, and nothing of them was read; save them as files of their own"
            yield finding("part-not-read", message)

    def _blocks(self, around: etree._Element, depth: int) -> None:
        """Write the blocks of the body, a text box or a note."""
        caption = ""
        for node in through(around):
            kind = name(node)
            if kind == "w:p":
                caption = self._flush(caption)
                caption = self._paragraph(node, depth)
            elif kind == "w:tbl":
                self._table(node, depth + 1, caption)
                caption = ""
                self._written_notes(depth)
            elif kind in ("w:altChunk", "w:subDoc"):
                self._elsewhere += 1
        self._flush(caption)

    def _flush(self, caption: str) -> str:
        """Write a caption that no table follows."""
        if caption:
            self._written.line(self._place(), f"<p>{caption}</p>")
        return ""

    def _place(self) -> str:
        return f"paragraph {self._paragraphs}"

    def _style(self, paragraph: etree._Element) -> tuple[Style, int, bool]:
        """Return the style of a paragraph, the level of heading that it is, and whether it is an item of a list."""
        properties = child(paragraph, "w:pPr")
        style = self._styles.of(attribute(child(properties, "w:pStyle"), "w:val"), paragraph=True)
        level = outline(properties)
        listed = number_of(properties)
        return style, (style.heading or 0) if level is None else level, style.listed if listed is None else listed > 0

    def _paragraph(self, node: etree._Element, depth: int) -> str:
        """Write a paragraph, and return the text of one that may be the caption of the table that follows."""
        self._paragraphs += 1
        self._count()
        style, level, listed = self._style(node)
        text = self._text.read(node, style)
        caption = ""
        if text and not style.contents:
            if style.caption:
                caption = text
            elif style.title:
                self._written.line(self._place(), f"<h1>{text}</h1>")
                self._below = 1
            elif level:
                level = min(level + self._below, 6)
                self._written.line(self._place(), f"<h{level}>{text}</h{level}>")
            else:
                self._written.line(self._place(), f"<ul><li>{text}</li></ul>" if listed else f"<p>{text}</p>")
        boxes = self._text.boxes()
        if boxes or not caption:
            caption = self._flush(caption)
        self._in_boxes(boxes, depth)
        if not caption:
            self._written_notes(depth)
        return caption

    def _in_boxes(self, boxes: list[etree._Element], depth: int) -> None:
        for box in boxes:
            self._deeper(depth)
            self._blocks(box, depth + 1)

    def _written_notes(self, depth: int) -> None:
        """Write the notes that the blocks above refer to, each with its mark."""
        for mark, note in self._notes.taken():
            texts = [text for one in through(note) if name(one) == "w:p" and (text := self._text.read(one, self._style(one)[0]))]
            shown = f"<sup>{mark}</sup> " if mark else ""
            self._written.line(self._place(), f"<p>{shown}{'<br>'.join(texts)}</p>")
            self._in_boxes(self._text.boxes(), depth)
            for one in through(note):
                if name(one) == "w:tbl":
                    self._table(one, depth + 1, "")

    def _table(self, node: etree._Element, depth: int, caption: str) -> None:
        self._deeper(depth)
        self._tables += 1
        number = self._tables
        table = Table(node)
        self._hidden += table.hidden
        if table.uncertain:
            self._uncertain[number] = table.uncertain
        self._written.line(f"table {number}", "<table>")
        if caption:
            self._written.line(f"table {number}", f"<caption>{caption}</caption>")
        for row in table.rows:
            place = f"table {number}, row {row.number}"
            self._written.line(place, "<tr>")
            for cell in row.cells:
                self._cell(cell, "th" if row.header else "td", place, depth)
            self._written.add("</tr>")
        self._written.line(f"table {number}", "</table>")

    def _cell(self, cell: Cell, tag: str, place: str, depth: int) -> None:
        spans = "".join(f' {key}="{value}"' for key, value in (("colspan", cell.width), ("rowspan", cell.height)) if value > 1)
        self._written.add(f"<{tag}{spans}>")
        if cell.node is not None:
            self._content(cell.node, place, depth)
        self._written.add(f"</{tag}>")

    def _content(self, around: etree._Element, place: str, depth: int) -> None:
        """Write what stands in a cell. A heading in it is a line like others."""
        for node in through(around):
            kind = name(node)
            if kind == "w:p":
                self._count()
                style, _, listed = self._style(node)
                if text := self._text.read(node, style):
                    self._written.add(f"<ul><li>{text}</li></ul>" if listed else f"<p>{text}</p>")
                for box in self._text.boxes():
                    self._deeper(depth)
                    self._content(box, place, depth + 1)
            elif kind == "w:tbl":
                self._table(node, depth + 1, "")
                self._written.begin(place)
            elif kind in ("w:altChunk", "w:subDoc"):
                self._elsewhere += 1

    def _count(self) -> None:
        self._counted += 1
        if self._counted > MAX_PARAGRAPHS:
            message = f"this Word document holds more than {MAX_PARAGRAPHS:,} paragraphs and cells; save what holds the rules on its own"
            raise refused(message)

    def _deeper(self, depth: int) -> None:
        if depth > _MAX_DEPTH:
            message = f"tables and text boxes of this DOCX file are nested more than {_MAX_DEPTH} deep; take them apart"
            raise refused(message, code="broken-document")
