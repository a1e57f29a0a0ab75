"""Patches to fill in: one for each open question of the findings of one kind in a document, with its rows and a `"?"` for the answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from extract.catalogue import catalogue
from extract.check.patch_files import OPEN
from extract.errors import UsageError
from extract.model import Document, DocumentReport, Endpoint, Evidence, Rule, TableReport, Unresolved
from extract.publish.folded import place
from extract.publish.published import Published
from extract.publish.wording import count, plain
from extract.regex import late

_Entry = Rule | Unresolved
# What an answer to an open rule sets, by what the rule lacks.
_SET: Mapping[str, tuple[str, ...]] = {"action": ("action",), "protocol": ("protocol",), "ports": ("from_port", "to_port")}
_ICMP = frozenset({"icmp", "ipv6-icmp"})
_SIDES = ("source", "destination")
# What is open beside a rule that states everything: another protocol with its ports.
_BESIDE = (*_SET["protocol"], *_SET["ports"])
_PLAIN: tuple[str, ...] = ("action", "direction", "protocol", "from_port", "to_port", "icmp_type", "icmp_code")
_NO_SLUG = late(r"[^a-z0-9]+")
# A comment names so many rows of a question.
_ROWS = 12
_CELLS = 160


class _Question(NamedTuple):
    """What one patch asks: the values to set or to add, and what the rules have in common that it is about."""

    operation: Literal["set", "add"]
    asked: tuple[str, ...]
    # Name -> value of the match, as TOML has them; a text for each, so that questions can be told apart.
    match: tuple[tuple[str, str], ...]


def skeleton(published: Published, code: str, report: DocumentReport, table: int | None) -> str:
    """Return patches as TOML for the findings of a code in a document, or in one table of it.

    They are valid, and not applied before somebody has answered them. Raises UsageError where the document has no such finding.
    """
    where = f"table {table} of {report.path}" if table is not None else report.path
    rows = {(found.table, found.row) for found in report.findings if found.code == code and found.row is not None}
    document = published.documents[report.id]
    groups = _grouped(published, report, code, {row for row in rows if table in (None, row[0])})
    if not groups:
        others = sorted({place(found).partition(",")[0] for found in report.findings if found.code == code} - {""})
        named = f"; there is in {', '.join(others)}" if others else ""
        raise UsageError(f"there is no {code} in {where} that a patch could answer{named}")
    head = [
        f"# {code} in {plain(where)}: {count(len(groups), 'question')}.",
        f'# Put an answer in the place of each "{OPEN}". Beside the folder of documents, the file is patches/{plain(_target(document))}.',
    ]
    return (
        "\n".join([*head, *(line for number, group in enumerate(groups.items(), 1) for line in _patch(document, code, number, *group))])
        + "\n"
    )


def _target(document: Document) -> str:
    """Return where the patches of a document lie, below their folder."""
    return "/".join([*([document.vendor] if document.vendor else []), f"{document.product or 'patches'}.toml"])


def _grouped(
    published: Published, report: DocumentReport, code: str, rows: Iterable[tuple[int | None, int | None]]
) -> dict[_Question, list[tuple[int, Mapping[str, str]]]]:
    """Return each question with the rows that it is about, as number and cells: those with the finding, and others that it matches."""
    wanted = set(rows)
    tables = {table.table: table for table in report.tables if any(table.table == number for number, _ in wanted)}
    asked: dict[_Question, list[tuple[int, Mapping[str, str]]]] = {}
    found: set[_Question] = set()
    for entry in published.entries:
        for one in entry.evidence:
            if one.document == report.id and one.table in tables:
                question = _question(entry, code, one, _protocol_cells(tables[one.table], one))
                if question is not None:
                    asked.setdefault(question, []).append((one.row, one.cells))
                    if (one.table, one.row) in wanted:
                        found.add(question)
    return {question: places for question, places in asked.items() if question in found}


def _protocol_cells(table: TableReport, place: Evidence) -> dict[str, str]:
    """Return the cells of a row that may name its protocol, by header: rows that say different things have different answers."""
    named = list(place.cells.items()) if table.layout == "rows" else []
    return dict(named[index] for index, one in enumerate(table.columns) if one.role in ("protocol", "type") and index < len(named))


def _question(entry: _Entry, code: str, place: Evidence, protocol: Mapping[str, str]) -> _Question | None:
    """Return what a finding asks of a rule, with what tells the rule from others of its table; None when it asks nothing of it.

    `place` is one of its rows, and `protocol` the cells of that row that may name its protocol.
    """
    fields = tuple(dict.fromkeys(field for name in catalogue()[code].answered_by for field in _fields(name, entry.protocol)))
    left = _left(entry)
    asked = tuple(field for field in fields if field in left)
    operation: Literal["set", "add"] = "set"
    if not asked and isinstance(entry, Rule):
        # The rule states all of these fields. So one of them may be wrong, or another rule of the row is open.
        operation, asked = ("add", _BESIDE) if catalogue()[code].concern == "open" else ("set", fields)
    return _Question(operation, asked, _match(entry, asked, operation, place, protocol)) if asked else None


def _left(entry: _Entry) -> set[str]:
    """Return the fields that a rule does not state."""
    if isinstance(entry, Unresolved):
        return {field for name in entry.missing for field in _fields(name, entry.protocol)}
    return {field for field in (*_SIDES, "direction") if getattr(entry, field) is None}


def _match(
    entry: _Entry, asked: tuple[str, ...], operation: Literal["set", "add"], place: Evidence, protocol: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return the values that distinguish a rule from others of its table. Rows with different known values may need different ports. Rows
    without a protocol usually need the same one.
    """
    alike = isinstance(entry, Unresolved) and asked == _SET["protocol"]
    match: dict[str, Any] = {"document": place.document, "table": place.table}
    if not alike:
        values = {name: getattr(entry, name, None) for name in (*_PLAIN, "port_text", *_SIDES)}
        match |= {name: value.name if isinstance(value, Endpoint) else value for name, value in values.items() if value is not None}
    if operation == "set":
        match["unstated"] = _unstated(entry, asked, match)
    if alike:
        match["cells"] = dict(protocol)
    return tuple((name, toml(value)) for name, value in match.items() if value not in ([], {}))


def _unstated(entry: _Entry, asked: Iterable[str], match: Mapping[str, Any]) -> list[str]:
    """Return what is asked for and null in the data; the page's words for a port say that it is."""
    told = _SET["ports"] if "port_text" in match else ()
    return [field for field in asked if getattr(entry, field) is None and field not in told]


def _fields(name: str, protocol: str | None) -> tuple[str, ...]:
    """Return what is set to answer for a field: of ICMP, ports are its type."""
    if name in ("ports", "icmp"):
        return ("icmp_type",) if protocol in _ICMP else _SET["ports"]
    return _SET.get(name, (name,))


def _patch(
    document: Document, code: str, number: int, question: _Question, places: Sequence[tuple[int, Mapping[str, str]]]
) -> Iterator[str]:
    yield ""
    rows = {row: " | ".join(text for text in cells.values() if text) for row, cells in places}
    for row, text in list(rows.items())[:_ROWS]:
        yield f"# row {row}: {_short(text)}"
    if len(rows) > _ROWS:
        yield f"# and {count(len(rows) - _ROWS, 'row')} more"
    yield "[[patch]]"
    yield f"id = {toml(_slug(document.id, dict(question.match)['table'], code, number))}"
    yield f"reason = {toml(OPEN)}"
    yield "[patch.match]"
    yield from (f"{name} = {value}" for name, value in question.match)
    yield "[patch.expect]"
    yield f"rules = {len(places)}"
    yield f"[patch.{question.operation}]"
    yield from (f"{name} = {toml(OPEN)}" for name in question.asked)


def _short(text: str) -> str:
    text = plain(" ".join(text.split()))
    return text if len(text) <= _CELLS else f"{text[:_CELLS]}…"


def _slug(document: str, table: str, code: str, number: int) -> str:
    return f"{_NO_SLUG.sub('-', document.lower()).strip('-') or 'page'}-{table}-{code}-{number}"


def toml(value: Any) -> str:
    """Return a value as TOML: JSON's strings and numbers are TOML's, but for the one control character that JSON leaves alone."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{toml(name)} = {toml(one)}' for name, one in value.items())} }}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
