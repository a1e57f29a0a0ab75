"""The lines of a document around one row, read again from the document as it was extracted, and from no other."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import msgspec

from extract.model import Document, Row, TableReport
from extract.read import decode, read

# Lines shown before and behind those of the row, and the most that are shown of a row itself.
CONTEXT = 2
MAX_LINES = 24
# Longer lines are cut: a minified page is one line. What is shown of the row in such a line, and around the row.
MAX_CHARS = 160
MAX_ROW_CHARS = 480
_MARGIN = 24

_ROW_TAG = re.compile(r"<t[rdh](?=[\s>/])", re.IGNORECASE)
_ROW_END = re.compile(r"</(?:tr|tbody|table)\s*>", re.IGNORECASE)
# What stands between rows and belongs to none.
_BETWEEN = re.compile(r"(?:\s|</?t(?:head|body|foot)\b[^<>]*>)*", re.IGNORECASE)
_REFERENCE = r"&#?\w{2,8};"
_TAG = r"<[^<>]{0,200}>"
_WITHIN = rf"(?:{_TAG}){{0,3}}"
# What a long line is searched for: the beginnings of the texts, each within reach of the one before, from so many places.
_KEY_CHARS = 60
_REACH = 2_000
_MAX_STARTS = 10_000
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class SourceLine(msgspec.Struct, frozen=True):
    """One line of the file; `marked` where the row stands. Of a long line, `text` holds a part."""

    number: int
    text: str
    marked: bool


class Excerpt(msgspec.Struct, frozen=True):
    """The lines around a row, or in `problem` why there are none."""

    lines: tuple[SourceLine, ...] = ()
    omitted: int = 0
    # Lines of the row that are left out at its end.
    problem: str = ""


def excerpt(document: Document, table: TableReport, row: int, folder: Path | None) -> Excerpt:
    """Return the lines around a data row; `folder` is what the path of the document is relative to."""
    if folder is None:
        return Excerpt(problem="the folder of the documents is not known, so no source lines are shown; name it with --docs")
    path = PurePosixPath(document.path)
    if path.is_absolute() or ".." in path.parts:
        return Excerpt(problem=f"the path {document.path} leaves the folder of the documents, so no source lines are shown")
    try:
        data = (folder / path).read_bytes()
    except OSError as error:
        return Excerpt(problem=f"{folder / path} cannot be read ({error.strerror or error}), so no source lines are shown")
    if hashlib.sha256(data).hexdigest() != document.sha256:
        return Excerpt(problem=f"{folder / path} has changed since it was extracted, so no source lines are shown; run docrules again")
    page = read(data, document.path)
    rows = page.grids[table.table - 1].rows if table.table <= len(page.grids) else ()
    index = table.header_rows + row - 1
    if index >= len(rows):
        return Excerpt(problem="this version of docrules reads another table there, so no source lines are shown; run docrules again")
    return _around(_lines(data), rows, index)


def _lines(data: bytes) -> dict[int, str]:
    """Return number -> line, as the data counts lines."""
    decoded = decode.decode(data)
    lines: dict[int, str] = {}
    for number, text in enumerate(decoded.text.split("\n"), 1):
        line = decoded.line(number)
        lines[line] = f"{lines[line]} {text}" if line in lines else text
    return lines


def _around(lines: dict[int, str], rows: Sequence[Row], index: int) -> Excerpt:
    row = rows[index]
    begin = row.line
    end = _end(lines, row, rows[index + 1] if index + 1 < len(rows) else None)
    shown = min(end, begin + MAX_LINES - 1)
    # A cell that spans from a row above stands there.
    own = [cell for cell in dict.fromkeys(row.slots) if cell is not None and cell.text and cell.row == index]
    texts = [" ".join(cell.raw or cell.lines) for cell in own]
    found = []
    for number in range(begin - CONTEXT, shown + 1 + (CONTEXT if shown == end else 0)):
        if number in lines:
            marked = begin <= number <= end
            found.append(SourceLine(number, _cut(lines[number].expandtabs(2), texts if marked else ()), marked))
    return Excerpt(tuple(found), end - shown)


def _end(lines: dict[int, str], row: Row, following: Row | None) -> int:
    """Return the last line of a row: the one before the next row, or where its markup ends; a pipe table has one line for each."""
    last = max([row.line, *(cell.line for cell in row.slots if cell is not None)])
    if not _ROW_TAG.search(lines.get(row.line, "")):
        return row.line
    if following is not None:
        end = max(row.line, following.line - 1)
    else:
        end = next((number for number in range(last, max(lines) + 1) if number in lines and _ROW_END.search(lines[number])), last)
    while end > row.line and _BETWEEN.fullmatch(lines.get(end, "")):
        end -= 1
    return end


def _cut(line: str, texts: Sequence[str]) -> str:
    """Return a line, or of a long one what is around the texts of the row's cells."""
    if len(line) <= MAX_CHARS:
        return line
    begin, end = _span(line, texts)
    first = max(0, begin - _MARGIN)
    last = min(len(line), max(min(end + _MARGIN, first + MAX_ROW_CHARS), first + MAX_CHARS))
    return (_ELLIPSIS if first else "") + line[first:last] + (_ELLIPSIS if last < len(line) else "")


def _span(line: str, texts: Sequence[str]) -> tuple[int, int]:
    """Return the shortest part of a line that holds the texts in their order, else the place of the longest that it holds."""
    patterns = [_pattern(text) for text in texts]
    best: tuple[int, int] | None = None
    for start in itertools.islice(patterns[0].finditer(line), _MAX_STARTS) if patterns else ():
        end = start.end()
        for pattern in patterns[1:]:
            match = pattern.search(line, end, end + _REACH)
            if match is None:
                break
            end = match.end()
        else:
            if best is None or end - start.start() < best[1] - best[0]:
                best = (start.start(), end)
    longest = sorted(texts, key=len, reverse=True)
    return best or next((match.span() for text in longest if (match := _pattern(text).search(line))), (0, 0))


def _pattern(text: str) -> re.Pattern[str]:
    """Return a pattern for the beginning of a cell's text in markup: tags may stand anywhere, references for any sign."""
    words = [_WITHIN.join(map(_sign, word)) for word in text[:_KEY_CHARS].split()]
    return re.compile(rf"(?:\s|{_TAG}|{_REFERENCE}){{1,50}}".join(words))


def _sign(sign: str) -> str:
    return sign if sign.isascii() and sign.isalnum() else rf"(?:{re.escape(sign)}|{_REFERENCE})"
