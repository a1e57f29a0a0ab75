"""Prose against rows: what the sentences of a page state about ports is compared with the rules of the page."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence, Set

from extract import vocabulary
from extract.catalogue import finding
from extract.cells.statements import PortSentence
from extract.cells.tokens import MAX_PORT
from extract.check.stated import Result, Stated
from extract.model import Finding, Place

Pair = tuple[int, int, str | None]
"""First and last port with a transport, None where the sentence names ports alone."""

# A finding points at so many rows; the sentence is what it is about.
_PLACES = 10


def check(results: Iterable[Result], stated: Iterable[Stated]) -> Iterator[Finding]:
    """Yield a finding for every statement of every page: its rows confirm it, contradict it, or do not cover it.

    `stated` is what the pages' rows say after corrections, so that a rule that a patch adds covers what a sentence states.
    """
    stating = [result for result in results if result.statements]
    by_document: dict[str, list[Stated]] = {result.document.id: [] for result in stating}
    for one in stated:
        if one.document.id in by_document:
            by_document[one.document.id].append(one)
    for result in stating:
        rows = _Rows(by_document[result.document.id])
        for statement in {one.text: one for one in reversed(result.statements)}.values():
            yield from _compare(statement, rows, result.document.path)


def _compare(statement: PortSentence, rows: _Rows, path: str) -> Iterator[Finding]:
    """Compare one statement with the rows, and yield a finding for each verdict, which names its traffic."""
    paired = {(first, last) for first, last, _ in statement.pairs}
    pairs: list[Pair] = [*statement.pairs, *((*ports, None) for ports in statement.ports if ports not in paired)]
    verdicts: dict[str, list[Pair]] = {}
    for pair in sorted(pairs, key=lambda pair: (pair[0], pair[1], pair[2] or "")):
        said = {word for first, last, word in statement.pairs if (first, last) == pair[:2]}
        verdicts.setdefault(rows.verdict(pair, said), []).append(pair)
    for code, found in verdicts.items():
        traffic = ", ".join(_name(pair) for pair in found)
        if code == "prose-contradicts-rows" and all(rows.denies(pair) for pair in found):
            outcome = "the rows deny it"
        elif code == "prose-contradicts-rows":
            other = "/".join(sorted({word for pair in found for word in rows.protocols_at(pair) if word}))
            outcome = f"the rows have it on {other} only"
        elif code == "prose-not-covered":
            outcome = "no row of this page covers it"
        else:
            outcome = "rows agree" if all(rows.covers(pair) for pair in found) else "a row names the port and leaves the protocol open"
        places = tuple(dict.fromkeys(place for pair in found for place in rows.places(pair)))[:_PLACES]
        message = f"this page says {statement.text!r}, which states {traffic}; {outcome}"
        yield finding(code, message, document=path, line=statement.line, related=places)


def _name(pair: Pair) -> str:
    first, last, word = pair
    ports = str(first) if first == last else f"{first}-{last}"
    return f"{word} {ports}" if word else f"port {ports}"


class _Rows:
    """What the rows of one page allow. The index keeps the time linear on a page with many sentences and many rows."""

    def __init__(self, stated: Iterable[Stated]) -> None:
        self._allowed = _Named()
        self._denied = _Named()
        spans: dict[str, list[tuple[int, int]]] = {}
        for one in stated:
            rule = one.candidate
            if rule.action == "deny" and rule.from_port is not None and rule.to_port is not None:
                self._denied.add((rule.from_port, rule.to_port), one)
            if rule.action != "allow":
                continue
            if rule.from_port is not None and rule.to_port is not None:
                self._allowed.add((rule.from_port, rule.to_port), one)
                span = (rule.from_port, rule.to_port)
            elif rule.protocol == vocabulary.ANY_PROTOCOL:
                span = (0, MAX_PORT)
            else:
                continue
            spans.setdefault(rule.protocol or "", []).append(span)
        every = spans.get(vocabulary.ANY_PROTOCOL, [])
        self._spans = {word: _merged([*found, *every]) for word, found in spans.items()}
        self._spans.setdefault(vocabulary.ANY_PROTOCOL, [])
        self._all = _merged([span for found in spans.values() for span in found])

    def verdict(self, pair: Pair, said: set[str]) -> str:
        """Return the code of the finding for a pair; `said` are all transports that its sentence states for these ports."""
        if self.covers(pair):
            return "prose-confirms-rows"
        if self.denies(pair):
            return "prose-contradicts-rows"
        found = self.protocols_at(pair)
        if found and None in found:
            return "prose-confirms-rows"
        return "prose-contradicts-rows" if found and not found & said else "prose-not-covered"

    def covers(self, pair: Pair) -> bool:
        """Return whether rules allow all of the ports."""
        first, last, word = pair
        spans = self._all if word is None else self._spans.get(word, self._spans[vocabulary.ANY_PROTOCOL])
        index = bisect.bisect_right(spans, (first, MAX_PORT)) - 1
        return index >= 0 and spans[index][0] <= first and last <= spans[index][1]

    def denies(self, pair: Pair) -> bool:
        """Return whether a row denies exactly these ports."""
        protocols = self._denied.protocols(pair[:2])
        return bool(protocols) if pair[2] is None else pair[2] in protocols

    def protocols_at(self, pair: Pair) -> Set[str | None]:
        """Return the protocols of the rows that name exactly these ports."""
        return self._allowed.protocols(pair[:2])

    def places(self, pair: Pair) -> tuple[Place, ...]:
        """Return the rows that name exactly these ports, with this transport if it is known."""
        named = [*self._allowed.first(pair), *self._denied.first(pair)]
        if not named:
            ports: Pair = (*pair[:2], None)
            named = [*self._allowed.first(ports), *self._denied.first(ports)]
        return tuple(dict.fromkeys(one.place for one in named[:_PLACES]))


class _Named:
    """The rows that name exactly these or those ports: of each the protocols, and the first few rows."""

    def __init__(self) -> None:
        self._protocols: dict[tuple[int, int], set[str | None]] = {}
        self._first: dict[Pair, list[Stated]] = {}

    def add(self, ports: tuple[int, int], one: Stated) -> None:
        protocol = one.candidate.protocol
        self._protocols.setdefault(ports, set()).add(protocol)
        # Under None stand the rows of all protocols.
        for word in (None, protocol) if protocol is not None else (None,):
            first = self._first.setdefault((*ports, word), [])
            if len(first) < _PLACES:
                first.append(one)

    def protocols(self, ports: tuple[int, int]) -> Set[str | None]:
        return self._protocols.get(ports, frozenset())

    def first(self, pair: Pair) -> Sequence[Stated]:
        return self._first.get(pair, ())


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans of ports as disjoint spans in order; those that touch become one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
