"""Comma-separated values and their kin (RFC 4180): cells parted by commas, semicolons, tabs or bars, in any encoding that pages have."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from extract.catalogue import finding
from extract.model import Finding
from extract.read import decode
from extract.read.kinds import tabular
from extract.read.kinds.converted import Converted
from extract.read.kinds.markup import Writer
from extract.read.kinds.tabular import SheetCell, SheetRow
from extract.read.refused import refused
from extract.regex import late

# A file of more is data. The registry of service names, the longest list of ports that there is, has 180,000.
MAX_CELLS = 1_000_000
_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# The score of a file in which each record is one cell.
_ALONE = (False, True, 0, 0)
# So many records say what parts their cells.
_SAMPLE = 200
# What spreadsheets write above the first row to say what parts the cells.
_SEP = late(r'"?sep=(?P<sign>[^\s"])"?[ \t]*(?:\n|\Z)', re.IGNORECASE)


def convert(data: bytes) -> Converted:
    """Return the tables of a file, with what stands above, between and below them.

    Raises RefusedError for a quotation mark that nobody can be sure about, which would make one cell of several rows.
    """
    decoded = decode.decode(data)
    text = decoded.text
    said = _SEP.match(text)
    delimiter = said["sign"] if said else _delimiter(text)
    if text.count(delimiter) + text.count("\n") > MAX_CELLS:
        raise refused(f"this file holds more than {MAX_CELLS:,} cells, which is no documentation; cut the tables of rules out of it")
    records = list(_records("\n" + text[said.end() :] if said else text, delimiter))
    taken_out = set(_commented(records))
    rows = (SheetRow(decoded.line(line), tuple(map(SheetCell, cells)), hidden=line in taken_out) for line, cells in records)
    writer = Writer()
    uncertain = tabular.write(writer, rows)
    return writer.converted((*decoded.findings, *_told(sorted(map(decoded.line, taken_out)))), uncertain)


def _commented(records: Sequence[tuple[int, list[str]]]) -> Iterator[int]:
    """Yield the lines of the rows that are commented out. A header that begins as they do, and what counts rows, are none."""
    rows = [(line, cells) for line, cells in records if sum(map(bool, map(str.strip, cells))) > 1]
    if rows and not _is_comment(rows[0][1][0]):
        yield from (line for line, cells in rows[1:] if _is_comment(cells[0]))


def _is_comment(text: str) -> bool:
    text = text.strip()
    counted = text[1:].strip()
    return text.startswith("//") or (text.startswith("#") and counted != "" and not counted.isdecimal())


def _told(lines: Sequence[int]) -> Iterator[Finding]:
    if lines:
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        message = f"line {lines[0]}{more} begins as lines that are commented out do, and no rule was made of it"
        yield finding("hidden-content", message, line=lines[0])


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records, each with the line that it begins in. Raises RefusedError."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        if reader.line_num > line:
            said = f"a quotation mark opens a cell that ends nowhere, or not before line {reader.line_num}"
        else:
            said = "a cell goes on behind the quotation mark that ends it"
        message = f"{said} ({error}); write a quotation mark that is part of a cell twice, or save the file as CSV again"
        raise refused(message, code="broken-document", line=line) from error


def _delimiter(text: str) -> str:
    """Return what parts the cells: what gives the most records as many cells each. Raises RefusedError where two signs do so."""
    scores = {delimiter: _score(text, delimiter) for delimiter in _DELIMITERS}
    best = max(scores.values())
    found = [delimiter for delimiter, score in scores.items() if score == best]
    if len(found) > 1 and best > _ALONE:
        said = " or by ".join(_NAMES[one] for one in found)
        raise refused(f"its cells may be parted by {said}; write sep={found[0]} into a line above the first one", code="broken-document")
    return found[0]


def _score(text: str, delimiter: str) -> tuple[bool, bool, int, int]:
    """Return how well a sign parts the cells.

    Whether it parts any; whether all quotation marks begin or end a cell; how many records have as many cells as most; how many these are.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    counts: Counter[int] = Counter()
    fits = True
    try:
        counts.update(len(record) for record in islice(reader, _SAMPLE))
    except csv.Error:
        fits = False
    times, cells = max(((times, cells) for cells, times in counts.items() if cells > 1), default=(0, 0))
    return times > 0, fits, times, cells
