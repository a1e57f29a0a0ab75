"""The ways to read a table, as candidates of one decision: rules in rows, in columns beside the names of their fields, or in a matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from extract.interpret.assign import Decision
from extract.model import Column, Draft, Finding, RowOutcome, TableLayout, Verdict


class Layout(msgspec.Struct, frozen=True):
    """One way to read a table, and what it gives: the columns, the rows of the header, the rows that state rules and those that do not."""

    name: TableLayout
    columns: tuple[Column, ...]
    first: int
    reason: str
    drafts: tuple[Draft, ...] = ()
    no_rule: tuple[RowOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()


class Candidate(msgspec.Struct, frozen=True):
    """A way to read a table that may be the right one: what speaks against it, in the currency of `costs`, and what it would give."""

    verdict: Verdict
    cost: float
    make: Callable[[], Layout]
    # How the columns were decided; a matrix has no roles to decide.
    decision: Decision | None = None


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """Return the cheapest of those that find rules; where none does, the first one says why not."""
    rules = [candidate for candidate in candidates if candidate.verdict == "rules"]
    return min(rules, key=lambda candidate: candidate.cost) if rules else candidates[0]
