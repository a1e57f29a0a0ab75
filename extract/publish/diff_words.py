"""Changes in words: what text, Markdown and HTML say of them, before each of them makes it safe in its own way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from extract import vocabulary
from extract.cells.limits import shortened
from extract.check import provenance
from extract.check.provenance import NOT_STATED
from extract.model import Change, ChangeKind, ChangeScope, Endpoint, Impact, Rule, Unresolved
from extract.publish.diff import IMPACTS
from extract.publish.diff_impact import AnyRule
from extract.publish.explain_text import one_line
from extract.publish.wording import count, located

LABELS: Mapping[Impact, str] = {
    "opens": "opens access",
    "widens": "widens access",
    "replaces": "replaces access: opens the new and closes the old",
    "re-routes": "re-routes access: opens the new way and closes the old one",
    "closes": "closes access",
    "narrows": "narrows access",
    "now-stated": "now stated: a direction or an end that was not stated before",
    "no-longer-stated": "no longer stated: a direction or an end that was stated before",
    "unresolved": "left open: nothing can be applied yet",
    "wording": "wording only",
    "evidence": "evidence only",
}
"""What an impact is called before people."""

SIGNS: Mapping[ChangeKind, str] = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
ARROW = "\N{RIGHTWARDS ARROW}"
NO_CHANGES = "no changes"

# These need no action. They are only counted, unless the user asks for all.
_QUIET: frozenset[Impact] = frozenset({"wording", "evidence"})
_MOVING = frozenset({"trace", "evidence"})
_PORTS = frozenset({"from_port", "to_port", "icmp_type", "icmp_code", "port_text"})
_ICMP = frozenset({"icmp", "ipv6-icmp"})
# Longer texts are cut: a line is to be read at a glance.
_MAX_TEXT = 120


class Step(NamedTuple):
    """One value of a rule that has changed."""

    label: str
    before: str
    after: str


def grouped(changes: Sequence[Change], every: bool) -> Iterator[tuple[Impact, list[Change]]]:
    """Yield the changes by impact, the most important first. Changes that need no action are left out, unless `every` is set."""
    for impact in IMPACTS:
        found = [change for change in changes if change.impact == impact]
        if found and (every or impact not in _QUIET):
            yield impact, found


def counts(changes: Sequence[Change]) -> str:
    """Return how many changes there are, and how many of each impact: `3 changes: 2 opens, 1 wording`."""
    counted = Counter(change.impact for change in changes)
    parts = ", ".join(f"{counted[impact]} {impact}" for impact in IMPACTS if counted[impact])
    return f"{count(len(changes), 'change')}: {parts}" if changes else NO_CHANGES


def to_act_on(changes: Sequence[Change]) -> bool:
    """Return whether somebody must act on one of the changes: whether there are others than those of wording and evidence."""
    return any(change.impact not in _QUIET for change in changes)


def left_out(changes: Sequence[Change], every: bool) -> int:
    """Return how many changes are counted but not shown."""
    return 0 if every else sum(change.impact in _QUIET for change in changes)


def scopes(changes: Sequence[Change]) -> tuple[str, ...]:
    """Return the names of what was compared and has changes, in the order of the changes."""
    return tuple(dict.fromkeys(_scope(change.scope) for change in changes))


def _scope(scope: ChangeScope) -> str:
    if scope.document is not None:
        return scope.document
    product = f"{scope.vendor}/{scope.product}"
    if scope.previous is None:
        return f"{product} {scope.current} (new)"
    if scope.current is None:
        return f"{product} {scope.previous} (gone)"
    return f"{product} {scope.previous}" + (f" {ARROW} {scope.current}" if scope.current != scope.previous else "")


def sentence(change: Change) -> str:
    """Return the rule of a change as it is now, or as it was when it is gone."""
    rule = change.current or change.previous
    return one_line(rule) if rule is not None else ""


def place(change: Change) -> str:
    """Return the place of the rule, `document:line`, as it is now, or as it was when it is gone."""
    rule = change.current or change.previous
    return _place(rule) if rule is not None else ""


def _place(rule: AnyRule) -> str:
    place = rule.evidence[0]
    return located(place.document, place.line, place.at)


def steps(change: Change) -> tuple[Step, ...]:
    """Return what differs between the two rules of a change; nothing for a rule that is on one side only."""
    if change.previous is None or change.current is None:
        return ()
    return tuple(_steps(change.previous, change.current, frozenset(change.fields)))


def _steps(previous: AnyRule, current: AnyRule, fields: frozenset[str]) -> Iterator[Step]:
    for name in ("action", "direction", "protocol"):
        if name in fields:
            yield Step(name, *(getattr(rule, name) or NOT_STATED for rule in (previous, current)))
    if fields & _PORTS:
        label = "ICMP type" if {previous.protocol, current.protocol} <= _ICMP else "ports"
        yield Step(label, _ports(previous), _ports(current))
    for name in ("source", "destination"):
        if name in fields:
            one, other = getattr(previous, name), getattr(current, name)
            alike = one is not None and other is not None and one.name == other.name
            yield Step(name, _end(one, alike), _end(other, alike))
    if "description" in fields:
        yield Step("description", *(repr(shortened(rule.description, _MAX_TEXT)) for rule in (previous, current)))
    if fields <= _MOVING:
        yield from _moves(previous, current, fields)


def _ports(rule: AnyRule) -> str:
    """Return the ports of a rule, or in words why it has none."""
    said = provenance.traffic_of(rule)
    if isinstance(rule, Unresolved) and "ports" in rule.missing:
        return repr(shortened(said, _MAX_TEXT)) if said else NOT_STATED
    if said is not None:
        return said
    return "none" if isinstance(rule, Rule) and rule.protocol not in _ICMP | {vocabulary.ANY_PROTOCOL} else "all"


def _end(endpoint: Endpoint | None, kind: bool) -> str:
    if endpoint is None:
        return NOT_STATED
    return f"{endpoint.name} ({endpoint.kind})" if kind else endpoint.name


def _moves(previous: AnyRule, current: AnyRule, fields: frozenset[str]) -> Iterator[Step]:
    """Yield what differs in the evidence of a rule that is the same: of its first row, how many rows there are, and in its trace."""
    one, other = previous.evidence[0], current.evidence[0]
    if _place(previous) != _place(current):
        yield Step("place", _place(previous), _place(current))
    elif (one.table, one.row) != (other.table, other.row):
        yield Step("place", *(f"table {row.table}, row {row.row}" for row in (one, other)))
    if len(previous.evidence) != len(current.evidence):
        yield Step("rows", str(len(previous.evidence)), str(len(current.evidence)))
    if one.cells.keys() != other.cells.keys():
        yield Step("columns", *(repr(shortened(", ".join(row.cells), _MAX_TEXT)) for row in (one, other)))
    for header, text in one.cells.items():
        if other.cells.get(header, text) != text:
            yield Step(repr(header), repr(shortened(text, _MAX_TEXT)), repr(shortened(other.cells[header], _MAX_TEXT)))
    if "trace" in fields:
        yield Step("trace", count(len(previous.trace), "step"), count(len(current.trace), "step"))


def reason(change: Change) -> str:
    """Return why the rule of a change cannot be applied now, empty when it can or is gone."""
    rule = change.current
    return f"missing {', '.join(rule.missing)}: {rule.reason}" if isinstance(rule, Unresolved) else ""
