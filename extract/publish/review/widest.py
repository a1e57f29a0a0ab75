"""The rules that open the most: an engineer looks at them before any other, whatever was found about their rows."""

from __future__ import annotations

from collections.abc import Iterable

from extract.model import Endpoint, Rule
from extract.publish.review.values import ReviewRule

# A rule with fewer ports is not called wide: the dynamic ports (49152-65535; RFC 6335, 6) are more.
WIDE = 10_000
_EVERY = 65_536
_ANYWHERE = frozenset({"0.0.0.0/0", "::/0"})


def widest_of(rules: Iterable[ReviewRule]) -> tuple[ReviewRule, ...]:
    """Return the rules that allow every port of every protocol, or `WIDE` ports and more, those that open the most first."""
    ranked = [(_rank(one.entry), one) for one in rules if isinstance(one.entry, Rule) and _is_wide(one.entry)]
    return tuple(one for _, one in sorted(ranked, key=lambda each: (each[0], each[1].number)))


def _is_wide(rule: Rule) -> bool:
    return rule.action == "allow" and _ports(rule) >= WIDE


def _rank(rule: Rule) -> tuple[bool, int, bool, int]:
    """Return what rules are ordered by. What comes in opens more than what goes out."""
    open_ends = sum(_is_open(end) for end in (rule.source, rule.destination))
    return rule.protocol != "any", -_ports(rule), rule.direction == "egress", -open_ends


def _ports(rule: Rule) -> int:
    if rule.from_port is None or rule.to_port is None:
        return _EVERY if rule.protocol == "any" else 0
    return rule.to_port - rule.from_port + 1


def _is_open(end: Endpoint | None) -> bool:
    """Return whether an end is anywhere, or is not stated, which somebody may take for it."""
    return end is None or end.kind == "any" or end.name in _ANYWHERE
