"""Which endpoints mean anywhere (every address, or every IPv4 or IPv6 address), and which rules let anyone in."""

from __future__ import annotations

import ipaddress

from extract.model import Endpoint, Rule


def is_anywhere(endpoint: Endpoint | None) -> bool:
    """Return whether an end is any, or the network of all addresses (0.0.0.0/0, ::/0). One that is not stated never is."""
    if endpoint is None:
        return False
    return endpoint.kind == "any" or (endpoint.kind == "cidr" and _is_everything(endpoint.name))


def lets_anyone_in(rule: Rule) -> bool:
    """Return whether a rule allows traffic from anywhere, and its direction is not egress."""
    return rule.action == "allow" and rule.direction != "egress" and is_anywhere(rule.source)


def _is_everything(name: str) -> bool:
    try:
        return ipaddress.ip_network(name, strict=False).prefixlen == 0
    except ValueError:
        return False
