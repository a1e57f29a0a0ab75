"""What the rows of a table have in common, so that the page says it once above the table and not in each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from extract.model import Finding, Unresolved
from extract.publish.review.values import Common, ReviewRow, ReviewRule, Shared

# In the order in which a rule is read.
_FIELDS = ("direction", "protocol", "source", "destination")
# So few rows say it themselves.
_FEW = 2


def common_of(rows: Sequence[ReviewRow]) -> Common:
    """Return what the rules, and the findings about the rows, of a table have in common."""
    rules = [rule for row in rows for rule in row.rules]
    told = [rule.entry for rule in rules]
    several = len(told) >= _FEW
    findings = tuple(_findings(rows))
    said = {row.number for row in rows if any(_same(found, one.finding) for found in row.findings for one in findings)}
    reasons = Counter(one.reason for one in told if isinstance(one, Unresolved))
    many = {reason: number for reason, number in reasons.items() if number > _FEW}
    # What the findings above the table say of all of these rules, their reasons need not say as well.
    open_rows = {reason: {row.number for row in rows if any(_is_open(rule, reason) for rule in row.rules)} for reason in many}
    return Common(
        unstated=tuple(field for field in _FIELDS if several and all(getattr(one, field) is None for one in told)),
        marks=tuple(mark for mark in rules[0].of("inferred") if all(mark in rule.marks for rule in rules)) if several else (),
        findings=findings,
        reasons=frozenset(many),
        alone=tuple((reason, number) for reason, number in many.items() if not open_rows[reason] <= said),
    )


def _findings(rows: Sequence[ReviewRow]) -> Iterator[Shared]:
    """Yield the findings that many rows have in the same words."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for one in (one for row in rows for one in row.findings):
        found.setdefault((one.code, one.message), []).append(one)
    for ones in found.values():
        if len(ones) > _FEW:
            yield Shared(ones[0], len(ones), len(ones) >= sum(bool(row.rules or row.repeated) for row in rows))


def _same(one: Finding, other: Finding) -> bool:
    return (one.code, one.message) == (other.code, other.message)


def _is_open(rule: ReviewRule, reason: str) -> bool:
    return isinstance(rule.entry, Unresolved) and rule.entry.reason == reason
