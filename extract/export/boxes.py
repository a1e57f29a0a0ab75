"""Traffic as boxes: exactly the traffic that a rule allows, and the rest after other traffic is subtracted.

A box is an interval in each of six dimensions. Addresses are whole numbers. A name without addresses (a security group, a label, a machine
that is not bound to networks) gets its own number beyond all addresses. The dimension `value` depends on the protocol. For ICMP, it is type
and code in one number; for TCP, UDP and other protocols with ports, it is the destination port; for all others, it has no meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

Interval = tuple[int, int]
"""First and last, both included."""


class Direction(IntEnum):
    """Which way the traffic goes, as seen from the near end; a page need not say it."""

    INGRESS = 0
    EGRESS = 1
    UNSTATED = 2


class Box(NamedTuple):
    """What is let through together. `protocol` holds IANA's numbers, `value` ports or ICMP type times 256 plus code."""

    direction: Interval
    family: Interval
    protocol: Interval
    value: Interval
    source: Interval
    destination: Interval


EVERY_PROTOCOL: Interval = (0, 255)
EVERY_VALUE: Interval = (0, 65535)
EVERY_ADDRESS = {4: (0, 2**32 - 1), 6: (0, 2**128 - 1)}
_BEYOND = 2**130
EVERYTHING: Interval = (0, 2**140)
"""Every address and every name."""


def is_name(end: Interval) -> bool:
    """Return whether an interval stands for something that is no address."""
    return end[0] >= _BEYOND


class Symbols:
    """Names of ends that are no addresses, each with a number of its own beyond all addresses."""

    def __init__(self) -> None:
        """Begin without a name."""
        self._numbers: dict[str, int] = {}

    def interval(self, name: str) -> Interval:
        """Return the interval that stands for a name."""
        number = self._numbers.setdefault(name, _BEYOND + len(self._numbers))
        return number, number


def subtract(boxes: Iterable[Box], taken: Sequence[Box]) -> list[Box]:
    """Return the rest of some boxes after others are subtracted. The rest is disjoint if the first boxes are."""
    # Equal boxes are removed first: most boxes are equal, and comparing thousands in pairs takes minutes.
    same = frozenset(taken)
    left = [box for box in boxes if box not in same]
    for away in taken:
        left = [piece for box in left for piece in _without(box, away)]
        if not left:
            break
    return left


def overlap(one: Box, other: Box) -> bool:
    """Return whether two boxes have traffic in common."""
    return all(low <= other_high and other_low <= high for (low, high), (other_low, other_high) in zip(one, other, strict=True))


def _without(box: Box, away: Box) -> Iterator[Box]:
    """Yield the parts of a box beside another one: for each dimension what lies below and above it, within it in those before."""
    if not overlap(box, away):
        yield box
        return
    sides: list[Interval] = list(box)
    for index, ((low, high), (away_low, away_high)) in enumerate(zip(box, away, strict=True)):
        if low < away_low:
            yield Box._make([*sides[:index], (low, away_low - 1), *sides[index + 1 :]])
        if away_high < high:
            yield Box._make([*sides[:index], (away_high + 1, high), *sides[index + 1 :]])
        sides[index] = (max(low, away_low), min(high, away_high))


class Entry(NamedTuple):
    """A line of a rule set: whether it lets through or stops, and what."""

    allow: bool
    boxes: tuple[Box, ...]


def let_through(entries: Iterable[Entry]) -> list[Box]:
    """Return what a list of entries lets through, where the first that fits decides, and nothing else is let through."""
    allowed: list[Box] = []
    denied: list[Box] = []
    for entry in entries:
        if entry.allow:
            allowed.extend(subtract(entry.boxes, denied))
        else:
            denied.extend(entry.boxes)
    return allowed
