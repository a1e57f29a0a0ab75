"""Candidates of all documents to rules: one rule for one statement, in a stable order, with stable identities."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from extract import vocabulary
from extract.check.names import NAMED, name_key
from extract.check.stated import Scope, Stated, scope_of
from extract.model import Endpoint, Evidence, Rule, Unresolved
from extract.rows.row import Candidate

_ENCODER = msgspec.json.Encoder()


class Collected(msgspec.Struct, frozen=True):
    """The published rules, and the candidates that they are made of."""

    rules: tuple[Rule, ...]
    unresolved: tuple[Unresolved, ...]
    # Id of a rule -> everything that states it, in the order of place.
    statements: Mapping[str, Sequence[Stated]]


_End = tuple[str, str]
_Key = tuple[Any, ...]
"""Scope, then the canonical fields of a rule."""


def collect(stated: Sequence[Stated]) -> Collected:
    """Return rules and unresolved rules, in the order of scope and place."""
    # Rows that state the same rule are grouped by their values. Only one hash is computed for each group.
    groups: dict[_Key, list[Stated]] = {}
    for one in _in_order(stated):
        groups.setdefault(_key(scope_of(one.document), one.candidate), []).append(one)
    merged: dict[str, list[Stated]] = {}
    rules: list[Rule] = []
    unresolved: list[Unresolved] = []
    for key, group in groups.items():
        identity, fingerprint = _digests(key)
        merged[identity] = group
        candidate = group[0].candidate
        if candidate.open or candidate.protocol is None:
            left_open: dict[str, Any] = {"port_text": candidate.port_text, "missing": candidate.missing, "reason": candidate.reason}
            unresolved.append(Unresolved(**_fields(identity, fingerprint, group), **left_open, protocol=candidate.protocol))
        else:
            rules.append(Rule(**_fields(identity, fingerprint, group), protocol=candidate.protocol))
    return Collected(tuple(rules), tuple(unresolved), merged)


def _in_order(stated: Sequence[Stated]) -> Iterator[Stated]:
    """Yield what documents state in the order of scope and place."""
    by_document: dict[tuple[Scope, str], list[Stated]] = {}
    for document, group in itertools.groupby(stated, attrgetter("document")):
        by_document.setdefault((scope_of(document), document.id), []).extend(group)
    for place in sorted(by_document):
        yield from sorted(by_document[place], key=_row)


def _row(one: Stated) -> tuple[int, int]:
    return one.evidence.table, one.evidence.row


def _fields(identity: str, fingerprint: str, group: Sequence[Stated]) -> dict[str, Any]:
    candidate = group[0].candidate
    description, trace = candidate.description, candidate.trace
    if "; " in description or len(group) > 1:
        texts = dict.fromkeys(one.candidate.description for one in group)
        description = "; ".join(dict.fromkeys(part for text in texts for part in text.split("; ") if part))
    if len(trace) > 1 or len(group) > 1:
        trace = tuple(dict.fromkeys(trace for one in group for trace in one.candidate.trace))
    return {
        "id": identity,
        "fingerprint": fingerprint,
        "action": candidate.action,
        "direction": candidate.direction,
        "from_port": candidate.from_port,
        "to_port": candidate.to_port,
        "icmp_type": candidate.icmp_type,
        "icmp_code": candidate.icmp_code,
        "source": candidate.source,
        "destination": candidate.destination,
        "description": description,
        "trace": trace,
        "evidence": _distinct(one.evidence for one in group) if len(group) > 1 else (group[0].evidence,),
    }


def _distinct(found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple({(one.document, one.table, one.row): one for one in found}.values())


def identity_of(one: Stated) -> str:
    """Return the id of the rule that a candidate states."""
    return _digests(_key(scope_of(one.document), one.candidate))[0]


def _key(scope: Scope, candidate: Candidate) -> _Key:
    """Return what the identity of a rule is made of: candidates of one rule have equal keys, and no others have."""
    text = candidate.port_text
    return (
        scope,
        candidate.action,
        candidate.direction,
        candidate.protocol,
        candidate.from_port,
        candidate.to_port,
        candidate.icmp_type,
        candidate.icmp_code,
        endpoint_key(candidate.source),
        endpoint_key(candidate.destination),
        vocabulary.fold(text) if text is not None else None,
    )


def _digests(key: _Key) -> tuple[str, str]:
    """Return the identity of a rule, and its fingerprint: 16 hex digits over scope and canonical fields, and without the release."""
    scope, *fields = key
    # [scope, fields …] as JSON, of which the fields are encoded once.
    rest = b"," + _ENCODER.encode(fields)[1:]
    identity = _digest(b"[" + _ENCODER.encode(scope) + rest)
    return identity, _digest(b"[" + _ENCODER.encode(scope[:-1]) + rest) if len(scope) > 1 else identity


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def endpoint_key(endpoint: Endpoint | None) -> _End | None:
    """Return what identifies an endpoint: not the spelling of a name, which may change from page to page and release to release."""
    if endpoint is None:
        return None
    kind, name = endpoint.kind, endpoint.name
    if kind in NAMED:
        return kind, name_key(name)
    return kind, "any" if kind == "any" else name
