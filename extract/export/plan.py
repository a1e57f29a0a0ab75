"""Decide which rules of a scope are exported: merge equal rules, apply denials, and prove that the output allows nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from extract import vocabulary
from extract.errors import DocrulesError, UsageError
from extract.export.boxes import EVERYTHING, Box, Entry, Symbols, is_name, let_through, overlap, subtract
from extract.export.flows import Flow, boxes, protocols, values
from extract.export.refusals import Refusal, refuse
from extract.export.target import Files, Target
from extract.model import Direction, Rule, Unresolved


class WiderError(DocrulesError):
    """An output is not what the rules say: a defect of this program, after which nothing is written."""


class Chosen(NamedTuple):
    """What of the flows is written."""

    # In the order in which they count.
    flows: tuple[Flow, ...]
    # By the fingerprint of the rule.
    refused: Mapping[str, Refusal]
    # Fingerprint -> that of the rule that stands for it.
    merged: Mapping[str, str]
    # Denials that the target need not write.
    implied: frozenset[str]


Denial = tuple[Rule | Unresolved, frozenset[Direction]]
"""What may deny, and the ways that its traffic may go."""


def choose(target: Target, flows: Sequence[Flow]) -> Chosen:
    """Return which flows a target writes; `flows` are in the order of documents, tables and rows.

    Order matters only within a table. Raises UsageError if tables of several documents hold denials. A target that lists the rules for
    people takes every rule, because order does not matter there.
    """
    if not target.NEEDS_BINDINGS:
        return _listed(target, flows)
    _check_denials(target, flows)
    given = flows
    kept, refused, implied = _by_tables(target, flows)
    flows, merged = _merged(kept)
    too_many = target.limit(flows)
    refused |= too_many
    refused |= {name: too_many[into] for name, into in merged.items() if into in too_many}
    left = tuple(flow for flow in flows if flow.rule.fingerprint not in too_many)
    denials = {flow.rule.fingerprint: flow for flow in given if flow.rule.fingerprint in implied}
    blocked = frozenset(name for name, flow in denials.items() if target.implies(flow, left))
    refused |= {
        name: refuse("deny-not-expressible", "something beside this output may let it through") for name in denials.keys() - blocked
    }
    return Chosen(left, refused, {name: into for name, into in merged.items() if into not in too_many}, blocked)


def _listed(target: Target, flows: Sequence[Flow]) -> Chosen:
    """Return all flows that a target can write down."""
    refused = {flow.rule.fingerprint: why for flow in flows if (why := target.refuse(flow)) is not None}
    left = [flow for flow in flows if flow.rule.fingerprint not in refused]
    refused |= target.limit(left)
    return Chosen(tuple(flow for flow in left if flow.rule.fingerprint not in refused), refused, {}, frozenset())


def _by_tables(target: Target, flows: Sequence[Flow]) -> tuple[list[Flow], dict[str, Refusal], frozenset[str]]:
    """Return what is written, what is refused, and the denials that need not be written.

    A rule may stand in several tables: what one of them lets through is let through, and a denial holds in each of its own.
    """
    tables = _tables(flows)
    written: dict[str, Flow] = {}
    refused: dict[str, Refusal] = {}
    implied: set[str] = set()
    for table in tables:
        elsewhere = [flow for other in tables if other is not table for flow in other]
        denies = any(flow.rule.action == "deny" for flow in table)
        some, without, needless = _of_table(target, table, elsewhere) if denies else (table, {}, set[str]())
        for flow in some:
            written.setdefault(flow.rule.fingerprint, flow)
        refused |= without
        implied |= needless
    left = {name: why for name, why in refused.items() if name not in written}
    return list(written.values()), left, frozenset(implied - written.keys() - left.keys())


def _check_denials(target: Target, flows: Sequence[Flow]) -> None:
    documents = sorted({one.document for flow in flows if flow.rule.action == "deny" for one in flow.places})
    if target.ORDERED and len(documents) > 1:
        why = "tables of several documents deny, and order means something within a table only"
        raise UsageError(f"{why}; take one with --document: {', '.join(documents)}")


def _tables(flows: Iterable[Flow]) -> list[list[Flow]]:
    """Return the flows by table. Tables without denials come first, because denials of other tables do not apply to them."""
    found: dict[tuple[str, int], list[tuple[int, Flow]]] = {}
    for flow in flows:
        for table, row in flow.rows.items():
            found.setdefault(table, []).append((row, flow))
    # Of one row, in the order of the data.
    ordered = [[flow for _, flow in sorted(table, key=lambda one: one[0])] for table in found.values()]
    return sorted(ordered, key=lambda table: any(flow.rule.action == "deny" for flow in table))


def _of_table(target: Target, table: Sequence[Flow], elsewhere: Sequence[Flow]) -> tuple[list[Flow], dict[str, Refusal], set[str]]:
    """Return what of a table is written, what is refused, and the denials that need not be written; `elsewhere` is in other tables."""
    symbols = Symbols()
    covered = {id(flow): boxes(flow, symbols) for flow in (*table, *elsewhere)}
    others = [covered[id(flow)] for flow in elsewhere if flow.rule.action == "allow"]
    # Denials that are not written: what they stop must not be let through by a later row.
    unwritten: list[tuple[Box, ...]] = []
    written: list[Flow] = []
    refused: dict[str, Refusal] = {}
    implied: set[str] = set()
    for index, flow in enumerate(table):
        own, name = covered[id(flow)], flow.rule.fingerprint
        if flow.rule.action == "allow":
            if any(_touch(own, stopped) for stopped in unwritten):
                refused[name] = refuse("allow-behind-deny", "an earlier row of its table denies a part of it")
            else:
                written.append(flow)
            continue
        behind = [covered[id(other)] for other in table[index + 1 :] if other.rule.action == "allow"]
        why = _undeniable(own, others, () if target.ORDERED else behind)
        if why is None and target.ORDERED:
            written.append(flow)
            continue
        unwritten.append(own)
        if why is None:
            implied.add(name)
        else:
            refused[name] = why
    return written, refused, implied


def _undeniable(own: Sequence[Box], others: Iterable[Sequence[Box]], behind: Iterable[Sequence[Box]]) -> Refusal | None:
    """Return why a denial cannot be kept: what rules of other tables allow, and rows behind it where a target cannot deny."""
    if any(_touch(own, other) for other in others):
        return refuse("deny-not-expressible", "rules of another table allow a part of what it denies")
    if any(_touch(own, other) for other in behind):
        return refuse("deny-not-expressible", "the target allows only, and rows behind it allow a part of what it denies")
    return None


def may_be_stopped(flow: Flow, denials: Iterable[Denial]) -> bool:
    """Return whether a flow may overlap one of some denials with unknown endpoints: an endpoint that is not stated may be anything."""
    rule = flow.rule
    return rule.action == "allow" and any(
        flow.direction in ways
        and (rule.protocol == vocabulary.ANY_PROTOCOL or other.protocol in (None, vocabulary.ANY_PROTOCOL, rule.protocol))
        and _common(rule.from_port, rule.to_port, other.from_port, other.to_port)
        and _common(rule.icmp_type, rule.icmp_type, other.icmp_type, other.icmp_type)
        for other, ways in denials
    )


def _common(first: int | None, last: int | None, other_first: int | None, other_last: int | None) -> bool:
    if first is None or last is None or other_first is None or other_last is None:
        return True
    return first <= other_last and other_first <= last


def _touch(some: Sequence[Box], others: Sequence[Box]) -> bool:
    """Return whether two flows may overlap. A name may stand for any address, and two names may stand for the same machine."""
    return any(overlap(_widened(one), _widened(other)) for one in some for other in others)


def _widened(box: Box) -> Box:
    """Return a box whose ends are everything where they are names."""
    source, destination = (EVERYTHING if is_name(end) else end for end in (box.source, box.destination))
    return box._replace(source=source, destination=destination)


def _merged(flows: Sequence[Flow]) -> tuple[tuple[Flow, ...], dict[str, str]]:
    """Return the flows without those that are the same as another one once their ends are bound, and which one stands for each of these.

    The smallest fingerprint stands for all of them, at the place of the first.
    """
    groups: dict[object, list[Flow]] = {}
    # With denials, the place of a rule matters, so equal rules are not merged.
    placed = any(flow.rule.action == "deny" for flow in flows)
    for flow in flows:
        rule = flow.rule
        place = flow.table if placed else None
        key = (rule.action, place, flow.direction, protocols(rule), values(rule), _bound(flow.source), _bound(flow.destination))
        groups.setdefault(key, []).append(flow)
    merged: dict[str, str] = {}
    kept: list[Flow] = []
    for group in groups.values():
        best = min(group, key=lambda flow: flow.rule.fingerprint)
        kept.append(best)
        merged |= {flow.rule.fingerprint: best.rule.fingerprint for flow in group if flow is not best}
    return tuple(kept), merged


def _bound(end: object) -> object:
    kind, networks, reference, name = (getattr(end, field) for field in ("kind", "networks", "reference", "name"))
    if {one.version for one in networks if one.prefixlen == 0} == {4, 6}:
        kind, networks = "anywhere", ()
    return kind, frozenset(networks), reference, name if kind == "name" else ""


def prove(target: Target, flows: Sequence[Flow], files: Files, left_open: int = 0) -> None:
    """Compare an output with the flows that it was written of, both ways, by reading its text back.

    A target that lists the rules must list the same rules in the same order, followed by `left_open` entries that allow nothing. Raises
    WiderError if the output allows more than the flows, or less.
    """
    symbols = Symbols()
    try:
        written = target.read(files, symbols)
    except ValueError as error:
        raise WiderError(f"the {target.NAME} output cannot be read back: {error}; nothing was written. Please report this") from error
    if target.NEEDS_BINDINGS:
        _compare(target, flows, let_through(written), symbols)
        return
    wanted = [*(Entry(flow.rule.action == "allow", boxes(flow, symbols)) for flow in flows), *[Entry(False, ())] * left_open]
    other = next((number for number, (one, two) in enumerate(zip_longest(wanted, written), 1) if one != two), None)
    if other is not None:
        raise WiderError(
            f"row {other} of the {target.NAME} output says something else than its rule; nothing was written. Please report this"
        )


def _compare(target: Target, flows: Sequence[Flow], written: Sequence[Box], symbols: Symbols) -> None:
    wanted: list[Box] = []
    for table in _tables(flows):
        wanted.extend(let_through(Entry(flow.rule.action == "allow", boxes(flow, symbols)) for flow in table))
    for what, boxes_of, other in (
        ("lets through more than the rules", written, wanted),
        ("lacks what the rules let through", wanted, written),
    ):
        rest = subtract(boxes_of, other)
        if rest:
            raise WiderError(f"the {target.NAME} output {what}, {rest[0]} say; nothing was written. Please report this")
