"""The traffic of one arrow in words: what several rules let through between the same two ends, merged and sorted."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from extract import vocabulary
from extract.cells.limits import shortened
from extract.check.provenance import NOT_STATED
from extract.model import Rule, Unresolved
from extract.publish.wording import legible

OPEN = "?"
"""Stands behind the words of a page that name no port."""

_EVERY_PORT = (0, 65535)
_ICMP = ("icmp", "ipv6-icmp")
# The order in which protocols are told: the widest first, then those that people look for, then the others by name.
_FIRST = (vocabulary.ANY_PROTOCOL, "tcp", "udp", "sctp", *_ICMP)
# Words of a page that stand for ports are longer than what a label can hold.
_MAX_WORDS = 32


class Traffic(NamedTuple):
    """One protocol of an arrow with its ports or ICMP types, each as text; without any, the protocol stands for all that it is."""

    protocol: str
    parts: tuple[str, ...]
    # Whether all of the parts are ports.
    ported: bool
    # How many parts were left out.
    more: int = 0

    @property
    def text(self) -> str:
        """The traffic in one line: `tcp 22, 443`, with what was left out `tcp 22, 443 + 3 more`."""
        return f"{self.protocol} {', '.join(self.parts)}".rstrip() + (f" + {self.more} more" if self.more else "")


def merged(rules: Iterable[Rule | Unresolved]) -> tuple[Traffic, ...]:
    """Return the traffic of rules by protocol. Ports that overlap become one range, and what is the same is told once."""
    found: dict[str, list[Rule | Unresolved]] = {}
    for rule in rules:
        found.setdefault(rule.protocol or f"protocol {NOT_STATED}", []).append(rule)
    return tuple(_traffic(protocol, found[protocol]) for protocol in sorted(found, key=_rank))


def _rank(protocol: str) -> tuple[int, str]:
    return _FIRST.index(protocol) if protocol in _FIRST else len(_FIRST), protocol


def _traffic(protocol: str, rules: Sequence[Rule | Unresolved]) -> Traffic:
    opened = sorted({_words(rule) for rule in rules if isinstance(rule, Unresolved) and "ports" in rule.missing})
    known = [rule for rule in rules if not (isinstance(rule, Unresolved) and "ports" in rule.missing)]
    ranges = [(rule.from_port, rule.to_port) for rule in known if rule.from_port is not None and rule.to_port is not None]
    ports = [_range(*one) for one in _union(ranges)]
    types = _types(protocol, known) if protocol in _ICMP else []
    parts = (*ports, *types, *opened)
    name = legible(protocol) if protocol != vocabulary.ANY_PROTOCOL else "any protocol" if parts else "all traffic"
    return Traffic(name, parts, bool(ports) and not opened)


def _words(rule: Unresolved) -> str:
    """Return the page's words where it names no port: with a question mark, for they are no ports."""
    words = rule.port_text
    return f"{shortened(legible(' '.join(words.split())), _MAX_WORDS)}{OPEN}" if words else f"ports {NOT_STATED}"


def _union(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield ranges without what others hold. Neighbours stay apart: 80 and 81 are found as 80 and 81."""
    current: tuple[int, int] | None = None
    for first, last in sorted(ranges):
        if current is None or first > current[1]:
            if current is not None:
                yield current
            current = first, last
        else:
            current = current[0], max(current[1], last)
    if current is not None:
        yield current


def _range(first: int, last: int) -> str:
    return "all ports" if (first, last) == _EVERY_PORT else str(first) if first == last else f"{first}-{last}"


def _types(protocol: str, rules: Iterable[Rule | Unresolved]) -> list[str]:
    """Return the names of ICMP types and codes, in the order of the registry; nothing when a rule lets all of them through."""
    found = {(rule.icmp_type, rule.icmp_code) for rule in rules}
    known = sorted((kind, -1 if code is None else code) for kind, code in found if kind is not None)
    return [] if len(known) < len(found) else [_type(protocol, kind, code if code >= 0 else None) for kind, code in known]


def _type(protocol: str, kind: int, code: int | None) -> str:
    return _icmp_names().get((protocol, kind, code)) or f"type {kind}" + (f" code {code}" if code is not None else "")


@functools.cache
def _icmp_names() -> Mapping[tuple[str, int, int | None], str]:
    """Return protocol, type and code -> the first of the names that the vocabulary has for them."""
    names: dict[tuple[str, int, int | None], str] = {}
    for word, (kind, code, kind_of_v6) in vocabulary.icmp_types().items():
        if kind is not None:
            names.setdefault(("icmp", kind, code), word)
        if kind_of_v6 is not None:
            names.setdefault(("ipv6-icmp", kind_of_v6, None), word)
    return names


def cut(traffic: Sequence[Traffic], limit: int) -> tuple[Traffic, ...]:
    """Return traffic with about `limit` ports in all. Every protocol is told with one of its ports at least.

    One port is not left out alone: its number is no longer than the words that would stand for it.
    """
    room = max(0, limit - len(traffic))
    found = []
    for one in traffic:
        kept = 1 + min(room, max(0, len(one.parts) - 1))
        room -= kept - 1
        if len(one.parts) > kept + 1:
            one = one._replace(parts=one.parts[:kept], more=len(one.parts) - kept)  # noqa: PLW2901 - the same, but shorter
        found.append(one)
    return tuple(found)


def counted(traffic: Sequence[Traffic]) -> str:
    """Return the traffic as short as it goes: itself when it is one thing, else how many there are."""
    every = sum(max(1, len(one.parts)) for one in traffic)
    if every == 1:
        return traffic[0].text
    return f"{every} ports" if all(one.ported for one in traffic) else f"{every} kinds"
