"""The source lines of a row or a step. They are read again from the documents, and only if these have not changed."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from extract.model import Cell, Document, TableReport
from extract.publish import originals
from extract.publish.located import Located, Span
from extract.regex import late

Mark = Literal["", "row", "above", "header"]
"""What a line is to a row: the row itself, a cell that spans into it from above, the header of its table, or nothing but near."""

# Lines shown before and behind those of the row, and the most that are shown of a row itself and of what belongs to it.
CONTEXT = 2
MAX_LINES = 24
MAX_OTHER_LINES = 12
# Longer lines are cut: a minified page is one line. What is shown of the row in such a line, and around the row.
MAX_CHARS = 160
MAX_ROW_CHARS = 480
_MARGIN = 24
# A sentence is looked for in so many lines from the one that it begins in, and in a long line by its first signs.
_MAX_STATEMENT_LINES = 4
_KEY_CHARS = 60
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

_TOKEN = late(r"(?P<tag><[^<>]*+>)|(?P<reference>&#?\w{1,32};)|(?P<blank>\s++)|[^<&\s]++|[<&]")


class SourceLine(msgspec.Struct, frozen=True):
    """One line of the file, or of a long one a part; a long line may give several parts."""

    number: int
    text: str
    mark: Mark
    # The place in words, where the file has no lines that people count.
    at: str | None = None

    @property
    def place(self) -> str:
        """The place as people find it."""
        return self.at or str(self.number)


class Excerpt(msgspec.Struct, frozen=True):
    """The lines of a row, and in `problem` what cannot be shown and why."""

    lines: tuple[SourceLine, ...] = ()
    # Lines of the row that are left out at its end.
    omitted: int = 0
    problem: str = ""


class _Part(NamedTuple):
    """A part of a document that is shown, and what it is to the row."""

    span: Span
    mark: Mark


class Sources:
    """The documents of a run; each is read once."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder that paths of documents are relative to, None when it is not known."""
        self._folder = folder
        self._known: dict[str, Located | str] = {}

    def excerpt(self, document: Document, table: TableReport, row: int, evidence: Sequence[Mapping[str, str]] = ()) -> Excerpt:
        """Return the lines of a data row, with the header of its table and the cells that span into it.

        `evidence` holds the cells of the rules that are explained: in a key/value table their columns are shown, not the row.
        """
        located = self._located(document)
        if isinstance(located, str):
            return Excerpt(problem=f"{located}, so no source lines are shown")
        index = table.header_rows + row - 1
        if table.table > len(located.grids) or index >= len(located.grids[table.table - 1].rows):
            return Excerpt(problem="this version of docrules reads another table there, so no source lines are shown; run docrules again")
        return _excerpt(located, table, index, evidence)

    def statement(self, document: Document, line: int, said: str, before: tuple[int, int] | None) -> tuple[SourceLine, ...]:
        """Return the lines that hold a text that begins in a line; none when the document cannot be shown.

        `before` is a data row by table and index in the grid: of several places in its line, the last one before the row is taken, without
        a row the last one of all.
        """
        located = self._located(document)
        if isinstance(located, str):
            return ()
        lines = list(located.lines(line, line + _MAX_STATEMENT_LINES - 1))
        count = next(
            (number for number in range(1, len(lines) + 1) if _find(located, lines[0][1].start, lines[number - 1][1].end, said)), 0
        )
        if not count:
            # A cell may stand far below the line that its row begins in; what is not found at all is shown by its first line.
            further = located.lines(line, line + MAX_LINES - 1)
            lines, count = [one for one in further if _find(located, one[1].start, one[1].end, said)] or lines, 1
        place = None
        if before is not None and before[0] <= len(located.grids) and before[1] < len(located.grids[before[0] - 1].rows):
            place = located.row(*before)
        return tuple(
            SourceLine(number, _cut(located, span, _last(located, span, place, said)), "", located.at.get(number))
            for number, span in lines[:count]
        )

    def _located(self, document: Document) -> Located | str:
        """Return a document with its places, or why it cannot be shown."""
        if document.id not in self._known:
            self._known[document.id] = self._read(document)
        return self._known[document.id]

    def _read(self, document: Document) -> Located | str:
        data = originals.content(document, self._folder)
        return data if isinstance(data, str) else Located(data, document.path)


def _excerpt(located: Located, table: TableReport, index: int, evidence: Sequence[Mapping[str, str]]) -> Excerpt:
    row = located.row(table.table, index)
    line = located.grids[table.table - 1].rows[index].line
    problem = "" if row else f"which part of line {line} is the row is not known"
    place = row or next(span for _, span in located.lines(line, line))
    own = _records(located, table, evidence) or [place]
    parts = [_Part(span, "row") for span in own]
    slots = located.grids[table.table - 1].rows[index].slots
    above = [cell for cell in dict.fromkeys(slots) if cell is not None and table.header_rows <= cell.row < index and cell.text]
    parts += [_Part(span, "above") for cell in above if (span := located.cell(table.table, cell))]
    parts += [_Part(span, "header") for number in range(table.header_rows) if (span := located.row(table.table, number))]
    marked: dict[int, list[_Part]] = {}
    omitted = 0
    for mark, limit in (("row", MAX_LINES), ("above", MAX_OTHER_LINES), ("header", MAX_OTHER_LINES)):
        numbers = _touched(located, [part for part in parts if part.mark == mark])
        for number in list(numbers)[:limit]:
            marked.setdefault(number, []).extend(numbers[number])
        omitted += max(len(numbers) - limit, 0) if mark == "row" else 0
    first, last = (located.line_of(offset) for offset in (place.start, max(place.end - 1, place.start)))
    around = [number for number, _ in located.lines(first - CONTEXT, last + CONTEXT)]
    shown = sorted({*marked, *(number for number in around if number < first or (number > last and not omitted))})
    return Excerpt(tuple(found for number in shown for found in _shown(located, number, marked.get(number, ()), row)), omitted, problem)


def _records(located: Located, table: TableReport, evidence: Sequence[Mapping[str, str]]) -> list[Span]:
    """Return the places of the cells of rules that stand in columns; none when the table holds its rules in rows."""
    if table.layout != "key/value" or not evidence:
        return []
    grid = located.grids[table.table - 1]
    wanted = {tuple(cells.values()) for cells in evidence}
    spans: list[Span] = []
    for column in range(1, grid.width):
        cells = [row.slots[column] for row in grid.rows]
        record, title = _texts(cells[table.header_rows :]), _texts(cells[: table.header_rows])
        if wanted & {record, record + title}:
            spans += [span for cell in dict.fromkeys(cells) if cell is not None and (span := located.cell(table.table, cell))]
            if not spans:
                spans = [span for number in range(len(grid.rows)) if (span := located.row(table.table, number))]
    return sorted(set(spans))


def _texts(cells: Sequence[Cell | None]) -> tuple[str, ...]:
    return tuple(cell.text if cell is not None else "" for cell in cells)


def _touched(located: Located, parts: Sequence[_Part]) -> dict[int, list[_Part]]:
    """Return line -> what of the parts stands in it, in the order of the lines."""
    found: dict[int, list[_Part]] = {}
    for part in parts:
        for number, line in located.lines(located.line_of(part.span.start), located.line_of(max(part.span.end - 1, part.span.start))):
            span = Span(max(line.start, part.span.start), min(line.end, part.span.end))
            if located.text[span.start : span.end].strip():
                found.setdefault(number, []).append(_Part(span, part.mark))
    return dict(sorted(found.items()))


def _shown(located: Located, number: int, parts: Sequence[_Part], row: Span | None) -> Iterator[SourceLine]:
    """Yield a line, or of a long one the parts in it. Where the place of the row is not known, no part of the line is claimed."""
    span = next(span for _, span in located.lines(number, number))
    marks: list[Mark] = [mark for mark in ("row", "above", "header") if any(part.mark == mark for part in parts)]
    if span.end - span.start <= MAX_CHARS or not marks or row is None:
        yield SourceLine(number, _cut(located, span, ()), marks[0] if marks else "", located.at.get(number))
        return
    cut = [(min(part.span for part in parts if part.mark == mark), mark) for mark in marks]
    for _, mark in sorted(cut):
        spans = [part.span for part in parts if part.mark == mark]
        yield SourceLine(number, _cut(located, span, spans), mark, located.at.get(number))


def _cut(located: Located, line: Span, spans: Sequence[Span]) -> str:
    """Return a line, or of a long one what is around the spans in it, else its beginning."""
    if line.end - line.start <= MAX_CHARS:
        return located.text[line.start : line.end].replace("\n", " ").expandtabs(2)
    begin = max(line.start, min((span.start for span in spans), default=line.start) - _MARGIN)
    end = max((span.end + _MARGIN for span in spans), default=begin + MAX_CHARS)
    end = min(line.end, end, begin + MAX_ROW_CHARS)
    text = located.text[begin:end].replace("\n", " ").expandtabs(2)
    return (_ELLIPSIS if begin > line.start else "") + text + (_ELLIPSIS if end < line.end else "")


def _last(located: Located, line: Span, row: Span | None, said: str) -> list[Span]:
    """Return the last place of a text in a line, before the row if that is in the line, too; none when the text is not found."""
    within = row is not None and line.start <= row.start < line.end
    found = _find(located, line.start, row.start, said) if row is not None and within else None
    found = found or _find(located, line.start, line.end, said)
    return [found] if found else []


def _find(located: Located, start: int, end: int, said: str) -> Span | None:
    """Return where a text stands in a part of the markup, the last place of several: tags and white space do not count."""
    signs: list[str] = []
    places: list[int] = []
    for token in _TOKEN.finditer(located.text, start, end):
        if token["tag"] or token["blank"]:
            continue
        text = html.unescape(token[0]) if token["reference"] else token[0]
        for place, sign in enumerate(text, token.start()):
            if not sign.isspace():
                signs.append(sign)
                places.append(min(place, token.end() - 1))
    visible, whole = "".join(signs), _key(said)
    # What was repaired, or struck out, is not found as a whole.
    for key in (whole, whole[:_KEY_CHARS]):
        found = visible.rfind(key) if key else -1
        if found >= 0:
            return Span(places[found], places[found + len(key) - 1] + 1)
    return None


def _key(text: str) -> str:
    return "".join(text.split())
