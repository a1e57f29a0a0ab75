"""Who talks to whom: the ends of rules as nodes, and what is let through between two of them as one edge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from extract.check.provenance import NOT_STATED
from extract.check.stated import Scope, scope_of
from extract.errors import UsageError
from extract.model import Action, Document, Endpoint, Rule, Unresolved
from extract.publish.anywhere import is_anywhere
from extract.publish.diff_scopes import Snapshot
from extract.publish.graph_traffic import Traffic, cut, merged
from extract.publish.versions import version_key
from extract.publish.wording import legible

NodeKind = Literal["group", "role", "host", "cidr", "any", "no-source", "no-destination"]

KINDS: tuple[NodeKind, ...] = ("group", "role", "host", "cidr", "any", "no-source", "no-destination")
"""Every kind of node, in the order in which nodes are numbered."""

MISSING: frozenset[NodeKind] = frozenset({"no-source", "no-destination"})
"""The kinds of ends that are not stated: they are never `any`. A rule without a source and one without a destination share no end."""

WORDS: dict[NodeKind, str] = {
    "group": "group",
    "role": "role",
    "host": "host",
    "cidr": "network",
    "any": "any address",
    "no-source": "source",
    "no-destination": "destination",
}
"""What a kind of node is called before people."""

_ANYWHERE = "anywhere"
# An error message lists at most this many releases or documents.
_MAX_NAMES = 10


class Node(NamedTuple):
    """An end of rules, and the ids of those rules. The name is plain text."""

    kind: NodeKind
    name: str
    rules: tuple[str, ...]

    @property
    def words(self) -> str:
        """The name as it can stand in a sentence."""
        return self.name if self.kind not in MISSING else f"{WORDS[self.kind]} {self.name}"


class Edge(NamedTuple):
    """What rules with the same ends and the same action say, with the ids of those rules. Ends are indices of nodes."""

    source: int
    target: int
    action: Action | None
    # Whether the rules are unresolved, so that they cannot be applied.
    opened: bool
    traffic: tuple[Traffic, ...]
    rules: tuple[str, ...]

    @property
    def prefix(self) -> str:
        """What is said before the traffic: nothing when it is allowed."""
        return {"allow": "", "deny": "deny "}[self.action] if self.action else f"action {NOT_STATED}, "

    def text(self, limit: int | None = None) -> str:
        """Return what the edge says in one line; a limit is a number of ports, of which those that are left out are counted."""
        traffic = self.traffic if limit is None else cut(self.traffic, limit)
        return self.prefix + "; ".join(one.text for one in traffic)


class Graph(NamedTuple):
    """The nodes and edges of one scope. Both are in an order that does not depend on that of the rules."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def sentence(self, edge: Edge) -> str:
        """Return an edge in words: who to whom, and what."""
        return f"{self.nodes[edge.source].words} to {self.nodes[edge.target].words}: {edge.text()}"


class Drawing(NamedTuple):
    """A graph with the name of what it shows: `vendor/product/release`, or the folder of documents that are of no release."""

    name: str
    graph: Graph


_Key = tuple[NodeKind, str]
_Entry = Rule | Unresolved


def graph_of(rules: Iterable[Rule], unresolved: Iterable[Unresolved] = ()) -> Graph:
    """Return the graph of rules of one scope. Names mean the same within a scope only, so rules of several would be mixed up."""
    entries: list[_Entry] = [*rules, *unresolved]
    ends = [(_key(rule.source, "no-source"), _key(rule.destination, "no-destination")) for rule in entries]
    keys = sorted({key for both in ends for key in both}, key=lambda key: (KINDS.index(key[0]), key[1].casefold(), key[1]))
    number = {key: index for index, key in enumerate(keys)}
    touching: list[list[str]] = [[] for _ in keys]
    found: dict[tuple[int, int, bool, str], list[_Entry]] = {}
    for rule, both in zip(entries, ends, strict=True):
        source, target = (number[key] for key in both)
        found.setdefault((source, target, isinstance(rule, Unresolved), rule.action or ""), []).append(rule)
        for index in {source, target}:
            touching[index].append(rule.id)
    edges = [
        Edge(source, target, group[0].action, opened, merged(group), _ids(rule.id for rule in group))
        for (source, target, opened, _), group in sorted(found.items(), key=lambda one: one[0])
    ]
    return Graph(tuple(Node(*key, _ids(ids)) for key, ids in zip(keys, touching, strict=True)), tuple(edges))


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ids)))


def _key(endpoint: Endpoint | None, missing: NodeKind) -> _Key:
    if endpoint is None:
        return missing, NOT_STATED
    if endpoint.kind == "any":
        # `Any`, `any` and their translations are one place.
        return "any", _ANYWHERE
    # The networks of all addresses keep their names, and are drawn as what they are.
    return "any" if is_anywhere(endpoint) else endpoint.kind, legible(endpoint.name)


def drawings(
    snapshot: Snapshot, *, release: str | None = None, scope: str | None = None, document: str | None = None
) -> tuple[Drawing, ...]:
    """Return the drawings of a run, one for each scope that has rules: releases in their order, then folders of documents of none.

    `release` and `scope` choose among the scopes by name, `document` takes the rules of one document only. UsageError is raised when
    one of them names nothing; the message says what there is.
    """
    documents = _chosen(snapshot.documents, release, scope, document)
    scopes = {one.id: scope_of(one) for one in documents}
    resolved: dict[Scope, list[Rule]] = {}
    opened: dict[Scope, list[Unresolved]] = {}
    for rule in snapshot.rules:
        for key in {scopes[one.document] for one in rule.evidence if one.document in scopes}:
            resolved.setdefault(key, []).append(rule)
    for left in snapshot.unresolved:
        for key in {scopes[one.document] for one in left.evidence if one.document in scopes}:
            opened.setdefault(key, []).append(left)
    return tuple(
        Drawing("/".join(key), graph_of(resolved.get(key, ()), opened.get(key, ())))
        for key in sorted(resolved.keys() | opened.keys(), key=lambda key: (len(key) == 1, key[:-1], version_key(key[-1])))
    )


def _chosen(documents: Sequence[Document], release: str | None, scope: str | None, document: str | None) -> list[Document]:
    found = list(documents)
    if release is not None:
        named = sorted({one.release for one in found if one.release}, key=version_key)
        found = _named([one for one in found if one.release == release], f"release {release!r}", named)
    if scope is not None:
        names = {one.id: "/".join(scope_of(one)) for one in found}
        found = _named([one for one in found if names[one.id] == scope], f"scope {scope!r}", sorted(set(names.values())))
    if document is not None:
        found = _named([one for one in found if one.id == document], f"document {document!r}", sorted(one.id for one in found))
    return found


def _named(found: list[Document], what: str, known: Sequence[str]) -> list[Document]:
    if found:
        return found
    more = f" and {len(known) - _MAX_NAMES} more" if len(known) > _MAX_NAMES else ""
    raise UsageError(f"there is no {what}; there is {', '.join(known[:_MAX_NAMES]) or 'none'}{more}")
