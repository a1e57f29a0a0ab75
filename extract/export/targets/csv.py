"""Comma-separated values (RFC 4180): one row a rule, for request forms, audits, and whoever works with a sheet.

The file begins with a byte order mark, which RFC 3629 lets a protocol use as a signature: without one, the most common sheet takes UTF-8
for the old code page of its country, and shows other names than the page has. A text that a sheet would take for a formula, a number or a
date begins with an apostrophe, and so does one that has one there itself: whoever reads the file takes one off. What would be a formula
behind a semicolon has an apostrophe there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from extract.export import sheet
from extract.export.bindings import Binding
from extract.export.boxes import Entry, Symbols
from extract.export.flows import End, Flow
from extract.export.refusals import Refusal
from extract.export.target import Files, Options, Work
from extract.model import COLUMNS, Flat
from extract.regex import late

NAME = "csv"
SUMMARY = "one row a rule as comma-separated values, open rules included: for request forms and audits"
LIMITS: Sequence[str] = (
    "names are written as on the page, and a value that the page does not state is an empty cell; bindings are not used",
    "if the page states a rule in several places, the row names the first of them",
    f"a text of more than {sheet.MAX_TEXT} characters is cut; a rule with such a long name as source or destination is refused",
)
NEEDS_BINDINGS = False
ORDERED = True
OPTIONS: tuple[str, ...] = ()

_FILE = "rules.csv"
_MARK = "\ufeff"
_END = "\r\n"
_APOSTROPHE = "'"
# What begins a formula (OWASP, CSV Injection; the wide ones do so in Chinese and Japanese sheets), or looks like a number, a date or a time
# all through: `1e5`, `1-5`, `12:30`. Addresses have more parts and stay as they are.
_TAKEN = late(
    r"(?s:\s*[=+\-@＝＋－＠].*)|'(?s:.*)"
    r"|\s*+(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)(?:[.,:/\- ]++[0-9]++){0,2}(?:[eEdD][+\-]?[0-9]++)?\s*+%?\s*+"
)

# Where a sheet parts cells at semicolons, as in most of Europe, a formula may begin behind one.
_PARTED = late(r"(;\s*+)('*+)(?=[=+\-@＝＋－＠])")
_GUARDED = late(r"(;\s*+)'('*+)(?=[=+\-@＝＋－＠])")


def end(name: str, binding: Binding | None, *, near: bool) -> End | Refusal | None:
    """Return None: ends are passed on."""
    return None


def refuse(flow: Flow) -> Refusal | None:
    """Return why a flow is not listed: an end has a name that no cell holds."""
    return sheet.unnameable(flow)


def limit(flows: Sequence[Flow]) -> Mapping[str, Refusal]:
    """Return nothing: a file takes any number of rules."""
    return {}


def implies(flow: Flow, written: Sequence[Flow]) -> bool:
    """Return whether nothing else lets through what a denial stops; here a denial is written."""
    del flow, written
    return False


def blocks(options: Options) -> str:
    """Return nothing: the output blocks nothing by being there."""
    return ""


def write(work: Work) -> Files:
    """Return one file with a row for each rule, then for each open one."""
    return {_FILE: encoded(sheet.rows(work))}


def encoded(rows: Iterable[Flat]) -> bytes:
    """Return rows, whose texts are as `sheet.shown` gives them, as the bytes of a file with a header."""
    text = io.StringIO(_MARK, newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, lineterminator=_END)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
    return text.getvalue().encode()


def _cell(value: sheet.Cell) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        guarded = _PARTED.sub(rf"\1{_APOSTROPHE}\2", value)
        return _APOSTROPHE + guarded if _TAKEN.fullmatch(value) else guarded
    return "" if value is None else str(value)


def read(files: Files, symbols: Symbols) -> Sequence[Entry]:
    """Return what the rows of a file let through and stop. ValueError for what is no file of this target."""
    if set(files) != {_FILE}:
        raise ValueError(f"{', '.join(sorted(files))} is not one file {_FILE}")
    return sheet.entries(decoded(files[_FILE]), symbols)


def decoded(data: bytes) -> list[Flat]:
    """Return the rows of a file, as `encoded` took them; an empty text is None. ValueError says what is no such file."""
    text = data.decode("utf-8")
    if not text.startswith(_MARK) or not text.endswith(_END):
        raise ValueError("it lacks the byte order mark, or the end of its last line")
    # No cell holds the end of a line, so each line is a record.
    lines = text.removeprefix(_MARK).removesuffix(_END).split(_END)
    try:
        records = [record for line in lines for record in csv.reader([line], strict=True)]
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if len(records) != len(lines) or tuple(records[0]) != COLUMNS:
        raise ValueError("its columns are others")
    return [_row(number, record) for number, record in enumerate(records[1:], 1)]


def _row(number: int, record: Sequence[str]) -> Flat:
    if len(record) != len(COLUMNS):
        raise ValueError(f"row {number} has {len(record)} cells")
    return {name: _value(name, cell) for name, cell in zip(COLUMNS, record, strict=True)}


def _value(name: str, cell: str) -> sheet.Cell:
    if not cell:
        return None
    if name in sheet.NUMBERS:
        if not sheet.NUMBER.fullmatch(cell):
            raise ValueError(f"{cell!r} is no {name}")
        return int(cell)
    if name == "complete":
        if cell not in ("true", "false"):
            raise ValueError(f"{cell!r} is neither true nor false")
        return cell == "true"
    text = _GUARDED.sub(r"\1\2", cell.removeprefix(_APOSTROPHE))
    if _cell(text) != cell:
        raise ValueError(f"{cell!r} is no text that was written: a sheet would take it for something else, or it has a needless apostrophe")
    return text
