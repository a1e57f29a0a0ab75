"""What the rows of a table have in common, so that the page says it once above the table and not in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extract.model import Finding, Unresolved
from extract.publish.places import SEVERITIES
from extract.publish.review.values import Common, Mark, ReviewRow, ReviewRule, Shared, Wording, wording

# In the order in which a rule is read.
_FIELDS = ("direction", "protocol", "source", "destination")
# With at most this many rows, each row says it.
_FEW = 2


def common_of(rows: Sequence[ReviewRow]) -> Common:
    """Return what the rules, and the findings about the rows, of a table have in common."""
    rules = [rule for row in rows for rule in (*row.rules, *row.repeated)]
    findings = dict(sorted(_findings(rows), key=lambda one: SEVERITIES.index(one[1].finding.severity)))
    reasons = _reasons(rows)
    # What the findings above the table say of all of these rules, their reasons need not say as well.
    said = {row.number for row in rows if any(wording(found) in findings for found in row.findings)}
    return Common(
        unstated=_unstated(rules) if len(rules) >= _FEW else (),
        marks=_marks(rules) if len(rules) >= _FEW else (),
        findings=findings,
        reasons=frozenset(reasons),
        alone=tuple((reason, len(places)) for reason, places in reasons.items() if not said.issuperset(places)),
    )


def _unstated(rules: Sequence[ReviewRule]) -> tuple[str, ...]:
    return tuple(field for field in _FIELDS if all(getattr(rule.entry, field) is None for rule in rules))


def _marks(rules: Sequence[ReviewRule]) -> tuple[Mark, ...]:
    return tuple(mark for mark in rules[0].of("inferred") if all(mark in rule.marks for rule in rules))


def _findings(rows: Sequence[ReviewRow]) -> Iterator[tuple[Wording, Shared]]:
    """Yield the findings that many rows have in the same words."""
    found: dict[Wording, list[tuple[int, Finding]]] = {}
    for row in rows:
        for one in row.findings:
            found.setdefault(wording(one), []).append((row.number, one))
    ruled = {row.number for row in rows if row.rules or row.repeated}
    for words, ones in found.items():
        if len(ones) > _FEW:
            places = {row for row, _ in ones}
            yield words, Shared(ones[0][1], len(places), places == ruled)


def _reasons(rows: Sequence[ReviewRow]) -> dict[str, list[int]]:
    """Return why many rules are unresolved, each with the row of every rule."""
    found: dict[str, list[int]] = {}
    for row in rows:
        for entry in (rule.entry for rule in row.rules):
            if isinstance(entry, Unresolved):
                found.setdefault(entry.reason, []).append(row.number)
    return {reason: places for reason, places in found.items() if len(places) > _FEW}
