"""PDF files for tests, written with fpdf2."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from tests.kinds import Heading, Item, Paragraph, Part, Parts, Table

_BODY = 9
_SIZES = (22, 19, 17, 15, 13, 11)


def new(*, header: str = "", footer: str = "") -> FPDF:
    """Return a file with an empty page; each page has a header and a footer line where they are given."""

    class _File(FPDF):
        def header(self) -> None:
            if header:
                self.set_font("Helvetica", size=7)
                self.cell(0, 6, f"{header} {self.page_no()}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
                self.set_font("Helvetica", size=_BODY)

        def footer(self) -> None:
            if footer:
                self.set_y(-12)
                self.set_font("Helvetica", size=7)
                self.cell(0, 6, f"{footer} {self.page_no()}")

    made = _File()
    made.set_creation_date(datetime(2020, 1, 1, tzinfo=UTC))
    made.add_page()
    made.set_font("Helvetica", size=_BODY)
    return made


def text(made: FPDF, words: str, *, size: int = _BODY, bold: bool = False) -> None:
    """Write a paragraph."""
    made.set_font("Helvetica", "B" if bold else "", size)
    made.multi_cell(0, size * 0.5, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
    made.ln(3)
    made.set_font("Helvetica", size=_BODY)


def rows(made: FPDF, cells: Sequence[Sequence[str]], widths: Sequence[int] | None = None) -> None:
    """Write a ruled table, the first row bold and repeated on each page."""
    with made.table(col_widths=list(widths) if widths else None, text_align="LEFT") as table:
        for line in cells:
            table.row(list(line))


def written(parts: Parts) -> bytes:
    """Return a document as a PDF."""
    made = new()
    # What sets the size of the text, below every heading.
    for part in parts:
        _write(made, part)
    return bytes(made.output())


def _write(made: FPDF, part: Part) -> None:
    if isinstance(part, Heading):
        text(made, part.text, size=_SIZES[part.level - 1], bold=True)
    elif isinstance(part, Item):
        text(made, f"\u00b7 {part.text}")
    elif isinstance(part, Paragraph):
        text(made, part.text, bold=part.strong)
    else:
        _table(made, part)


def _table(made: FPDF, part: Table) -> None:
    if part.caption:
        text(made, part.caption, bold=True)
    headings = 0
    for slots in part.rows:
        if not all(cell.header for cell in slots if cell is not None):
            break
        headings += 1
    with made.table(text_align="LEFT", num_heading_rows=headings, first_row_as_headings=headings > 0) as table:
        for slots in part.rows:
            row = table.row()
            for cell in slots:
                if cell is not None:
                    row.cell(cell.text, colspan=cell.colspan, rowspan=cell.rowspan)
    made.ln(3)
