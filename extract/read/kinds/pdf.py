"""PDF (ISO 32000-2) as HTML: ruled tables, and the text around them, with pages, lines and rows as places.

A PDF knows neither tables nor sentences: it says where signs and lines are drawn. A table is read where lines are drawn around its cells. A
table about whose grid anything is guessed says so, and becomes doubtful.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter

from extract.catalogue import finding
from extract.model import Finding
from extract.read.kinds.converted import Converted
from extract.read.kinds.pdf_file import MAX_PAGES, File
from extract.read.kinds.pdf_furniture import take_off, usual_size
from extract.read.kinds.pdf_grid import Table, html_of, is_broken, joined
from extract.read.kinds.pdf_limits import EncryptedError, PdfError, TooMuchError
from extract.read.kinds.pdf_page import PageContent, read
from extract.read.kinds.pdf_tables import Joined, joined_tables
from extract.read.kinds.pdf_words import Line
from extract.read.kinds.written import Written, escaped
from extract.read.refused import refused
from extract.regex import late

# A heading is so much larger than the text.
_LARGER = 1.12
_HEADING_CHARS = 200
# Lines of a paragraph stand so close, in sizes of their letters.
_CLOSE = 0.8
# Text with the same left edge, in points.
_SAME_EDGE = 15
_BULLET = late("[\u2022\u25cf\u25aa\u25e6\u2023\u2219\u00b7\uf0b7\uf0a7\uf0d8]\\s*", re.UNICODE)
# A page of fewer words that holds a large picture was scanned.
_SCANNED_WORDS = 10
_COLUMNED = "text in columns without lines between them; where that is a table, its rows were read as text"


def convert(data: bytes) -> Converted:
    """Return a PDF as HTML. Raises RefusedError for what is none, is encrypted or damaged, holds no text, or asks for too much."""
    known: Counter[str] = Counter()
    pages: list[PageContent] = []
    damaged: dict[int, str] = {}
    more = False
    try:
        file = File(data)
        for number, page in enumerate(file.each(), 1):
            if isinstance(page, TooMuchError):
                raise page
            if more := number > MAX_PAGES:
                break
            try:
                if isinstance(page, PdfError):
                    raise page
                pages.append(read(page, known))
            except (ArithmeticError, LookupError, TypeError, ValueError, PdfError) as error:
                damaged[number] = str(error)[:200]
                pages.append(PageContent(number))
    except EncryptedError as error:
        message = f"this PDF cannot be read: {error}; save it without one, or read the HTML page of the vendor"
        raise refused(message) from error
    except PdfError as error:
        message = f"this PDF cannot be read: {error}; print it to a new PDF, or read the HTML page of the vendor"
        raise refused(message, code="broken-document") from error
    if not known and not any(page.struck or page.unseen for page in pages):
        why = (
            f"none of its pages can be read ({next(iter(damaged.values()))})"
            if damaged
            else "it holds no text, only pictures of it or nothing"
        )
        message = f"this PDF cannot be read: {why}; print it to a new PDF, or read the HTML page of the vendor"
        raise refused(message, code="broken-document" if damaged else "unsupported-format")
    repeated = take_off(pages)
    return _Document(pages, known).written(tuple(_findings(pages, damaged, repeated, file.said, more)))


def _findings(
    pages: Sequence[PageContent], damaged: Mapping[int, str], repeated: Sequence[int], said_pages: int, more: bool
) -> Iterator[Finding]:
    def pages_with(*, when: Callable[[PageContent], bool]) -> list[int]:
        return [page.number for page in pages if when(page)]

    for numbers, said in (
        ([*damaged], f"cannot be read ({next(iter(damaged.values()), '')}); print the PDF to a new one"),
        (pages_with(when=_is_scanned), "holds a picture of a page and no text, so that nothing of it was read"),
        (pages_with(when=attrgetter("drawn")), "holds a drawing of very many lines, in which no tables were looked for"),
        (pages_with(when=attrgetter("turned")), "holds text that runs up or down, in which no tables were looked for; turn the page"),
        (pages_with(when=attrgetter("struck")), "holds text with a line through it, which was taken as struck out and not read"),
        (repeated, "holds a table that is repeated at the same place, and was taken for the header or the footer of the pages"),
        (pages_with(when=attrgetter("noted")), "holds notes, drawings or fields that were added to it, which were not read"),
        (pages_with(when=attrgetter("columned")), f"holds {_COLUMNED}"),
    ):
        if numbers:
            yield finding("part-not-read", f"{_numbered(numbers)} {said}")
    if len(pages) < said_pages and not more:
        message = f"this PDF says that it has {said_pages:,} pages, and {len(pages):,} of them were found; print the PDF to a new one"
        yield finding("part-not-read", message)
    if unseen := pages_with(when=attrgetter("unseen")):
        message = f"{_numbered(unseen)} holds text in white on white, or on a layer that is turned off, and it was not read"
        yield finding("hidden-content", message)
    if more:
        message = f"this PDF has more than {MAX_PAGES:,} pages, and those behind were not read; cut the pages with rules out of it"
        yield finding("limit-reached", message)


def _numbered(numbers: Sequence[int]) -> str:
    """Return which pages are spoken of: `page 3 (and 5, 7 and 12 more) of this PDF`."""
    if len(numbers) == 1:
        return f"page {numbers[0]} of this PDF"
    rest = ", ".join(map(str, numbers[1:6])) + (f" and {len(numbers) - 6} more" if len(numbers) > 6 else "")
    return f"page {numbers[0]} (and {rest}) of this PDF"


def _is_scanned(page: PageContent) -> bool:
    return page.pictured and _words(page) < _SCANNED_WORDS


def _words(page: PageContent) -> int:
    lines = [block.text for block in page.blocks if isinstance(block, Line)]
    cells = [text for block in page.blocks if isinstance(block, Table) for row in block.rows for cell in row for text in cell.lines]
    return sum(len(text.split()) for text in [*lines, *cells])


class _Document:
    """Writes the pages of a document."""

    def __init__(self, pages: Sequence[PageContent], known: Counter[str]) -> None:
        self._pages = pages
        self._known = known
        self._out = Written()
        self._uncertain: dict[int, str] = {}
        self._tables = 0
        body = usual_size(pages)
        larger = sorted((size for size in set().union(*(page.sizes for page in pages)) if size > _LARGER * body), reverse=True)
        self._levels = {size: min(level, 6) for level, size in enumerate(larger, 1)}

    def written(self, findings: tuple[Finding, ...]) -> Converted:
        joined = joined_tables(self._pages)
        for page in self._pages:
            limits: dict[int, float] = {}
            for line in page.blocks:
                if isinstance(line, Line):
                    limits[int(line.x0 // _SAME_EDGE)] = max(line.x1, limits.get(int(line.x0 // _SAME_EDGE), 0.0))
            run: list[Line] = []
            for block in page.blocks:
                if isinstance(block, Line) and (not run or self._goes_on(run, block, limits)):
                    run.append(block)
                    continue
                self._text(run, page.number)
                run = [block] if isinstance(block, Line) else []
                if isinstance(block, Table) and (table := joined.get(id(block))) is not None:
                    self._table(table)
            self._text(run, page.number)
        return self._out.converted(findings, self._uncertain)

    def _goes_on(self, run: Sequence[Line], line: Line, limits: Mapping[int, float]) -> bool:
        """Return whether a line belongs to the paragraph above it. `limits` says where lines that begin at a place end at most."""
        before = run[-1]
        if line.size != before.size or line.bold != before.bold or _BULLET.match(line.text):
            return False
        if not line.top - before.top >= 0 or line.top - before.bottom > _CLOSE * line.size:
            return False
        edge = int(before.x0 // _SAME_EDGE)
        limit = max(limits.get(near, before.x1) for near in (edge - 1, edge, edge + 1))
        return not is_broken(before, line, limit - before.x0)

    def _text(self, run: Sequence[Line], page: int) -> None:
        if not run:
            return
        text = run[0].text
        for line in run[1:]:
            text = joined(text, line.text, self._known)
        place = f"page {page}, line {run[0].number}"
        level = self._levels.get(run[0].size, 0)
        bullet = _BULLET.match(text)
        if level and len(text) <= _HEADING_CHARS and not bullet and any(map(str.isalnum, text)):
            self._out.line(place, f"<h{level}>{escaped(text)}</h{level}>")
        elif bullet:
            self._out.line(place, f"<ul><li>{escaped(text[bullet.end() :])}</li></ul>")
        else:
            self._out.line(place, f"<p><b>{escaped(text)}</b></p>" if run[0].bold else f"<p>{escaped(text)}</p>")

    def _table(self, table: Joined) -> None:
        self._tables += 1
        if table.uncertain:
            self._uncertain[self._tables] = "; ".join(table.uncertain)
        self._out.line(table.place, "<table>")
        heading = True
        for row in table.rows:
            # What is bold above what is not is a header.
            heading = heading and not table.plain and row.is_bold
            tag = "th" if heading else "td"
            cells = []
            for cell in row.cells:
                spans = "".join(f' {key}="{value}"' for key, value in (("colspan", cell.width), ("rowspan", cell.height)) if value > 1)
                cells.append(f"<{tag}{spans}>{html_of(cell.lines)}</{tag}>")
            self._out.line(row.place, f"<tr>{''.join(cells)}</tr>")
        self._out.line(table.place, "</table>")
        for text in table.outside:
            self._out.line(table.place, f"<p>{escaped(text)}</p>")
