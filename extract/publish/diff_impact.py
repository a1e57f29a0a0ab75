"""What a change of one rule means for access, computed from the traffic that the rule lets through before and after, as sets.

Rules are judged one by one: access that another rule also grants is not subtracted. If a change is not provably the same or less, it
counts as opened. If it is not provably the same or more, it counts as closed. So an impact may say too much, but never too little.

Null is not a set: if the direction or an endpoint is not stated, the traffic of the rule is not known. If a rule newly states one of these,
and is otherwise the same, it does not open new access or close old access. This change has its own impact, and so has the reverse.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple

from extract import vocabulary
from extract.check.collect import endpoint_key
from extract.model import Endpoint, Impact, Rule, Unresolved

AnyRule = Rule | Unresolved
Fields = tuple[str, ...]

_EVIDENCE = frozenset({"trace", "evidence"})
_ADDRESSED = frozenset({"cidr", "host"})


class Traffic(NamedTuple):
    """What a rule lets through, in whatever words, document or release. It can be ordered."""

    # The rule is unresolved.
    is_open: bool
    action: str
    direction: str
    protocol: str
    # First and last port, ICMP type and code, -1 for null, and the page's own words.
    ports: tuple[int, int, int, int, str]
    source: tuple[str, ...]
    destination: tuple[str, ...]


def traffic_key(rule: AnyRule) -> Traffic:
    """Return what a rule lets through: equal for equal fingerprints of one product, and whatever the name of a document is."""
    numbers = (rule.from_port, rule.to_port, rule.icmp_type, rule.icmp_code)
    first, last, icmp_type, icmp_code = (-1 if number is None else number for number in numbers)
    words = vocabulary.fold(rule.port_text) if isinstance(rule, Unresolved) and rule.port_text is not None else ""
    return Traffic(
        is_open=isinstance(rule, Unresolved),
        action=rule.action or "",
        direction=rule.direction or "",
        protocol=rule.protocol or "",
        ports=(first, last, icmp_type, icmp_code, words),
        source=tuple(endpoint_key(rule.source) or ()),
        destination=tuple(endpoint_key(rule.destination) or ()),
    )


class _Shift(NamedTuple):
    """How a set becomes another one: whether something may be in the new one only, and in the old one only."""

    gains: bool
    loses: bool


_SAME = _Shift(False, False)
_WIDER = _Shift(True, False)
_NARROWER = _Shift(False, True)
_OTHER = _Shift(True, True)


def impact_of(previous: AnyRule | None, current: AnyRule | None, fields: Fields) -> Impact:
    """Return what a change means for access. One of the two rules may be None; `fields` are those that differ."""
    if isinstance(previous, Rule) and isinstance(current, Rule):
        return _between(previous, current, fields)
    if isinstance(current, Rule):
        return "opens" if current.action == "allow" else "closes"
    if isinstance(previous, Rule):
        return "closes" if previous.action == "allow" else "opens"
    if previous is not None and current is not None and traffic_key(previous) == traffic_key(current):
        return _of_text(fields)
    return "unresolved"


def _between(previous: Rule, current: Rule, fields: Fields) -> Impact:
    if previous.action != current.action:
        return "opens" if current.action == "allow" else "closes"
    what = _all([_of(previous.protocol, current.protocol, vocabulary.ANY_PROTOCOL), _ports(previous, current), _icmp(previous, current)])
    way = _all(
        [
            _SAME if previous.direction == current.direction else _OTHER,
            _endpoints(previous.source, current.source),
            _endpoints(previous.destination, current.destination),
        ]
    )
    gains, loses = _all([what, way])
    if current.action == "deny":
        gains, loses = loses, gains
    if what == _SAME and (stated := _of_statement(previous, current)) is not None:
        return stated
    if gains and loses:
        return "re-routes" if what == _SAME else "replaces"
    if gains:
        return "widens"
    return "narrows" if loses else _of_text(fields)


def _of_statement(previous: Rule, current: Rule) -> Impact | None:
    """Return the impact where one of two rules says all that the other one says of its way, and more; None where they differ otherwise."""
    differing = [(one, other) for one, other in zip(_way(previous), _way(current), strict=True) if one != other]
    if not differing:
        return None
    if all(one is None for one, _ in differing):
        return "now-stated"
    return "no-longer-stated" if all(other is None for _, other in differing) else None


def _way(rule: Rule) -> tuple[object, ...]:
    return rule.direction, endpoint_key(rule.source), endpoint_key(rule.destination)


def _of_text(fields: Fields) -> Impact:
    return "evidence" if _EVIDENCE.issuperset(fields) else "wording"


def _all(shifts: Iterable[_Shift]) -> _Shift:
    """Return how a product of sets shifts: it holds something new when one of its sides does."""
    every = list(shifts)
    return _Shift(any(one.gains for one in every), any(one.loses for one in every))


def _of(previous: object, current: object, everything: object) -> _Shift:
    """Return the shift between single values, of which one stands for all."""
    if previous == current:
        return _SAME
    return _WIDER if current == everything else _NARROWER if previous == everything else _OTHER


def _ports(previous: Rule, current: Rule) -> _Shift:
    # A rule without ports is of a protocol that has none, or of any: then it holds what has no ports as well.
    if previous.from_port is None or previous.to_port is None or current.from_port is None or current.to_port is None:
        return _of(previous.from_port, current.from_port, None)
    return _Shift(
        current.from_port < previous.from_port or current.to_port > previous.to_port,
        previous.from_port < current.from_port or previous.to_port > current.to_port,
    )


def _icmp(previous: Rule, current: Rule) -> _Shift:
    kinds = _of(previous.icmp_type, current.icmp_type, None)
    # Codes are those of their type: beside another type they say nothing.
    return kinds if kinds != _SAME else _of(previous.icmp_code, current.icmp_code, None)


def _endpoints(previous: Endpoint | None, current: Endpoint | None) -> _Shift:
    if endpoint_key(previous) == endpoint_key(current):
        return _SAME
    if previous is None or current is None:
        # Null means "not stated", and not "any". So if something else changed, too, neither side provably contains the other.
        return _OTHER
    if "any" in (previous.kind, current.kind):
        return _WIDER if current.kind == "any" else _NARROWER
    for holder, other, shift in ((current, previous, _WIDER), (previous, current, _NARROWER)):
        whole = _network(holder)
        if whole is not None and whole.version == 4 and not whole.prefixlen and _network(other) is None and shift is _WIDER:
            # A group or named host among all of IPv4: more than before, whatever of it was IPv6.
            return shift
    return _networks(previous, current)


def _networks(previous: Endpoint, current: Endpoint) -> _Shift:
    old, new = _network(previous), _network(current)
    if old is None or new is None or old.version != new.version:
        return _OTHER
    # Two networks are apart, or one holds the other.
    within = new.network_address in old and new.prefixlen >= old.prefixlen
    around = old.network_address in new and old.prefixlen >= new.prefixlen
    return _Shift(not within, not around)


def _network(endpoint: Endpoint) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    if endpoint.kind not in _ADDRESSED:
        return None
    try:
        return ipaddress.ip_network(endpoint.name)
    except ValueError:
        return None
