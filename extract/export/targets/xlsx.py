"""A workbook (Office Open XML): a sheet of rules, one of open rules, one of the documents that they are from.

All texts are text: nothing in them is a formula, a number or a date, and what is a link leads where its text says. The same input gives
the same bytes: dates are fixed, and the parts are stored as they are, for compressed ones differ between machines.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from extract.errors import UsageError
from extract.export import sheet, workbook
from extract.export.bindings import Binding
from extract.export.boxes import Entry, Symbols
from extract.export.flows import End, Flow
from extract.export.refusals import Refusal
from extract.export.refusals import refuse as refusal
from extract.export.sheet import Cell
from extract.export.target import Files, Options, Work
from extract.model import COLUMNS
from extract.regex import late

# What a sheet holds below its header, and of links (Excel specifications and limits).
_MAX_ROWS = 1_048_575
_MAX_LINKS = 65_530

NAME = "xlsx"
SUMMARY = "a workbook with a sheet of rules, one of open rules and one of documents: for request forms and audits"
LIMITS: Sequence[str] = (
    "names are written as on the page, and a value that the page does not state is an empty cell; bindings are not used",
    "if the page states a rule in several places, the row names the first of them",
    f"a text of more than {sheet.MAX_TEXT} characters is cut; a rule with such a long name as source or destination is refused",
    f"{_MAX_ROWS} rules",
)
NEEDS_BINDINGS = False
ORDERED = True
OPTIONS: tuple[str, ...] = ()

_FILE = "rules.xlsx"
_COUNTED = ("rules", "open rules")
_OF_DOCUMENT = ("id", "title", "vendor", "product", "release", "url", "path", "sha256", "licence")
_SHEETS = {"rules": COLUMNS, "open rules": COLUMNS, "documents": (*_OF_DOCUMENT, *_COUNTED)}
_NUMBERS = sheet.NUMBERS | set(_COUNTED)
_WIDTHS = dict.fromkeys(("source", "destination", "title"), 30) | dict.fromkeys(("description", "reason", "document"), 45)
_WIDTH = 12
# The first that a zip file can hold.
_CREATED = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
# What can be a link and needs no escape in it (RFC 3986).
_LINK = late(r"https?://[A-Za-z0-9\-._~:/?@!$&'()*+,;=]{1,1000}(?:#[A-Za-z0-9\-._~:/?@!$&'()*+,;=]{1,255})?")


def end(name: str, binding: Binding | None, *, near: bool) -> End | Refusal | None:
    """Return None: ends are passed on."""
    return None


def refuse(flow: Flow) -> Refusal | None:
    """Return why a flow is not listed: an end has a name that no cell holds."""
    return sheet.unnameable(flow)


def limit(flows: Sequence[Flow]) -> Mapping[str, Refusal]:
    """Return the flows that the sheet of rules has no rows for."""
    why = f"{len(flows)} rules, and a sheet has {_MAX_ROWS} rows"
    return {flow.rule.fingerprint: refusal("limit-exceeded", why) for flow in flows[_MAX_ROWS:]}


# --- writing ----------------------------------------------------------------------------------------------------------


def implies(flow: Flow, written: Sequence[Flow]) -> bool:
    """Return whether nothing else lets through what a denial stops; here a denial is written."""
    del flow, written
    return False


def blocks(options: Options) -> str:
    """Return nothing: the output blocks nothing by being there."""
    return ""


def write(work: Work) -> Files:
    """Return one workbook. Raises UsageError for more open rules or documents than a sheet has rows for, and without XlsxWriter."""
    try:
        import xlsxwriter  # type: ignore[import-untyped] # noqa: PLC0415 - no other command needs it, and it takes 60 ms to import
    except ImportError as error:
        raise UsageError("a workbook is written by XlsxWriter, which is not installed: pip install 'docrules[xlsx]'") from error

    made = io.BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, safe) as book:
        book.set_properties({"title": sheet.shown(work.options.scope), "created": _CREATED})
        # What is typed into a cell of this format stays text too.
        head, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for name, rows in _contents(work).items():
            if len(rows) > _MAX_ROWS:
                raise UsageError(f"{len(rows)} {name}, and a sheet has {_MAX_ROWS} rows; export documents apart, or as csv")
            _fill(book.add_worksheet(name), _SHEETS[name], rows, head, text)
    return {_FILE: _stored(made)}


def _contents(work: Work) -> dict[str, Sequence[Mapping[str, Cell]]]:
    rows = sheet.rows(work)
    parts = rows[: len(work.flows)], rows[len(work.flows) :]
    counted = [Counter(row["document"] for row in part) for part in parts]
    documents = []
    for document in work.documents:
        known = sheet.as_shown({name: getattr(document, name) for name in _OF_DOCUMENT})
        numbers = {name: count[known["id"]] for name, count in zip(_COUNTED, counted, strict=True)}
        documents.append({**known, **numbers})
    return dict(zip(_SHEETS, (*parts, documents), strict=True))


def _fill(page: Any, columns: Sequence[str], rows: Sequence[Mapping[str, Cell]], head: object, text: object) -> None:
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(rows), len(columns) - 1)
    links = 0
    for column, name in enumerate(columns):
        page.set_column(column, column, _WIDTHS.get(name, _WIDTH), None if name in _NUMBERS else text)
        page.write_string(0, column, name, head)
    for number, row in enumerate(rows, 1):
        for column, name in enumerate(columns):
            value = row[name]
            if isinstance(value, bool):
                page.write_boolean(number, column, value)
            elif isinstance(value, int):
                page.write_number(number, column, value)
            elif value and name == "url" and links < _MAX_LINKS and _LINK.fullmatch(value):
                page.write_url(number, column, value, text, value)
                links += 1
            elif value:
                page.write_string(number, column, value, text)


def _stored(made: io.BytesIO) -> bytes:
    """Return a zip file with the same parts, without what may differ from machine to machine."""
    result = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            new.writestr(info, old.read(name))
    return result.getvalue()


# --- reading ----------------------------------------------------------------------------------------------------------


def read(files: Files, symbols: Symbols) -> Sequence[Entry]:
    """Return what the rows of the first two sheets let through and stop. ValueError for what is no workbook of this target."""
    if set(files) != {_FILE}:
        raise ValueError(f"{', '.join(sorted(files))} is not one file {_FILE}")
    found = decoded(files[_FILE])
    parts = [found[name] for name in _COUNTED]
    if any(row["status"] != status for part, status in zip(parts, ("rule", "open"), strict=True) for row in part):
        raise ValueError("a rule stands in the sheet of another kind")
    known = [{row["id"]: row[name] for row in found["documents"] if row[name]} for name in _COUNTED]
    if known != [Counter(row["document"] for row in part) for part in parts]:
        raise ValueError("the sheet of documents counts other rules than there are")
    return sheet.entries([row for part in parts for row in part], symbols)


def decoded(data: bytes) -> dict[str, list[dict[str, Cell]]]:
    """Return name of each sheet -> its rows; an empty text is None. ValueError says what is no such workbook."""
    found = workbook.read(data, list(_SHEETS))
    for name, (head, *rows) in found.items():
        if head != dict(enumerate(_SHEETS[name], 1)):
            raise ValueError(f"the columns of {name} are others")
        if any(max(row, default=0) > len(head) for row in rows):
            raise ValueError(f"a row of {name} has a cell beside its columns")
    return {
        name: [{column: _typed(column, row.get(at)) for at, column in enumerate(_SHEETS[name], 1)} for row in rows]
        for name, (_, *rows) in found.items()
    }


def _typed(column: str, value: Cell) -> Cell:
    wanted = int if column in _NUMBERS else bool if column == "complete" else str
    if value is not None and type(value) is not wanted:
        raise ValueError(f"{value!r} is no {column}")
    return value
