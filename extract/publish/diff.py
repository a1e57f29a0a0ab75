"""What a new state of the documentation means for a firewall: the changes between two runs, rule by rule."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import get_args

import msgspec

from extract import schema
from extract.model import Change, ChangeKind, ChangeScope, Impact, Rule, Trace, Unresolved
from extract.publish import diff_scopes
from extract.publish.diff_impact import AnyRule, Fields, impact_of, traffic_key
from extract.publish.diff_pairs import tell
from extract.publish.diff_scopes import Side, Snapshot
from extract.read import layout

__all__ = ["IMPACTS", "Snapshot", "changes_json", "compare"]

IMPACTS: tuple[Impact, ...] = get_args(Impact)
"""Every impact, what matters most first."""

_MOVING = frozenset({"trace", "evidence"})
# The spelling of names and words of the page may change. Such a change is shown with the other changes of the rule.
_WORDED = ("source", "destination", "description", "port_text")
# Follow from the other fields, or from where the rule stands.
_DERIVED = frozenset({"id", "fingerprint", "complete"})
_COMPARED = tuple(
    dict.fromkeys(field.name for struct in (Rule, Unresolved) for field in msgspec.structs.fields(struct) if field.name not in _DERIVED)
)
# What a rule says in the fields that only an unresolved one has.
_RESOLVED = {"port_text": None, "missing": (), "reason": ""}


def compare(old: Snapshot, new: Snapshot) -> tuple[Change, ...]:
    """Return the changes from one run to another, in a stable order that does not depend on that of their rules and documents.

    In one pair of releases (or documents) that are compared, each rule is in one change or, when it is identical on both sides, in none.
    """
    found: list[tuple[tuple[object, ...], Change]] = []
    for before, after in diff_scopes.pairs(old, new):
        if before.scope == after.scope and before.entries == after.entries:
            # Nothing of most releases changes from one run to the next.
            continue
        for change in _changes(before, after):
            where = tuple(part or "" for part in msgspec.structs.astuple(change.scope))
            found.append(((where, *_order(change)), change))
    return tuple(change for _, change in sorted(found, key=lambda one: one[0]))


def changes_json(changes: tuple[Change, ...]) -> bytes:
    """Return changes as two-space JSON with a final line feed. Raises SchemaViolationError when that breaks its schema."""
    encoded = msgspec.json.encode({"schema_version": schema.version("diff"), "changes": changes})
    schema.validate("diff", encoded)
    return msgspec.json.format(encoded, indent=2) + b"\n"


def _scope(before: Side, after: Side, rule: AnyRule) -> ChangeScope:
    """Return the release in which a rule is compared. Without a release or a vendor, it is the document."""
    if len(after.scope) < len(layout.NAMES):
        document = rule.evidence[0].document
        return ChangeScope(vendor=None, product=None, previous=None, current=None, document=before.renamed.get(document, document))
    vendor, product, _ = after.scope
    return ChangeScope(vendor=vendor, product=product, previous=before.release, current=after.release, document=None)


def _changes(before: Side, after: Side) -> Iterator[Change]:
    told = tell(before, after)
    for rule in told.removed:
        yield _change("removed", _scope(before, after, rule), rule, None)
    for rule in told.added:
        yield _change("added", _scope(before, after, rule), None, rule)
    for previous, current in told.pairs:
        fields = () if before.scope == after.scope and previous == current else _differing(previous, current, before, after)
        if fields:
            kind: ChangeKind = "moved" if _MOVING.issuperset(fields) else "changed"
            yield _change(kind, _scope(before, after, current), previous, current, fields)


def _differing(previous: AnyRule, current: AnyRule, before: Side, after: Side) -> Fields:
    return tuple(name for name in _COMPARED if _differs(name, previous, current, before, after))


def _differs(name: str, previous: AnyRule, current: AnyRule, before: Side, after: Side) -> bool:
    if name == "evidence":
        return _places(previous, before) != _places(current, after)
    if name == "trace":
        return _steps(previous, current, before) != _steps(current, previous, after)
    return bool(getattr(previous, name, _RESOLVED.get(name)) != getattr(current, name, _RESOLVED.get(name)))


def _places(rule: AnyRule, side: Side) -> list[tuple[object, ...]]:
    """Return what is compared of the evidence: the pages without the name of the release."""
    return [(side.page(one.document), one.table, one.row, one.line, one.cells, one.url) for one in rule.evidence]


def _steps(rule: AnyRule, other: AnyRule, side: Side) -> list[Trace]:
    """Return the compared part of the trace: pages without the name of the release; only the words if the other side has no places.

    Files of before 1.1.0 place nothing.
    """
    untold = {msgspec.structs.replace(one, document=None, line=None, quote=None) for one in other.trace if one.document is None}
    found = []
    for one in rule.trace:
        bare = msgspec.structs.replace(one, document=None, line=None, quote=None)
        if one.document is None or bare in untold:
            found.append(bare)
        else:
            found.append(msgspec.structs.replace(one, document=side.page(one.document)))
    return found


def _change(kind: ChangeKind, scope: ChangeScope, previous: AnyRule | None, current: AnyRule | None, fields: Fields = ()) -> Change:
    worded = [(name, getattr(previous, name, None), getattr(current, name, None)) for name in _WORDED if name in fields]
    prints = [rule.fingerprint if rule is not None else None for rule in (previous, current)]
    key = msgspec.json.encode([kind, scope, prints, fields, worded])
    return Change(
        id=hashlib.sha256(key).hexdigest()[:16],
        kind=kind,
        impact=impact_of(previous, current, fields),
        scope=scope,
        fields=fields,
        previous=previous,
        current=current,
    )


def _order(change: Change) -> tuple[object, ...]:
    rule = change.current or change.previous
    place = (rule.evidence[0].document, rule.evidence[0].table, rule.evidence[0].row) if rule is not None else ()
    return IMPACTS.index(change.impact), change.kind, *place, traffic_key(rule) if rule is not None else (), change.id
