"""Which rule of before is which rule of now.

Rules that let through the same traffic are the same rule. Of the rest, two rules may be one only if they share what makes an engineer call
them the same rule (`_shared`): the description and both ends, the description and the traffic, the traffic and a named end, two ends and
the ports, two ends and ports that touch, the description, a named end and ports that touch, a page, the description and the ports where one
of the two states a direction or an end and the other one none, or a row of which at most one cell has changed. All such pairs get a score,
and the best pair is taken first. Rules without a pair were added or removed.

The score counts what is equal: the description 4; ports or ICMP type 4, or 2 when they touch; each named end 3, an end that both leave
open 1; the protocol 2; the direction 1; the action 1; the page 1; and up to 4 by the share of equal cells. Equal scores go by the order
of the rules themselves. Nothing depends on the order of the files.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple

from extract import vocabulary
from extract.publish.diff_impact import AnyRule, Traffic, traffic_key
from extract.publish.diff_scopes import Side

# Among rules that share something, a rule is compared with this many neighbours on either side. Otherwise a page of equal rows would take
# quadratic time.
_NEIGHBOURS = 32
# A row with more cells is not looked at for the one that has changed; a row with fewer equal ones could be any row.
_MAX_CELLS = 32
_MIN_EQUAL_CELLS = 2


class Told(NamedTuple):
    """The rules of before and now: those that are one rule, and those that are on one side only."""

    pairs: tuple[tuple[AnyRule, AnyRule], ...]
    removed: tuple[AnyRule, ...]
    added: tuple[AnyRule, ...]


class _Facts(NamedTuple):
    """What a rule is recognized by."""

    traffic: Traffic
    words: str
    page: str
    # Of its first row.
    cells: tuple[tuple[str, str], ...]
    fingerprint: str
    entry: AnyRule

    @property
    def order(self) -> tuple[object, ...]:
        """Return what rules are put in order by. Those that it does not tell apart are equal in all that counts."""
        return self[:-1]


_Numbers = tuple[int, int]
"""The places of an old and a new rule in their lists."""


def tell(old: Side, new: Side) -> Told:
    """Return which rules of two releases, or of two states of a document, are the same ones, in a stable order."""
    before, after = _facts(old), _facts(new)
    same = _same(before, after)
    left = _left(before, (one for one, _ in same)), _left(after, (one for _, one in same))
    pairs = [*same, *_best(before, after, _candidates(before, after, *left))]
    return Told(
        pairs=tuple((before[one].entry, after[other].entry) for one, other in pairs),
        removed=tuple(before[number].entry for number in _left(before, (one for one, _ in pairs))),
        added=tuple(after[number].entry for number in _left(after, (one for _, one in pairs))),
    )


def _facts(side: Side) -> list[_Facts]:
    found = []
    for entry in side.entries:
        row = entry.evidence[0]
        words, page = vocabulary.fold(entry.description), side.page(row.document)
        found.append(_Facts(traffic_key(entry), words, page, tuple(sorted(row.cells.items())), entry.fingerprint, entry))
    return sorted(found, key=lambda one: one.order)


def _left(facts: Sequence[_Facts], taken: Iterator[int]) -> list[int]:
    gone = set(taken)
    return [number for number in range(len(facts)) if number not in gone]


def _same(before: Sequence[_Facts], after: Sequence[_Facts]) -> list[_Numbers]:
    """Return the rules that let through the same traffic. A file may hold one twice, so they are counted off."""
    waiting: dict[Traffic, list[int]] = {}
    for number in reversed(range(len(after))):
        waiting.setdefault(after[number].traffic, []).append(number)
    return [(number, waiting[one.traffic].pop()) for number, one in enumerate(before) if waiting.get(one.traffic)]


def _best(before: Sequence[_Facts], after: Sequence[_Facts], candidates: set[_Numbers]) -> Iterator[_Numbers]:
    """Yield the pairs of rules that are taken for one, the best first."""
    ranked = sorted((-_score(before[old], after[new]), old, new) for old, new in candidates)
    old_left, new_left = {old for old, _ in candidates}, {new for _, new in candidates}
    for _, old, new in ranked:
        if old in old_left and new in new_left:
            old_left.remove(old)
            new_left.remove(new)
            yield old, new


def _candidates(before: Sequence[_Facts], after: Sequence[_Facts], old: Sequence[int], new: Sequence[int]) -> set[_Numbers]:
    """Return the rules that share enough to be one, of those with the given numbers."""
    if not old or not new:
        return set()
    sharing: dict[Hashable, tuple[_Condition, list[_Place]]] = {}
    for is_new, facts, numbers in ((False, before, old), (True, after, new)):
        for number in numbers:
            for key, condition in _shared(facts[number]):
                sharing.setdefault(key, (condition, []))[1].append((facts[number].order, is_new, number))
    found: set[_Numbers] = set()
    for condition, places in sharing.values():
        found.update(pair for pair in _near(places) if pair not in found and condition(before[pair[0]], after[pair[1]]))
    return found


_Condition = Callable[[_Facts, _Facts], bool]
_Place = tuple[tuple[object, ...], bool, int]


def _near(places: list[_Place]) -> Iterator[_Numbers]:
    """Yield the pairs of an old and a new rule that are near each other in the common order, or have the same rank in their own."""
    places.sort()
    ranks = [[number for _, is_new, number in places if is_new is wanted] for wanted in (False, True)]
    yield from zip(*ranks, strict=False)
    for index, (_, is_new, number) in enumerate(places):
        for _, other_is_new, other in places[index + 1 : index + 1 + _NEIGHBOURS]:
            if is_new != other_is_new:
                yield (other, number) if is_new else (number, other)


def _shared(one: _Facts) -> Iterator[tuple[Hashable, _Condition]]:
    """Yield what a rule must have in common with another one to be the same, each with what must hold besides."""
    traffic, words = one.traffic, one.words
    ends, kind = (traffic.source, traffic.destination), (traffic.action, traffic.direction, traffic.protocol)
    if words:
        yield ("words and ends", words, ends), _always
        yield ("words and traffic", words, traffic.protocol, traffic.ports), _always
    for side, end in zip(("source", "destination"), ends, strict=True):
        if _is_named(end):
            yield (side, end, kind, traffic.ports), _always
            if words:
                yield (side, end, kind, words), _touch
    if any(map(_is_named, ends)) and _has_ports(traffic):
        yield ("ends and ports", ends, traffic.ports), _always
    yield ("ends", ends, kind), _touch
    if _has_ports(traffic):
        yield ("stated or not", one.page, words, traffic.action, traffic.protocol, traffic.ports), _says_more
    if any(text for _, text in one.cells):
        yield ("row", one.page, one.cells), _always
    if len(one.cells) <= _MAX_CELLS:
        for index, (header, _) in enumerate(one.cells):
            rest = one.cells[:index] + one.cells[index + 1 :]
            if sum(bool(text) for _, text in rest) >= _MIN_EQUAL_CELLS:
                yield ("row but one cell", one.page, header, rest), _are_alike


def _always(_one: _Facts, _other: _Facts) -> bool:
    return True


def _touch(one: _Facts, other: _Facts) -> bool:
    """Return whether the ports of two rules overlap, or one of their ICMP types is all of them or the other."""
    if one.traffic.is_open or other.traffic.is_open:
        return False
    (first, last, kind, *_), (other_first, other_last, other_kind, *_) = one.traffic.ports, other.traffic.ports
    if -1 in (first, other_first):
        return kind == other_kind or -1 in (kind, other_kind)
    return first <= other_last and other_first <= last


def _says_more(one: _Facts, other: _Facts) -> bool:
    """Return whether one of two rules says all that the other one says of its direction and its ends: what the other leaves out is null."""
    ways = [(facts.traffic.direction, facts.traffic.source, facts.traffic.destination) for facts in (one, other)]
    pairs = list(zip(*ways, strict=True))
    return any(all(not pair[side] or pair[0] == pair[1] for pair in pairs) for side in (0, 1))


def _are_alike(one: _Facts, other: _Facts) -> bool:
    """Return whether rows with equal cells but one are about the same: such cells may be the same all over a table."""
    ends, other_ends = (one.traffic.source, one.traffic.destination), (other.traffic.source, other.traffic.destination)
    same_ends = ends == other_ends and any(map(_is_named, ends))
    same_words = bool(one.words) and one.words == other.words
    return same_ends or same_words or (_has_ports(one.traffic) and one.traffic.ports == other.traffic.ports)


def _is_named(end: tuple[str, ...]) -> bool:
    return bool(end) and end[0] != "any"


def _has_ports(traffic: Traffic) -> bool:
    first, _, icmp_type, _, words = traffic.ports
    return first != -1 or icmp_type != -1 or bool(words)


def _score(one: _Facts, other: _Facts) -> int:
    old, new = one.traffic, other.traffic
    ends = [(old.source, new.source), (old.destination, new.destination)]
    cells = len(set(one.cells) & set(other.cells)) / max(len(one.cells), len(other.cells), 1)
    return (
        4 * (bool(one.words) and one.words == other.words)
        + (4 if old.ports == new.ports else 2 * _touch(one, other))
        + sum((3 if _is_named(end) else 1) for end, same in ends if end == same)
        + 2 * (old.protocol == new.protocol)
        + (old.direction == new.direction)
        + (old.action == new.action)
        + (one.page == other.page)
        + int(4 * cells)
    )
