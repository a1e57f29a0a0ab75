"""One spelling for each name of a scope: a short and a full spelling of a group name are the same group."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from msgspec.structs import replace

from extract import vocabulary
from extract.check.stated import Described, Scope, Stated, scope_of
from extract.model import Endpoint, Trace
from extract.rows.row import Candidate

# The kinds of endpoints whose names people write in their own ways; networks and hosts are canonical or taken literally.
NAMED = frozenset({"group", "role"})
# What may stand behind a short form.
_SIGNS = ".,:"


class _Place(NamedTuple):
    """Where a page writes a name: the id of the document, the line, what stands there, and the place in words."""

    document: str | None = None
    line: int | None = None
    quote: str | None = None
    at: str | None = None


class _Canonical(NamedTuple):
    """The canonical spelling of a name, and where a page uses it."""

    name: str
    place: _Place


def resolve(stated: Sequence[Stated], described: Iterable[Described]) -> tuple[Stated, ...]:
    """Return the candidates with canonical names, and a trace for each that was written otherwise.

    `described` holds the names that pages describe. Such a spelling takes precedence over others that are as full.
    """
    others = _others(stated, described)
    if not others:
        return tuple(stated)
    return tuple(_renamed(one, others.get(scope_of(one.document), {})) for one in stated)


def _others(stated: Sequence[Stated], described: Iterable[Described]) -> dict[Scope, dict[str, _Canonical]]:
    """Return scope -> spelling -> canonical name, of the names that are spelled in another way than the canonical one.

    Each spelling of a scope is looked at once, and most scopes have no name with two of them.
    """
    headed: dict[Scope, dict[str, Described]] = {}
    for named in described:
        headed.setdefault(scope_of(named.document), {}).setdefault(named.name, named)
    used = {scope: dict.fromkeys(names, 0) for scope, names in headed.items()}
    rows: dict[Scope, dict[str, tuple[Stated, str]]] = {}
    # Scope -> spelling -> the first row that has it, and on which side.
    for document, group in groupby(stated, attrgetter("document")):
        counts = used.setdefault(scope_of(document), {})
        first = rows.setdefault(scope_of(document), {})
        for one in group:
            for side, endpoint in (("source", one.candidate.source), ("destination", one.candidate.destination)):
                if endpoint is not None and endpoint.kind in NAMED:
                    counts[endpoint.name] = counts.get(endpoint.name, 0) + 1
                    first.setdefault(endpoint.name, (one, side))
    found: dict[Scope, dict[str, _Canonical]] = {}
    for scope, counts in used.items():
        headings, first = headed.get(scope, {}), rows.get(scope, {})
        names = _canonical(counts, headings)
        if names:
            places = {name: _written(name, headings.get(name), first.get(name)) for name in names.values()}
            found[scope] = {spelling: _Canonical(name, places[name]) for spelling, name in names.items()}
    return found


def _written(name: str, described: Described | None, row: tuple[Stated, str] | None) -> _Place:
    """Return where a page writes a name: the heading, otherwise the source of the first row with it. A name from a patch has no place."""
    places: list[_Place] = []
    if described is not None:
        places.append(_Place(described.document.id, described.line, described.text, described.at))
    if row is not None:
        one, side = row
        places += [_Place(trace.document, trace.line, trace.quote, trace.at) for trace in one.candidate.trace if trace.field == side]
        places += [_Place(one.evidence.document, one.evidence.line, text, one.evidence.at) for text in one.evidence.cells.values()]
    return next((place for place in places if place.line and place.quote and name in place.quote), _Place())


def _canonical(counts: Mapping[str, int], headed: Collection[str]) -> dict[str, str]:
    """Return spelling -> canonical name, of the spellings of one scope that are not canonical.

    `counts` says how often each is used, and `headed` holds those that a page is headed with.
    """
    spellings: dict[str, list[str]] = {}
    for name in counts:
        spellings.setdefault(name_key(name), []).append(name)
    found: dict[str, str] = {}
    for names in spellings.values():
        if len(names) > 1:
            # The full form, then the heading of a page, then the most frequent, then the alphabet. The order of documents never counts.
            best = min(names, key=lambda name: (_is_abbreviated(name), name not in headed, -counts[name], name))
            found.update({name: best for name in names if name != best})
    return found


def _renamed(one: Stated, names: Mapping[str, _Canonical]) -> Stated:
    """Return a row with canonical names, and a trace for each that was written otherwise; the same row when none was."""
    candidate = one.candidate
    for side in ("source", "destination"):
        endpoint: Endpoint | None = getattr(candidate, side)
        if endpoint is None or endpoint.kind not in NAMED or endpoint.name not in names:
            continue
        name, place = names[endpoint.name]
        why = f"{endpoint.name!r} and {name!r} are one name in this scope"
        trace = Trace(side, "alias", endpoint.name, name, "same name in full", why, *place)
        candidate = replace(_with_end(candidate, side, Endpoint(endpoint.kind, name)), trace=(*candidate.trace, trace))
    return one if candidate is one.candidate else replace(one, candidate=candidate)


def _with_end(candidate: Candidate, side: str, endpoint: Endpoint) -> Candidate:
    return replace(candidate, source=endpoint) if side == "source" else replace(candidate, destination=endpoint)


def _is_abbreviated(name: str) -> bool:
    return name_key(name) != vocabulary.fold(name)


# A name stands in most rows of its table and is asked for by every check over all documents.
@functools.lru_cache(maxsize=16384)
def name_key(name: str) -> str:
    """Return what two spellings of one name have in common: case, white space and the short forms of "security group" folded."""
    short = vocabulary.abbreviations()
    words = vocabulary.fold(name).split(" ")
    return " ".join([short.get(word[:-1] if word[-1:] and word[-1] in _SIGNS else word, word) for word in words])
