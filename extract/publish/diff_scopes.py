"""Which releases and which documents of two runs are compared with each other."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from extract.check.stated import Scope, scope_of
from extract.model import Document, Rule, Unresolved
from extract.publish.diff_impact import AnyRule, Traffic, traffic_key
from extract.publish.versions import version_key

# A rule on more pages than that does not tell one page from another.
_COMMON = 50


class Snapshot(NamedTuple):
    """What one run published. The evidence of its rules names its documents."""

    documents: Sequence[Document]
    rules: tuple[Rule, ...]
    unresolved: tuple[Unresolved, ...]


class Side(NamedTuple):
    """One release of a product, or the documents of a folder that are of none, with their rules, resolved or not.

    Without documents it is not there.
    """

    scope: Scope
    documents: tuple[Document, ...]
    entries: tuple[AnyRule, ...]
    # The ids that documents of no release have in the other run, of those that have another one there.
    renamed: Mapping[str, str] = {}

    @property
    def is_release(self) -> bool:
        """Return whether this is the release of a product."""
        return len(self.scope) > 1

    @property
    def release(self) -> str | None:
        """Return the name of the release, None for a folder and for what is not there."""
        return self.scope[-1] if self.is_release and self.documents else None

    def page(self, document: str) -> str:
        """Return the id of a document without the folders that name its release: what names the same page in another release."""
        return _page(self.scope, document) if self.is_release else document


@functools.lru_cache(maxsize=4096)
def _page(scope: Scope, document: str) -> str:
    *folders, name = document.split("/")
    for part in scope:
        if part in folders:
            folders.remove(part)
    return "/".join((*folders, name))


Sides = Mapping[Scope, Side]


def pairs(old: Snapshot, new: Snapshot) -> Iterator[tuple[Side, Side]]:
    """Yield what is compared with what; one of the two may not be there. Everything of both runs is in one pair or more.

    A release or folder of both runs is compared with itself. A release that is only in the new run is compared with the latest
    release of its product in the old run that comes before it, else with the latest; so an old release may be compared with
    several new ones, and with itself. An old release that is not used in this way has no counterpart. If a document without a release is in
    only one run, it is searched in the other run under another name; if it is found, it counts for the folder there. A document of both
    runs belongs to the release that the new run says. So a new layout does not change a rule.
    """
    was_of, is_of = ({document.id: scope_of(document) for document in run.documents} for run in (old, new))
    moved = _moved(old, new)
    before = _sides(old, {name: is_of[name] for name in was_of.keys() & is_of.keys()}, {was: now for now, was in moved.items()})
    after = _sides(new, {now: was_of[was] for now, was in moved.items()}, moved)
    served = before.keys() & after.keys()
    yield from ((before[scope], after[scope]) for scope in sorted(served))
    for scope in sorted(after.keys() - before.keys()):
        base = _base(scope, before) if after[scope].is_release else None
        if base is not None:
            served.add(base)
        yield (before[base] if base is not None else _absent(scope)), after[scope]
    yield from ((before[scope], _absent(scope)) for scope in sorted(before.keys() - served))


def _absent(scope: Scope) -> Side:
    return Side(scope, (), ())


def _sides(snapshot: Snapshot, moved: Mapping[str, Scope], names: Mapping[str, str]) -> dict[Scope, Side]:
    scopes = {document.id: moved.get(document.id) or scope_of(document) for document in snapshot.documents}
    documents: dict[Scope, list[Document]] = {}
    for document in snapshot.documents:
        documents.setdefault(scopes[document.id], []).append(document)
    entries: dict[Scope, list[AnyRule]] = {}
    every: list[AnyRule] = [*snapshot.rules, *snapshot.unresolved]
    for rule in every:
        entries.setdefault(scopes[rule.evidence[0].document], []).append(rule)
    return {scope: Side(scope, tuple(found), tuple(entries.get(scope, ())), names) for scope, found in documents.items()}


def _base(scope: Scope, before: Sides) -> Scope | None:
    releases = sorted((one for one in before if len(one) > 1 and one[:-1] == scope[:-1]), key=lambda one: version_key(one[-1]))
    earlier = [one for one in releases if version_key(one[-1]) < version_key(scope[-1])]
    return next(reversed(earlier or releases), None)


def _moved(old: Snapshot, new: Snapshot) -> dict[str, str]:
    """Return new id -> old id of the documents of no release that are in one run each and are one page."""
    before, after = _alone(old), _alone(new)
    left, arrived = ([these[name] for name in sorted(these.keys() - those.keys())] for these, those in ((before, after), (after, before)))
    return {now[0]: was[0] for now, was in renamed(left, arrived)} if left and arrived else {}


def _alone(snapshot: Snapshot) -> dict[str, Side]:
    """Return the documents of no release by their ids, each by itself with all that it states."""
    documents = {document.id: document for document in snapshot.documents if len(scope_of(document)) == 1}
    entries: dict[str, dict[str, AnyRule]] = {name: {} for name in documents}
    every: list[AnyRule] = [*snapshot.rules, *snapshot.unresolved]
    for rule in every:
        for one in rule.evidence:
            if one.document in entries:
                entries[one.document][rule.id] = rule
    return {name: Side((name,), (document,), tuple(entries[name].values())) for name, document in documents.items()}


def renamed(before: list[Side], after: list[Side]) -> Iterator[tuple[Scope, Scope]]:
    """Yield new name and old name of documents: those with the same bytes first, then those that share most of their rules.

    The most is more than half of the rules of either; of several, the one with the largest share, then one with the same file name.
    """
    old_keys, new_keys = _keys(before), _keys(after)
    ranked = []
    for old, new in _alike(old_keys, new_keys):
        share = len(old_keys[old] & new_keys[new]) / max(len(old_keys[old]), len(new_keys[new]))
        if share > 0.5:
            ranked.append((-share, PurePosixPath(old[0]).name != PurePosixPath(new[0]).name, old, new))
    taken: set[tuple[str, Scope]] = set()
    for old, new in [*_same_bytes(before, after), *((old, new) for *_, old, new in sorted(ranked))]:
        if not taken & {("old", old), ("new", new)}:
            taken |= {("old", old), ("new", new)}
            yield new, old


def _same_bytes(before: list[Side], after: list[Side]) -> Iterator[tuple[Scope, Scope]]:
    old, new = _by_bytes(before), _by_bytes(after)
    for digest in sorted(old.keys() & new.keys()):
        yield from zip(old[digest], new[digest], strict=False)


def _by_bytes(sides: list[Side]) -> dict[str, list[Scope]]:
    found: dict[str, list[Scope]] = {}
    for side in sides:
        found.setdefault(side.documents[0].sha256, []).append(side.scope)
    return found


def _keys(sides: list[Side]) -> dict[Scope, set[Traffic]]:
    return {side.scope: {traffic_key(rule) for rule in side.entries} for side in sides}


def _alike(old: Mapping[Scope, set[Traffic]], new: Mapping[Scope, set[Traffic]]) -> set[tuple[Scope, Scope]]:
    """Return the documents that share a rule which does not stand on every other page."""
    having: dict[Traffic, tuple[list[Scope], list[Scope]]] = {}
    for number, side in enumerate((old, new)):
        for scope, keys in side.items():
            for key in keys:
                having.setdefault(key, ([], []))[number].append(scope)
    return {(one, other) for ones, others in having.values() if max(len(ones), len(others)) <= _COMMON for one in ones for other in others}
