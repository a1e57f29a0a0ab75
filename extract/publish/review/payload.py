"""What the script of the review page knows: the rules as they are published, and where they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from extract.check.provenance import NOT_STATED
from extract.model import Rule
from extract.publish import graph_layout, graph_svg
from extract.publish.graph import graph_of
from extract.publish.review import text
from extract.publish.review.values import Review, ReviewRule, ReviewScope


class Drawing(NamedTuple):
    """The drawing of a scope."""

    scope: int
    name: str
    newest: bool
    svg: str
    nodes: tuple[Picked, ...]
    edges: tuple[Picked, ...]


class Picked(NamedTuple):
    """A node or arrow of a drawing: what it is called, and the rules that it stands for."""

    label: str
    rules: tuple[int, ...]


def drawings(review: Review) -> tuple[Drawing, ...]:
    """Return the drawings, of each scope that has rules; none where nothing is installed that lays them out."""
    if not graph_layout.is_installed():
        return ()
    return tuple(_drawing(scope) for scope in review.scopes if scope.entries)


def _drawing(scope: ReviewScope) -> Drawing:
    graph = graph_of(
        (one.entry for one in scope.entries if isinstance(one.entry, Rule)),
        (one.entry for one in scope.entries if not isinstance(one.entry, Rule)),
    )
    numbers = {one.entry.id: one.number for one in scope.entries}
    return Drawing(
        scope.number,
        scope.name,
        scope.newest,
        graph_svg.svg(graph, title=f"Who talks to whom: {scope.name}"),
        tuple(Picked(node.name, _numbers(numbers, node.rules)) for node in graph.nodes),
        tuple(Picked(graph.sentence(edge), _numbers(numbers, edge.rules)) for edge in graph.edges),
    )


def _numbers(numbers: Mapping[str, int], rules: Sequence[str]) -> tuple[int, ...]:
    return tuple(sorted(numbers[rule] for rule in rules))


def payload(review: Review, drawn: Sequence[Drawing]) -> dict[str, Any]:
    """Return the data of the script: every entry as it is published, with marks and the numbers of its document and scope."""
    return {
        "rules": [rule.entry for rule in review.rules if isinstance(rule.entry, Rule)],
        "unresolved": [rule.entry for rule in review.rules if not isinstance(rule.entry, Rule)],
        "flags": [_flags(rule) for rule in review.rules],
        "documents": [
            {"id": one.document.id, "path": one.document.path, "title": one.document.title, "scope": one.scope} for one in review.documents
        ],
        "unseen": text.pattern_in_script(),
        "unstated": NOT_STATED,
        "scopes": [scope.name for scope in review.scopes],
        "drawings": [{"scope": one.scope, "nodes": _picked(one.nodes), "edges": _picked(one.edges)} for one in drawn],
    }


def _flags(rule: ReviewRule) -> str:
    """Return one letter for each filter that lets the rule through."""
    flags: dict[str, object] = {"w": rule.complete, "c": rule.of("corrected"), "p": rule.of("patched"), "i": rule.of("inferred")}
    flags |= {"u": not rule.resolved, "f": rule.severities}
    flags |= {"x": "error" in rule.severities, "y": "warning" in rule.severities, "n": "note" in rule.severities}
    return "".join(flag for flag, holds in flags.items() if holds)


def _picked(found: Sequence[Picked]) -> list[dict[str, Any]]:
    return [{"label": one.label, "rules": one.rules} for one in found]
