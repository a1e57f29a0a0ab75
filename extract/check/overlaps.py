"""Rules beside other rules of their scope: stated twice, described differently, overlapping, allowed and denied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from extract import vocabulary
from extract.cells.tokens import MAX_PORT
from extract.check.collect import Collected, endpoint_key
from extract.check.stated import Stated, finding_at, scope_of
from extract.model import Endpoint, Finding, Rule

_ICMP_CODES = 256


class _Span(msgspec.Struct, frozen=True):
    """What a rule covers of its protocol: ports, or types and codes of ICMP as one number."""

    first: int
    last: int
    rule: Rule
    # Its first statement.
    stated: Stated


def check(collected: Collected) -> Iterator[Finding]:
    """Yield the findings about rules that say the same, or say something about the same traffic."""
    for statements in collected.statements.values():
        if len(statements) > 1:
            yield from _repeated(statements)
    beside: dict[object, list[Rule]] = {}
    for rule in collected.rules:
        document = collected.statements[rule.id][0].document
        # Rules without endpoints, or with "any" at both, are compared only within their table, because it says whose rules they are.
        known = _is_somebody(rule.source) or _is_somebody(rule.destination)
        where = scope_of(document) if known else (document.id, rule.evidence[0].table)
        key = (where, rule.direction, rule.protocol, endpoint_key(rule.source), endpoint_key(rule.destination))
        beside.setdefault(key, []).append(rule)
    for rules in beside.values():
        if len(rules) > 1:
            spans = [_Span(*_numbers(rule), rule, collected.statements[rule.id][0]) for rule in rules]
            yield from _overlapping(sorted(spans, key=lambda span: (span.first, -span.last, span.rule.id)))


def _is_somebody(end: Endpoint | None) -> bool:
    return end is not None and end.kind != "any"


def _repeated(statements: Sequence[Stated]) -> Iterator[Finding]:
    places = {one.place: one for one in statements}
    if len(places) < 2:
        return
    first, second, *_ = places.values()
    described: dict[str, str] = {}
    for text in dict.fromkeys(one.candidate.description for one in places.values() if one.candidate.description):
        described.setdefault(vocabulary.fold(text), text)
    code, message = "duplicate-rule", f"this row states the same rule as {_where(first, second)}; it is published once, with every row"
    if len(described) > 1:
        texts = " and ".join(map(repr, described.values()))
        code, message = "descriptions-differ", f"rows describe the same rule as {texts}; it is published once, with every description"
    yield finding_at(second, code, message, places)


def _numbers(rule: Rule) -> tuple[int, int]:
    if rule.icmp_type is not None:
        first = rule.icmp_type * _ICMP_CODES
        return (first + rule.icmp_code,) * 2 if rule.icmp_code is not None else (first, first + _ICMP_CODES - 1)
    if rule.from_port is not None and rule.to_port is not None:
        return rule.from_port, rule.to_port
    return 0, MAX_PORT


def _overlapping(spans: Sequence[_Span]) -> Iterator[Finding]:
    """Yield a finding for each rule that overlaps others before it in the order of the page.

    For each action, a span is compared only with the earlier span that reaches farthest, so the time stays linear.
    """
    farthest: dict[str, _Span] = {}
    found: dict[tuple[str, str], tuple[_Span, list[_Span]]] = {}
    for span in spans:
        for other in farthest.values():
            if other.last >= span.first:
                earlier, later = sorted((span, other), key=_order)
                found.setdefault((later.rule.id, _code(earlier, later)), (later, []))[1].append(earlier)
        known = farthest.get(span.rule.action)
        if known is None or span.last > known.last:
            farthest[span.rule.action] = span
    for (_, code), (later, others) in sorted(found.items()):
        first, *more = sorted(others, key=_order)
        beside = f"{_traffic(first.rule)} of {_where(first.stated, later.stated)}{f' and {len(more)} more' if more else ''}"
        said = f"{_traffic(later.rule)} {_done(later.rule)} here overlaps {beside}, {_done(first.rule)} there"
        message = said if len({later.rule.action, first.rule.action}) == 1 else f"{said}; the order of the rules decides"
        yield finding_at(later.stated, code, message, [other.stated.place for other in (first, *more)])


def _code(earlier: _Span, later: _Span) -> str:
    """Return the finding for two overlapping rules. A wider rule with the other action after a narrower one is a default, as in ACLs."""
    wider = later.first <= earlier.first and earlier.last <= later.last and (later.first, later.last) != (earlier.first, earlier.last)
    if wider or earlier.rule.action == later.rule.action:
        return "overlapping-rules"
    return "action-conflict"


def _order(span: _Span) -> tuple[str, int, int, str]:
    return span.stated.document.id, span.stated.evidence.table, span.stated.evidence.row, span.rule.id


def _done(rule: Rule) -> str:
    return "denied" if rule.action == "deny" else "allowed"


def _traffic(rule: Rule) -> str:
    if rule.icmp_type is not None:
        return f"{rule.protocol} type {rule.icmp_type}" + (f" code {rule.icmp_code}" if rule.icmp_code is not None else "")
    if rule.from_port is None:
        return f"all {rule.protocol}" if rule.protocol != vocabulary.ANY_PROTOCOL else "all traffic"
    return f"{rule.protocol} {rule.from_port}" + (f"-{rule.to_port}" if rule.to_port != rule.from_port else "")


def _where(one: Stated, seen_from: Stated) -> str:
    """Return a row in words, with its document when that is another one."""
    row = f"table {one.evidence.table}, row {one.evidence.row}"
    return row if one.document.id == seen_from.document.id else f"{one.document.path}, {row}"
