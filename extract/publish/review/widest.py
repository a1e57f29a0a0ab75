"""The rules that open the most. An engineer checks them first, even if there are no findings about them."""

from __future__ import annotations

from collections.abc import Iterable

from extract.model import Rule
from extract.publish.anywhere import lets_anyone_in
from extract.publish.review.values import ReviewRule
from extract.vocabulary import ANY_PROTOCOL

# A rule with fewer ports is not called wide: the dynamic ports (49152-65535; RFC 6335, 6) are more.
WIDE = 10_000
_EVERY = 65_536


def widest_of(rules: Iterable[ReviewRule]) -> tuple[ReviewRule, ...]:
    """Return the rules that let anyone in, or allow every protocol or `WIDE` ports and more, those that open the most first."""
    ranked = [(_rank(one.entry), one) for one in rules if isinstance(one.entry, Rule) and _is_wide(one.entry)]
    return tuple(one for _, one in sorted(ranked, key=lambda each: (each[0], each[1].number)))


def _is_wide(rule: Rule) -> bool:
    return rule.action == "allow" and (lets_anyone_in(rule) or rule.protocol == ANY_PROTOCOL or _ports(rule) >= WIDE)


def _rank(rule: Rule) -> tuple[int, int, bool]:
    """Return what rules are ordered by: every protocol inwards, then anyone inwards, then all others, each by the number of ports."""
    inwards = rule.direction != "egress"
    kind = 0 if inwards and rule.protocol == ANY_PROTOCOL else 1 if lets_anyone_in(rule) else 2
    return kind, -_ports(rule), not inwards


def _ports(rule: Rule) -> int:
    if rule.from_port is None or rule.to_port is None:
        return _EVERY if rule.protocol == ANY_PROTOCOL else 0
    return rule.to_port - rule.from_port + 1
