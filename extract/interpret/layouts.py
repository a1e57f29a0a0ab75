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
    """A possible way to read a table: its costs, on the scale of `costs`, and its result."""

    verdict: Verdict
    cost: float
    make: Callable[[], Layout]
    # How the columns were decided; a matrix has no roles to decide.
    decision: Decision | None = None


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """Return the cheapest way that finds rules. If none does, return the first one, which says why."""
    rules = [candidate for candidate in candidates if candidate.verdict == "rules"]
    return min(rules, key=lambda candidate: candidate.cost) if rules else candidates[0]
