"""The account of an export: what became of every rule of the scope, as values, as JSON with a schema, and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from extract import schema
from extract.export.refusals import catalogue
from extract.publish.wording import count, plain

Status = Literal["exported", "merged", "implied", "listed", "refused", "elsewhere"]
"""exported: it stands in the output. merged: another rule that is the same with these bindings stands for it. implied: it denies what the
target does not allow anyway. listed: it is open, and stands in the output as such. refused: it is not in the output, and why. elsewhere:
it is not about the machine, or of another document.
"""

# Statuses that a reader of the text would not understand by themselves.
_SAID = {"elsewhere": "about others than this machine", "implied": "denied anyway", "listed": "listed as open"}


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one rule."""

    id: str
    fingerprint: str
    # The document, table and row where it stands first.
    document: str
    table: int
    row: int
    status: Status
    # Of a rule that is merged, the fingerprint of the one that stands for it.
    into: str | None = None
    # Of a refused or listed rule: the code of the catalogue of refusals, why, and what to do.
    code: str | None = None
    reason: str | None = None
    todo: str | None = None
    # What was taken for granted because the user said so.
    assumed: tuple[str, ...] = ()
    # It lets through from or to anywhere.
    anywhere: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The account of one export."""

    target: str
    scope: str
    # The end that is this machine; null where nobody said.
    machine: str | None
    counts: dict[Status, int]
    # Every rule of the scope, and every open one.
    rules: tuple[Account, ...]
    # What the existence of the output blocks beside the rules; empty when nothing.
    blocks: str
    # Entries of the bindings that nothing used.
    notes: tuple[str, ...]


def refused(code: str, reason: str, rule: str) -> tuple[str, str, str]:
    """Return code, reason and what to do of a refusal of a rule, by its id."""
    return code, reason, catalogue()[code].todo.replace("ID", rule)


def to_json(report: Report) -> bytes:
    """Return a report as two-space JSON with a final line feed. Raises SchemaViolationError when it breaks its schema."""
    encoded = msgspec.json.encode({"schema_version": schema.version("export"), **msgspec.to_builtins(report)})
    schema.validate("export", encoded)
    return msgspec.json.format(encoded, indent=2) + b"\n"


def to_text(report: Report) -> Iterator[str]:
    """Yield a report as lines: counts, what was refused by reason with the rows, what was assumed, what is open to anywhere."""
    counts = ", ".join(f"{number} {_SAID.get(status, status)}" for status, number in report.counts.items() if number)
    yield f"{report.target}, {report.scope}: {count(len(report.rules), 'rule')}: {counts or 'none'}"
    yield from _refusals(report.rules)
    yield from _assumed(report.rules)
    open_ones = [one for one in report.rules if one.anywhere and one.status in ("exported", "merged")]
    if open_ones:
        yield f"anywhere: {count(len(open_ones), 'exported rule')} from or to every address ({plain(_places(open_ones))})"
    if report.blocks:
        yield f"beside the rules: {report.blocks}"
    yield from (f"note: {plain(note)}" for note in report.notes)


def _refusals(rules: Sequence[Account]) -> Iterator[str]:
    reasons: dict[tuple[str, str], list[Account]] = {}
    for one in rules:
        if one.status == "refused" and one.code is not None and one.reason is not None:
            reasons.setdefault((one.code, one.reason), []).append(one)
    codes = Counter(one.code for one in rules if one.status == "refused")
    for (code, reason), accounts in sorted(reasons.items(), key=lambda item: (-codes[item[0][0]], item[0][0], -len(item[1]), item[0][1])):
        yield f"refused: {count(len(accounts), 'rule')}: {plain(reason)} ({plain(_places(accounts))}) [{code}]"
    for code in sorted(filter(None, codes)):
        first = next(one for one in rules if one.code == code)
        yield f"  {code}: {first.todo}"


def _places(accounts: Sequence[Account]) -> str:
    first = accounts[0]
    return f"{first.document}:{first.table}:{first.row}" + (f" and {len(accounts) - 1} more" if len(accounts) > 1 else "")


def _assumed(rules: Sequence[Account]) -> Iterator[str]:
    said = Counter(text for one in rules for text in one.assumed if one.status in ("exported", "merged"))
    for text, number in sorted(said.items()):
        yield f"assumed for {count(number, 'rule')}: {plain(text)}"
