"""Comma-separated values and their kin (RFC 4180): cells parted by commas, semicolons, tabs or bars, in any encoding that pages have."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from extract.read import decode
from extract.read.kinds.converted import Converted
from extract.read.kinds.markup import Writer
from extract.read.kinds.tabular import Sheet, SheetCell, SheetRow
from extract.read.refused import refused
from extract.regex import late

# A file of more is data. The registry of service names, the longest list of ports that there is, has 180,000.
MAX_CELLS = 1_000_000
_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
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
    delimiter, doubt = (said["sign"], "") if said else _delimiter(text)
    if text.count(delimiter) + text.count("\n") > MAX_CELLS:
        raise refused(f"this file holds more than {MAX_CELLS:,} cells, which is no documentation; cut the tables of rules out of it")
    records = list(_records("\n" + text[said.end() :] if said else text, delimiter))
    writer = Writer()
    sheet = Sheet(writer)
    sheet.write(SheetRow(decoded.line(line), tuple(map(SheetCell, cells))) for line, cells in records)
    doubted = dict.fromkeys(range(1, writer.tables + 1), doubt) if doubt else {}
    return writer.converted(decoded.findings, {**sheet.uncertain, **doubted})


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


def _delimiter(text: str) -> tuple[str, str]:
    """Return what parts the cells: what gives the most records as many cells each; and why that is uncertain, empty where it is not."""
    scores = {delimiter: _score(text, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: scores[delimiter])
    rivals = [delimiter for delimiter in _DELIMITERS if scores[delimiter] == scores[best] and scores[best] > (0, 0)]
    if len(rivals) < 2:
        return best, ""
    return best, f"its cells may be parted by {' or by '.join(_NAMES[one] for one in rivals)}; write sep={rivals[0]} into the first line"


def _score(text: str, delimiter: str) -> tuple[int, int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    counts: Counter[int] = Counter()
    try:
        for record in islice(reader, _SAMPLE):
            counts[len(record)] += 1
    except csv.Error:
        # A quotation mark that belongs to no cell with this delimiter; what was counted so far counts.
        pass
    return max(((times, cells) for cells, times in counts.items() if cells > 1), default=(0, 0))
