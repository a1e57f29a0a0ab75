"""Candidates of all documents to rules: one name for one group, one rule for one statement, stable identities."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from extract import vocabulary
from extract.model import Document, Endpoint, Evidence, Rule, Trace, Unresolved
from extract.normalize.rows import Candidate

Scope = tuple[str, ...]

# The kinds of endpoints whose names people write in their own ways; networks and hosts are canonical or taken literally.
_NAMED = frozenset({"group", "role"})


class Stated(NamedTuple):
    """A candidate with the place that states it."""

    document: Document
    evidence: Evidence
    candidate: Candidate


class Collected(NamedTuple):
    """What is published."""

    rules: tuple[Rule, ...]
    unresolved: tuple[Unresolved, ...]


def scope_of(document: Document) -> Scope:
    """Return what a rule's identity and a name's meaning are bound to: the release of a product, else the document alone."""
    if document.vendor and document.product and document.release:
        return (document.vendor, document.product, document.release)
    return (document.id,)


def collect(stated: Sequence[Stated], described: Iterable[tuple[Document, str]]) -> Collected:
    """Return rules and unresolved rules, in the order of scope and place.

    `described` holds the names that pages describe (titles, headings that own a table): they win as spelling of a name
    over others that are as full.
    """
    names = _Names(stated, described)
    merged: dict[str, list[tuple[Stated, Candidate]]] = {}
    for one in sorted(stated, key=lambda one: (scope_of(one.document), one.document.id, one.evidence.table, one.evidence.row)):
        candidate = names.apply(one)
        merged.setdefault(_identity(one.document, candidate, True), []).append((one, candidate))
    rules: list[Rule] = []
    unresolved: list[Unresolved] = []
    for identity, group in merged.items():
        fields = _fields(identity, group)
        candidate = group[0][1]
        if candidate.missing or candidate.protocol is None:
            left_open: dict[str, Any] = {"port_text": candidate.port_text, "missing": candidate.missing, "reason": candidate.reason}
            unresolved.append(Unresolved(**fields, **left_open, protocol=candidate.protocol))
        else:
            rules.append(Rule(**fields, protocol=candidate.protocol))
    return Collected(tuple(rules), tuple(unresolved))


def _fields(identity: str, group: list[tuple[Stated, Candidate]]) -> dict[str, Any]:
    stated, candidate = group[0]
    descriptions = dict.fromkeys(part for _, other in group for part in other.description.split("; ") if part)
    return {
        "id": identity,
        "fingerprint": _identity(stated.document, candidate, False),
        "action": candidate.action,
        "direction": candidate.direction,
        "from_port": candidate.from_port,
        "to_port": candidate.to_port,
        "icmp_type": candidate.icmp_type,
        "icmp_code": candidate.icmp_code,
        "source": candidate.source,
        "destination": candidate.destination,
        "description": "; ".join(descriptions),
        "trace": tuple(dict.fromkeys(trace for _, other in group for trace in other.trace)),
        "evidence": _distinct(one.evidence for one, _ in group),
    }


def _distinct(found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple({(one.document, one.table, one.row): one for one in found}.values())


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
        _endpoint_key(candidate.source),
        _endpoint_key(candidate.destination),
        vocabulary.fold(candidate.port_text) if candidate.port_text is not None else None,
    ]
    return hashlib.sha256(msgspec.json.encode(key)).hexdigest()[:16]


def _endpoint_key(endpoint: Endpoint | None) -> list[str] | None:
    """Return what identifies an endpoint: not the spelling of a name, which may change from page to page and release to release."""
    if endpoint is None:
        return None
    if endpoint.kind in _NAMED:
        return [endpoint.kind, name_key(endpoint.name)]
    return [endpoint.kind, "any" if endpoint.kind == "any" else endpoint.name]


class _Names:
    """One spelling for each name of a scope."""

    def __init__(self, stated: Sequence[Stated], described: Iterable[tuple[Document, str]]) -> None:
        used: dict[tuple[Scope, str], dict[str, int]] = {}
        headed: set[tuple[Scope, str]] = set()
        for document, name in described:
            scope = scope_of(document)
            headed.add((scope, name))
            used.setdefault((scope, name_key(name)), {}).setdefault(name, 0)
        for one in stated:
            scope = scope_of(one.document)
            for endpoint in (one.candidate.source, one.candidate.destination):
                if endpoint is not None and endpoint.kind in _NAMED:
                    spellings = used.setdefault((scope, name_key(endpoint.name)), {})
                    spellings[endpoint.name] = spellings.get(endpoint.name, 0) + 1
        # The full form, then what a page is headed with, then the most frequent, then the alphabet: never the order of the documents.
        self._canonical = {
            (scope, key): min(spellings, key=lambda name: (_is_abbreviated(name), (scope, name) not in headed, -spellings[name], name))
            for (scope, key), spellings in used.items()
        }

    def apply(self, one: Stated) -> Candidate:
        """Return the candidate with canonical names, and a trace for each that was written otherwise."""
        candidate = one.candidate
        for side in ("source", "destination"):
            endpoint: Endpoint | None = getattr(candidate, side)
            if endpoint is None or endpoint.kind not in _NAMED:
                continue
            name = self._canonical.get((scope_of(one.document), name_key(endpoint.name)), endpoint.name)
            if name != endpoint.name:
                trace = Trace(
                    side, "alias", endpoint.name, name, "same name in full", f"{endpoint.name!r} and {name!r} are one name in this scope"
                )
                renamed = Endpoint(endpoint.kind, name)
                candidate = candidate._replace(source=renamed) if side == "source" else candidate._replace(destination=renamed)
                candidate = candidate._replace(trace=(*candidate.trace, trace))
        return candidate


def _is_abbreviated(name: str) -> bool:
    return name_key(name) != vocabulary.fold(name)


def name_key(name: str) -> str:
    """Return what two spellings of one name have in common: case, white space and the short forms of "security group" folded."""
    words = vocabulary.fold(name).split()
    short = vocabulary.abbreviations()
    return " ".join(short.get(re.sub(r"[.,:]$", "", word), word) for word in words)
