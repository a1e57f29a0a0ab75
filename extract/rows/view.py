"""What the readers of one row share: its draft, its cells by role, and the findings that come up."""

from __future__ import annotations

from extract import vocabulary
from extract.catalogue import finding
from extract.model import Draft, Fact, Field, Finding, Trace, Value


class RowView:
    """One draft, and the findings about it so far."""

    def __init__(self, draft: Draft) -> None:
        """Take the draft of the row."""
        self.draft = draft
        self._values = draft.values
        self._findings: dict[tuple[str, str], Finding] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the findings so far, each once."""
        return tuple(self._findings.values())

    def values(self, *roles: str) -> tuple[Value, ...]:
        """Return the cells of these roles, in the order of the roles and of the columns."""
        if len(roles) == 1:
            return self._values.get(roles[0], ())
        return tuple([value for role in roles if role in self._values for value in self._values[role]])

    def fact(self, field: Field) -> Fact | None:
        """Return what the surroundings of the row state of a field."""
        return self.draft.facts.get(field)

    def find(self, code: str, message: str) -> None:
        """Record a finding at this row."""
        if (code, message) not in self._findings:
            draft = self.draft
            found = finding(code, message, line=draft.line, table=draft.table, row=draft.row, cells=draft.cells)
            self._findings[code, message] = found


def context_trace(field: str, fact: Fact, became: str, by: str = "") -> Trace:
    """Return the trace of a value that the surroundings of the row state; `by` is the mechanism where the place does not tell it.

    Its line is one of the page; the check of the page adds the document.
    """
    if not fact.line:
        return Trace(field, "context", fact.text, became, by or fact.by, "column header")
    return Trace(field, "context", fact.text, became, by or fact.by, f"line {fact.line}", line=fact.line, quote=fact.text)


def is_ticked(text: str) -> bool:
    """Return whether a cell ticks its column."""
    return vocabulary.fold(text) in vocabulary.words("tick")
