"""Candidates of all documents to rules: one rule for one statement, in a stable order, with stable identities."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from extract import vocabulary
from extract.check.names import NAMED, name_key
from extract.check.stated import Stated, scope_of
from extract.model import Document, Endpoint, Evidence, Rule, Unresolved
from extract.normalize.rows import Candidate


class Collected(NamedTuple):
    """What is published, and what it is made of."""

    rules: tuple[Rule, ...]
    unresolved: tuple[Unresolved, ...]
    statements: Mapping[str, Sequence[Stated]]
    # Id of a rule -> everything that states it, in the order of place.


def collect(stated: Sequence[Stated]) -> Collected:
    """Return rules and unresolved rules, in the order of scope and place."""
    merged: dict[str, list[Stated]] = {}
    for one in sorted(stated, key=lambda one: (scope_of(one.document), one.document.id, one.evidence.table, one.evidence.row)):
        merged.setdefault(identity_of(one), []).append(one)
    rules: list[Rule] = []
    unresolved: list[Unresolved] = []
    for identity, group in merged.items():
        fields = _fields(identity, group)
        candidate = group[0].candidate
        if candidate.missing or candidate.protocol is None:
            left_open: dict[str, Any] = {"port_text": candidate.port_text, "missing": candidate.missing, "reason": candidate.reason}
            unresolved.append(Unresolved(**fields, **left_open, protocol=candidate.protocol))
        else:
            rules.append(Rule(**fields, protocol=candidate.protocol))
    return Collected(tuple(rules), tuple(unresolved), merged)


def _fields(identity: str, group: Sequence[Stated]) -> dict[str, Any]:
    document, _, candidate = group[0]
    descriptions = dict.fromkeys(part for one in group for part in one.candidate.description.split("; ") if part)
    return {
        "id": identity,
        "fingerprint": _identity(document, candidate, False),
        "action": candidate.action,
        "direction": candidate.direction,
        "from_port": candidate.from_port,
        "to_port": candidate.to_port,
        "icmp_type": candidate.icmp_type,
        "icmp_code": candidate.icmp_code,
        "source": candidate.source,
        "destination": candidate.destination,
        "description": "; ".join(descriptions),
        "trace": tuple(dict.fromkeys(trace for one in group for trace in one.candidate.trace)),
        "evidence": _distinct(one.evidence for one in group),
    }


def _distinct(found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple({(one.document, one.table, one.row): one for one in found}.values())


def identity_of(one: Stated) -> str:
    """Return the id of the rule that a candidate states."""
    return _identity(one.document, one.candidate, True)


def _identity(document: Document, candidate: Candidate, release: bool) -> str:
    """Return 16 hex digits over scope and canonical fields; without the release for the fingerprint."""
    scope = scope_of(document)
    key = [
        list(scope if release or len(scope) == 1 else scope[:2]),
        candidate.action,
        candidate.direction,
        candidate.protocol,
        candidate.from_port,
        candidate.to_port,
        candidate.icmp_type,
        candidate.icmp_code,
        endpoint_key(candidate.source),
        endpoint_key(candidate.destination),
        vocabulary.fold(candidate.port_text) if candidate.port_text is not None else None,
    ]
    return hashlib.sha256(msgspec.json.encode(key)).hexdigest()[:16]


def endpoint_key(endpoint: Endpoint | None) -> list[str] | None:
    """Return what identifies an endpoint: not the spelling of a name, which may change from page to page and release to release."""
    if endpoint is None:
        return None
    if endpoint.kind in NAMED:
        return [endpoint.kind, name_key(endpoint.name)]
    return [endpoint.kind, "any" if endpoint.kind == "any" else endpoint.name]
