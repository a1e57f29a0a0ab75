"""What a run has published, read back from its files, and the rules and rows in it that a person asks for."""

from __future__ import annotations

import difflib
import gc
import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import msgspec

from extract import schema
from extract.errors import UsageError
from extract.model import Document, DocumentReport, Evidence, PatchReport, Rule, SourceReport, Summary, TableReport, Unresolved
from extract.publish.diff_scopes import Snapshot
from extract.publish.wording import count
from extract.regex import late

_ID = late(r"[0-9a-f]{1,16}")
_TABLE = late(r"(?P<document>.+):(?P<table>[0-9]{1,9})", re.DOTALL)
_ROW = late(r"(?P<document>.+):(?P<table>[0-9]{1,9}):(?P<row>[0-9]{1,9})", re.DOTALL)
# A shorter beginning of an id is more likely a slip than an abbreviation.
_ID_DIGITS = 4
# A message names so many of the rules or documents that may have been meant.
_SUGGESTIONS = 5
# A fault quotes the value that breaks the schema, which may be the whole file.
_FAULT_CHARS = 200


class _RulesFile(msgspec.Struct, frozen=True):
    schema_version: str
    documents: tuple[Document, ...]
    rules: tuple[Rule, ...]
    unresolved: tuple[Unresolved, ...]


class _ReportFile(msgspec.Struct, frozen=True):
    schema_version: str
    summary: Summary
    documents: tuple[DocumentReport, ...]
    patches: tuple[PatchReport, ...]
    sources: tuple[SourceReport, ...]


_File = TypeVar("_File")


class RowKey(NamedTuple):
    """A data row: the id of its document, the number of its table, and its own number."""

    document: str
    table: int
    row: int


class Published(NamedTuple):
    """The content of rules.json and report.json of one run."""

    # By id.
    documents: dict[str, Document]
    entries: tuple[Rule | Unresolved, ...]
    reports: tuple[DocumentReport, ...]
    patches: tuple[PatchReport, ...]
    sources: tuple[SourceReport, ...]

    def at(self, key: RowKey) -> tuple[Rule | Unresolved, ...]:
        """Return the rules, resolved or not, that a row states."""
        return tuple(rule for rule in self.entries if key in map(key_of, rule.evidence))


class NotFoundError(UsageError):
    """What was asked for is not in this run; it may be in another."""


class Asked(NamedTuple):
    """What a person asked for: one rule, a row with the report on its table, or a table with that on its document."""

    rule: Rule | Unresolved | None = None
    key: RowKey | None = None
    table: TableReport | None = None
    # Of a table as a whole.
    document: DocumentReport | None = None
    # How else the words may have been meant.
    note: str = ""


def key_of(evidence: Evidence) -> RowKey:
    """Return the row of a piece of evidence."""
    return RowKey(evidence.document, evidence.table, evidence.row)


def load(rules: Path, report: Path) -> Published:
    """Return the content of the two files of a run.

    Raises UsageError when one cannot be read or breaks its schema, and when they are not of the same run.
    """
    with _uncollected():
        stated = _load(rules, "rules", _RulesFile)
        accounted = _load(report, "report", _ReportFile)
        entries: tuple[Rule | Unresolved, ...] = (*stated.rules, *stated.unresolved)
        documents = {document.id: document for document in stated.documents}
        difference = _difference(stated, accounted)
    if difference:
        advice = f"write both with `docrules run … --out {shlex.quote(str(rules))} --report {shlex.quote(str(report))}`"
        raise UsageError(f"{rules} and {report} are not of the same run: {difference}; {advice}")
    return Published(documents, entries, accounted.documents, accounted.patches, accounted.sources)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Switch off the search for reference cycles: the data has none, and the search took a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def snapshot(run: Published) -> Snapshot:
    """Return the rules of a run as what can be compared with those of another one."""
    rules = tuple(entry for entry in run.entries if isinstance(entry, Rule))
    unresolved = tuple(entry for entry in run.entries if isinstance(entry, Unresolved))
    return Snapshot(tuple(run.documents.values()), rules, unresolved)


def load_rules(path: Path) -> Snapshot:
    """Return the content of a rules.json, without its report.

    Raises UsageError when it cannot be read, breaks its schema, or has rules from documents that it does not list.
    """
    try:
        return snapshot_of(_bytes(path, "rules"))
    except ValueError as error:
        raise UsageError(f"{path} is no rules file of this version of docrules ({error}); {_advice(path, 'rules')}") from error


def snapshot_of(data: bytes) -> Snapshot:
    """Return the content of the bytes of a rules.json. ValueError says what is wrong when they are none of this version."""
    stated = _parsed(data, "rules", _RulesFile)
    known = {document.id for document in stated.documents}
    entries: tuple[Rule | Unresolved, ...] = (*stated.rules, *stated.unresolved)
    strange = next((one.document for rule in entries for one in rule.evidence if one.document not in known), None)
    if strange is not None:
        raise ValueError(f"it has rules from {strange!r}, which is not among its documents")
    return Snapshot(stated.documents, stated.rules, stated.unresolved)


def _difference(stated: _RulesFile, accounted: _ReportFile) -> str:
    """Return the difference that shows that two files are not from the same run; empty if there is none."""
    hashes = [{one.id: one.sha256 for one in documents} for documents in (stated.documents, accounted.documents)]
    for name in sorted(hashes[0].keys() | hashes[1].keys()):
        if hashes[0].get(name) != hashes[1].get(name):
            both = name in hashes[0] and name in hashes[1]
            return f"they hold other content of {name}" if both else f"only one of them holds {name}"
    whole = _rows(stated.rules)
    left_open = _rows(stated.unresolved)
    for document in accounted.documents:
        for table in document.tables:
            place = document.id, table.table
            ruled, unresolved = whole.pop(place, set()), left_open.pop(place, set())
            without = [row for outcome in table.no_rule for row in outcome.rows]
            accounts = sorted([*(ruled | unresolved), *without]) == list(range(1, table.data_rows + 1))
            if not accounts or (len(ruled - unresolved), len(unresolved)) != (table.rule_rows, table.unresolved_rows):
                return f"they account in different ways for the rows of table {table.table} of {document.id}"
    unknown = sorted(whole.keys() | left_open.keys())
    return "" if not unknown else f"the report knows no table {unknown[0][1]} of {unknown[0][0]}"


def _rows(rules: Iterable[Rule | Unresolved]) -> dict[tuple[str, int], set[int]]:
    """Return document and table -> the rows that are evidence of rules."""
    rows: dict[tuple[str, int], set[int]] = {}
    for rule in rules:
        for one in rule.evidence:
            rows.setdefault((one.document, one.table), set()).add(one.row)
    return rows


def _load(path: Path, name: Literal["rules", "report"], kind: type[_File]) -> _File:
    try:
        return _parsed(_bytes(path, name), name, kind)
    except ValueError as error:
        raise UsageError(f"{path} is no {name} file of this version of docrules ({error}); {_advice(path, name)}") from error


def _bytes(path: Path, name: Literal["rules", "report"]) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        # Some commands take the rules as an argument.
        other = "or name another with --report" if name == "report" else "or name other rules"
        raise UsageError(f"{path} cannot be read ({error.strerror or error}); {_advice(path, name)}, {other}") from error


def _parsed(data: bytes, name: Literal["rules", "report"], kind: type[_File]) -> _File:
    try:
        return msgspec.json.decode(schema.current(name, data), type=kind)
    except ValueError as error:
        raise ValueError(str(error)[:_FAULT_CHARS]) from error


def _advice(path: Path, name: Literal["rules", "report"]) -> str:
    return f"write it with `docrules run … --{'out' if name == 'rules' else 'report'} {shlex.quote(str(path))}`"


def find(published: Published, what: str) -> Asked:
    """Return what `what` names: a rule by its id or the beginning of it, or a row or table as DOCUMENT:TABLE[:ROW] (id or path, numbers).

    The id of a document counts before the path of another one; the note of what is returned says so. Raises NotFoundError when it
    names nothing that is in the run, UsageError when it names several rules or cannot be a name; the message says what there is.
    """
    place = _ROW.fullmatch(what)
    if place:
        return _row(published, place["document"], int(place["table"]), int(place["row"]))
    if place := _TABLE.fullmatch(what):
        report = document(published, place["document"])
        return Asked(table=table_of(report, int(place["table"])), document=report)
    if not _ID.fullmatch(what.lower()):
        named = next((one for one in published.reports if what in (one.id, one.path)), None)
        if named is not None and named.tables:
            known = f"{what}:{named.tables[0].table}"
            raise UsageError(f"{what} is a document with {count(len(named.tables), 'table')}; name one of them, {known} say")
        raise UsageError(f"{what!r} is neither the id of a rule (16 hex digits) nor a row or table as DOCUMENT:TABLE[:ROW]")
    return Asked(rule=_rule(published, what.lower()))


def _rule(published: Published, beginning: str) -> Rule | Unresolved:
    if len(beginning) < _ID_DIGITS:
        raise UsageError(f"{beginning!r} is too short for the id of a rule; give {_ID_DIGITS} digits or more")
    found = [rule for rule in published.entries if rule.id.startswith(beginning)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} rules have an id that begins with {beginning}: {_listed([rule.id for rule in found])}")
    ids = [rule.id for rule in published.entries]
    nearest = difflib.get_close_matches(beginning, [one[: len(beginning)] for one in ids], _SUGGESTIONS, 0)
    near = [one for start in dict.fromkeys(nearest) for one in ids if one.startswith(start)]
    hint = f"; the nearest are {_listed(near)}" if near else "; this run published no rules"
    raise NotFoundError(f"no rule has an id that begins with {beginning}{hint}")


def document(published: Published, name: str) -> DocumentReport:
    """Return the report on a document by its id, or else by its path. Raises NotFoundError; the message says what there is."""
    by_path = next((one for one in published.reports if one.path == name), None)
    report = next((one for one in published.reports if one.id == name), by_path)
    if report is None:
        ids = [one.id for one in published.reports]
        near = difflib.get_close_matches(name, [*ids, *(one.path for one in published.reports)], _SUGGESTIONS, 0.5) or ids
        raise NotFoundError(f"no document {name!r} in this run; there is {_listed(near)}" if near else "this run read no document")
    return report


def table_of(report: DocumentReport, number: int) -> TableReport:
    """Return the report on a table of a document by its number. Raises UsageError when the document has no such table."""
    table = next((one for one in report.tables if one.table == number), None)
    if table is None:
        raise UsageError(f"{report.id} has no table {number}: {_counted(len(report.tables), 'table')}")
    return table


def _row(published: Published, name: str, number: int, row: int) -> Asked:
    report = document(published, name)
    by_path = next((one for one in published.reports if one.path == name), None)
    table = table_of(report, number)
    if not 1 <= row <= table.data_rows:
        counted = _counted(table.data_rows, "row of data", "rows of data")
        raise UsageError(f"table {number} of {report.id} has no row {row}: {counted}, counted from the first below the header")
    other = f"{by_path.id}:{number}:{row}" if by_path is not None and by_path is not report else ""
    note = f"{name} is the id of {report.path}, and the path of another document, whose row is {other}" if other else ""
    return Asked(key=RowKey(report.id, number, row), table=table, note=note)


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"it has {number or 'no'} {one if number == 1 else many or one + 's'}"


def _listed(names: list[str]) -> str:
    more = len(names) - _SUGGESTIONS
    return ", ".join(names[:_SUGGESTIONS]) + (f" and {more} more" if more > 0 else "")
