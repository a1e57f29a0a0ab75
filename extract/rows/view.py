"""What the readers of one row share: its draft, its cells by role and what they say, and the findings that come up."""

from __future__ import annotations

from extract import vocabulary
from extract.catalogue import finding
from extract.cells.reading import Cells, Reading
from extract.model import Draft, Endpoint, Fact, Field, Finding, Role, Trace, Value


class RowView:
    """One draft, and the findings about it so far."""

    def __init__(self, draft: Draft, cells: Cells) -> None:
        """Take the draft of the row, and the readings of the cells of its page."""
        self.draft = draft
        self._cells = cells
        self._values = draft.values
        self._findings: dict[tuple[str, str], Finding] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the findings so far, each once."""
        return tuple(self._findings.values())

    def values(self, role: Role, *others: Role) -> tuple[Value, ...]:
        """Return the cells of these roles, in the order of the roles and of the columns."""
        found = self._values.get(role, ())
        for other in others:
            if other in self._values:
                found += self._values[other]
        return found

    def read(self, value: Value) -> Reading:
        """Return what a cell says."""
        return self._cells[value.lines]

    def read_text(self, text: str) -> Reading:
        """Return what a text says that is no whole cell, read as if it were one."""
        return self._cells[(text,)]

    def protocols(self, role: Role) -> tuple[str, ...]:
        """Return the protocols that the cells of a role name, each once."""
        values = self.values(role)
        return tuple(dict.fromkeys(word for value in values for word in self.read(value).protocol.protocols)) if values else ()

    def endpoints(self, role: Role) -> tuple[Endpoint, ...]:
        """Return the endpoints that the cells of a role name.

        Several columns of a side (name, zone, address) describe the same endpoint: the address counts, else the first column that is not
        "any", because the others only say it less precisely. A zone (`WAN`, or a cell under `Source zone`) counts last of these.
        """
        values = self.values(role)
        if len(values) < 2:
            return self._cells[values[0].lines].endpoints if values else ()
        found = [parsed for value in sorted(values, key=_is_zone) if (parsed := self.read(value).endpoints)]
        precise = [parsed for parsed in found if all(one.kind in ("cidr", "host") for one in parsed)]
        limited = [parsed for parsed in found if not any(one.kind == "any" for one in parsed)]
        return next(iter(precise or limited or found), ())

    def fact(self, field: Field) -> Fact | None:
        """Return what the surroundings of the row state of a field."""
        return self.draft.facts.get(field)

    def find(self, code: str, message: str) -> None:
        """Record a finding at this row."""
        if (code, message) not in self._findings:
            draft = self.draft
            found = finding(code, message, line=draft.line, table=draft.table, row=draft.row, cells=draft.cells)
            self._findings[code, message] = found


def _is_zone(value: Value) -> bool:
    if vocabulary.fold(value.text) in vocabulary.words("zone"):
        return True
    return vocabulary.finder("zone_header").search(vocabulary.fold(value.header)) is not None


def context_trace(field: str, fact: Fact, became: str, by: str = "") -> Trace:
    """Return the trace of a value that the surroundings of the row state; `by` is the mechanism where the place does not tell it.

    Its line is one of the page; the check of the page adds the document.
    """
    if not fact.line:
        return Trace(field, "context", fact.text, became, by or fact.by, "column header")
    return Trace(field, "context", fact.text, became, by or fact.by, f"line {fact.line}", line=fact.line, quote=fact.text)
