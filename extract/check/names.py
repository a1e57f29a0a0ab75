"""One spelling for each name of a scope: a group that is written in short here and in full there is one group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from extract import vocabulary
from extract.check.stated import Described, Scope, Stated, scope_of
from extract.model import Endpoint, Trace
from extract.normalize.rows import Candidate

# The kinds of endpoints whose names people write in their own ways; networks and hosts are canonical or taken literally.
NAMED = frozenset({"group", "role"})


def resolve(stated: Sequence[Stated], described: Iterable[Described]) -> tuple[Stated, ...]:
    """Return the candidates with canonical names, and a trace for each that was written otherwise.

    `described` holds the names that pages describe: they win as spelling of a name over others that are as full.
    """
    names = _Names(stated, described)
    return tuple(one._replace(candidate=names.apply(one)) for one in stated)


class _Names:
    """One spelling for each name of a scope."""

    def __init__(self, stated: Sequence[Stated], described: Iterable[Described]) -> None:
        used: dict[tuple[Scope, str], dict[str, int]] = {}
        headed: set[tuple[Scope, str]] = set()
        for document, name, _ in described:
            scope = scope_of(document)
            headed.add((scope, name))
            used.setdefault((scope, name_key(name)), {}).setdefault(name, 0)
        for one in stated:
            scope = scope_of(one.document)
            for endpoint in (one.candidate.source, one.candidate.destination):
                if endpoint is not None and endpoint.kind in NAMED:
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
            if endpoint is None or endpoint.kind not in NAMED:
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
