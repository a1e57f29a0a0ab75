"""Terraform for AWS: a rule of a security group for each network or group of a flow, as one file of JSON syntax.

Every string of that syntax is a template (`${…}`, `%{…}`), so what pages say is kept from being one. Attributes and limits are those of
the resources aws_vpc_security_group_ingress_rule and aws_vpc_security_group_egress_rule, and of the EC2 API behind them (IpPermission,
quotas of VPC).
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from extract import vocabulary
from extract.errors import UsageError
from extract.export.bindings import Binding
from extract.export.boxes import EVERY_ADDRESS, EVERY_PROTOCOL, EVERY_VALUE, Box, Direction, Entry, Interval, Symbols
from extract.export.flows import ICMP, End, Flow, number_of
from extract.export.refusals import Refusal
from extract.export.refusals import refuse as refused
from extract.export.target import Files, Options, Work
from extract.model import Rule
from extract.publish.wording import legible
from extract.regex import late

NAME = "terraform-aws"
SUMMARY = "Rules of AWS security groups, as Terraform in JSON syntax (docrules.tf.json)"
LIMITS = (
    "denials: a security group can only allow",
    "ports of protocols other than TCP and UDP",
    "ports of every protocol together",
    "more than 60 rules a direction and family in one security group (the default quota of a VPC)",
)
NEEDS_BINDINGS = True
ORDERED = False
OPTIONS: tuple[str, ...] = ("--since",)

FILE = "docrules.tf.json"
_QUOTA = 60
_KINDS = {"ingress": "aws_vpc_security_group_ingress_rule", "egress": "aws_vpc_security_group_egress_rule"}
_WAYS = {kind: Direction.INGRESS if way == "ingress" else Direction.EGRESS for way, kind in _KINDS.items()}
_NAMED = {"tcp": "tcp", "udp": "udp", "icmp": "icmp", "ipv6-icmp": "icmpv6"}
# The characters of a description that the EC2 API takes, and how many.
_FORBIDDEN = late(r"[^a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]+")
_DESCRIPTION = 255
# So many hexadecimal digits of a digest tell two names apart that look alike.
_DIGEST = 16
_TEMPLATE = late(r"([$%])\{")
_VALUE = late(r"\$\{(var\.[a-z][a-z0-9_]*|[a-z][a-z0-9_]*(?:\.[A-Za-z0-9_\-\[\]\"]+)+)\}|(sg-[0-9a-f]{8,17})")
_GROUP_ID = late(r"sg-[0-9a-f]{8,17}")
_REFERENCE = late(r"(?:data\.|module\.|local\.|var\.)?[a-z][a-z0-9_]*(?:\.[A-Za-z0-9_\-]+|\[(?:[0-9]+|\"[A-Za-z0-9_\-]+\")\])*")
_NO_SLUG = late(r"[^a-z0-9]+")


def end(name: str, binding: Binding | None, *, near: bool) -> End | Refusal | None:
    """Return the security group that an end is: what the binding says, or else a variable. A far end may have networks instead.

    Raises UsageError where the binding says what is no security group.
    """
    said = binding.targets.get(NAME, {}).get("security_group") if binding is not None else None
    if binding is not None and said is not None and said != "var":
        if _GROUP_ID.fullmatch(said) or (_REFERENCE.fullmatch(said) and "." in said):
            return End(name=name, kind="reference", reference=said)
        raise UsageError(f'{binding.file}:{binding.line}: {said!r} is neither "var", the id of a security group nor a reference')
    if said is None and binding is not None and binding.networks and not near:
        return None
    return End(name=name, kind="reference", reference=f"var.{_variable(name)}")


def refuse(flow: Flow) -> Refusal | None:
    """Return why a flow is no rule of a security group."""
    rule = flow.rule
    if flow.near.kind != "reference":
        return refused("name-not-expressible", "its near end is no security group, and a rule of AWS belongs to one")
    if rule.protocol == vocabulary.ANY_PROTOCOL and rule.from_port is not None and (rule.from_port, rule.to_port) != EVERY_VALUE:
        return refused("any-with-ports", "it limits the ports of every protocol")
    if rule.protocol not in _NAMED and rule.from_port is not None and (rule.from_port, rule.to_port) != EVERY_VALUE:
        return refused("protocol-not-expressible", f"AWS takes {rule.protocol} by its number, and then no ports")
    return None


def limit(flows: Sequence[Flow]) -> Mapping[str, Refusal]:
    """Return the flows beyond the quota of their security group."""
    used: Counter[tuple[str, str | None, int]] = Counter()
    too_many: dict[str, Refusal] = {}
    for flow in flows:
        # A security group counts in both families.
        families = [of for family, _ in _sources(flow) for of in ((4, 6) if family == 0 else (family,))]
        needed = Counter((_expression(flow.near), flow.direction, family) for family in families)
        if any(used[place] + number > _QUOTA for place, number in needed.items()):
            every = sum(len(_sources(other)) for other in flows if other.near == flow.near and other.direction == flow.direction)
            reason = f"the security group {flow.near.name!r} takes {_QUOTA} rules of {flow.direction} a family, and these would be {every}"
            too_many[flow.rule.fingerprint] = refused("limit-exceeded", reason)
        else:
            used += needed
    return too_many


def implies(flow: Flow, written: Sequence[Flow]) -> bool:
    """Return whether nothing else lets through what a denial stops: a security group lets nothing in by itself, and often all out."""
    del written
    return flow.direction == "ingress"


def blocks(options: Options) -> str:
    """Return nothing: the output blocks nothing by being there."""
    return ""


def write(work: Work) -> Files:
    """Return the file. A rule is called by its fingerprint, so that a new release changes what the pages change."""
    variables: dict[str, Any] = {}
    resources: dict[str, dict[str, Any]] = {}
    for flow in work.flows:
        for one in (flow.near, flow.far):
            variables |= _variables(one)
    # What is the same to AWS is there once: the API takes no permission twice. Which rule stands for it does not depend on the order.
    given: set[str] = set()
    for flow in sorted(work.flows, key=lambda flow: flow.rule.fingerprint):
        sources = _sources(flow)
        for family, source in sources:
            name = f"r_{flow.rule.fingerprint}" + (f"_{_token(source)}" if len(sources) > 1 else "")
            permission = json.dumps([flow.direction, _expression(flow.near), source, _traffic(flow.rule)])
            if permission not in given:
                given.add(permission)
                resources.setdefault(_KINDS[str(flow.direction)], {})[name] = _resource(flow, family, source)
    table: dict[str, Any] = {"//": f"Written by docrules from {_harmless(work.options.scope)}; do not edit."}
    if variables:
        table["variable"] = dict(sorted(variables.items()))
    if resources:
        table["resource"] = {kind: dict(sorted(named.items())) for kind, named in sorted(resources.items())}
    if moved := list(_moved(work, resources)):
        table["moved"] = moved
    return {FILE: json.dumps(table, indent=2, ensure_ascii=True).encode() + b"\n"}


def _moved(work: Work, resources: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield what a resource was called in the release before, where that rule is one resource as well. Nothing moves from no resource."""
    for old, new in sorted(work.options.moved.items()):
        for kind, named in sorted(resources.items()):
            if f"r_{new}" in named and f"r_{old}" not in named:
                yield {"from": f"{kind}.r_{old}", "to": f"{kind}.r_{new}"}


def _resource(flow: Flow, family: int, source: str) -> dict[str, Any]:
    key = {0: "referenced_security_group_id", 4: "cidr_ipv4", 6: "cidr_ipv6"}[family]
    place = flow.place
    found = {
        "//": _harmless(f"{place.document}:{place.table}:{place.row}"),
        "security_group_id": _expression(flow.near),
        key: source,
        **_traffic(flow.rule),
        "tags": {"docrules": flow.rule.fingerprint},
    }
    if description := _described(flow.rule.description):
        found["description"] = description
    return found


def _sources(flow: Flow) -> list[tuple[int, str]]:
    """Return the far ends of a flow, each with its family: 0 for a security group, which is of both."""
    far = flow.far
    if far.kind == "reference":
        return [(0, _expression(far))]
    families = (ICMP[flow.rule.protocol],) if flow.rule.protocol in ICMP else (4, 6)
    if far.kind == "anywhere":
        return [(family, "0.0.0.0/0" if family == 4 else "::/0") for family in families]
    networks = [network for family in families for network in far.networks if network.version == family]
    return [(network.version, str(network)) for network in sorted(set(networks), key=lambda one: (one.version, one))]


def _expression(one: End) -> str:
    return one.reference if _GROUP_ID.fullmatch(one.reference) else f"${{{one.reference}}}"


def _variables(one: End) -> dict[str, Any]:
    """Return the variable of an end that is one; an empty value is refused, for AWS would take it for nothing to limit."""
    name = _variable(one.name)
    if one.reference != f"var.{name}":
        return {}
    check = {
        "condition": f'${{can(regex("^sg-[0-9a-f]{{8,17}}$", var.{name}))}}',
        "error_message": "Give the id of a security group: sg-….",
    }
    return {name: {"type": "string", "description": _harmless(one.name), "validation": [check]}}


def _variable(name: str) -> str:
    """Return the name of the variable of an end: readable, and its own."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    slug = _NO_SLUG.sub("_", name.lower()).strip("_")[:40].strip("_")
    return f"sg_{slug}_{digest}" if slug else f"sg_{digest}"


def _traffic(rule: Rule) -> dict[str, Any]:
    """Return protocol and ports as the EC2 API has them: -1 for every protocol, type and code of ICMP in place of ports."""
    if rule.protocol == vocabulary.ANY_PROTOCOL:
        return {"ip_protocol": "-1"}
    if rule.protocol in ICMP:
        kind, code = (-1 if number is None else number for number in (rule.icmp_type, rule.icmp_code))
        return {"ip_protocol": _NAMED[rule.protocol], "from_port": kind, "to_port": code}
    if rule.protocol in _NAMED:
        return {"ip_protocol": _NAMED[rule.protocol], "from_port": rule.from_port, "to_port": rule.to_port}
    return {"ip_protocol": str(number_of(rule.protocol))}


def _described(text: str) -> str:
    """Return a description in the characters that AWS takes, as many as it takes."""
    return _harmless(_FORBIDDEN.sub(" ", " ".join(text.split()))).strip()[:_DESCRIPTION].strip()


def _harmless(text: str) -> str:
    """Return a text that holds no template and does not drive a terminal.

    A blank parts the two signs that begin a template. Doubling the first one is Terraform's own escape, but what three of them in a row
    mean differs between its versions.
    """
    return _TEMPLATE.sub(r"\1 {", legible(text))


def _token(source: str) -> str:
    """Return what tells the resource of one network or group from others of its rule."""
    return hashlib.sha256(source.encode()).hexdigest()[:8]


def read(files: Files, symbols: Symbols) -> Sequence[Entry]:
    """Return what the file lets through, by its text. ValueError for what is not of this target."""
    table = json.loads(files[FILE])
    unknown = table.keys() - {"//", "variable", "resource", "moved"}
    if unknown:
        raise ValueError(f"{sorted(unknown)[0]!r} is not known")
    _check_texts(table)
    _check_variables(table.get("variable", {}))
    reader = _Reader(symbols)
    return [Entry(True, tuple(reader.boxes(kind, one))) for kind, named in table.get("resource", {}).items() for one in named.values()]


def _check_variables(variables: Mapping[str, Any]) -> None:
    """Raise ValueError for a variable that takes anything but the id of a security group."""
    for name, one in variables.items():
        (check,) = one["validation"]
        if one["type"] != "string" or "default" in one or check["condition"] != f'${{can(regex("^sg-[0-9a-f]{{8,17}}$", var.{name}))}}':
            raise ValueError(f"the variable {name!r} takes more than the id of a security group")


def _check_texts(table: Any) -> None:
    """Raise ValueError where a text holds a template and is neither the condition of a variable nor a security group."""
    if isinstance(table, dict):
        for key, one in table.items():
            if key not in ("condition", "security_group_id", "referenced_security_group_id"):
                _check_texts(one)
    elif isinstance(table, list):
        for one in table:
            _check_texts(one)
    elif isinstance(table, str) and _TEMPLATE.search(table):
        raise ValueError(f"{table[:60]!r} holds a template")


class _Reader:
    """Reads the resources of a file."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols

    def boxes(self, kind: str, one: Mapping[str, Any]) -> Iterator[Box]:
        """Yield what a resource lets through."""
        known = {"//", "security_group_id", "referenced_security_group_id", "cidr_ipv4", "cidr_ipv6", "ip_protocol", "from_port", "to_port"}
        if one.keys() - known - {"description", "tags"}:
            raise ValueError(f"a resource has {sorted(one.keys() - known)}")
        way = _WAYS[kind]
        description = one.get("description", "")
        if len(description) > _DESCRIPTION or _FORBIDDEN.search(description):
            raise ValueError("a description is not of the characters that AWS takes")
        near = self._group(one["security_group_id"])
        for family, far in self._far(one):
            for protocol, value in _read_traffic(one, family):
                source, destination = (far, near) if way == Direction.INGRESS else (near, far)
                yield Box((way, way), (family, family), protocol, value, source, destination)

    def _far(self, one: Mapping[str, Any]) -> Iterator[tuple[int, Interval]]:
        given = [key for key in ("referenced_security_group_id", "cidr_ipv4", "cidr_ipv6") if key in one]
        if len(given) != 1:
            raise ValueError(f"a resource has {len(given)} sources")
        if given[0] == "referenced_security_group_id":
            group = self._group(one[given[0]])
            yield from ((family, group) for family in EVERY_ADDRESS)
            return
        network = ipaddress.ip_network(one[given[0]])
        if given[0] != f"cidr_ipv{network.version}":
            raise ValueError(f"{network} is of another family than {given[0]}")
        yield network.version, (int(network.network_address), int(network.broadcast_address))

    def _group(self, text: str) -> Interval:
        found = _VALUE.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no security group")
        return self._symbols.interval(f"reference:{found[1] or found[2]}")


def _read_traffic(one: Mapping[str, Any], family: int) -> Iterator[tuple[Interval, Interval]]:
    """Yield protocol and value of a resource in a family; nothing where its protocol is of the other one."""
    said, first, last = one["ip_protocol"], one.get("from_port"), one.get("to_port")
    if said in ("icmp", "icmpv6"):
        number, of = (1, 4) if said == "icmp" else (58, 6)
        if family == of:
            yield (number, number), _icmp(first, last)
    elif said in ("tcp", "udp"):
        if not (isinstance(first, int) and isinstance(last, int) and 0 <= first <= last <= EVERY_VALUE[1]):
            raise ValueError(f"{first} to {last} are no ports")
        yield (number_of(said), number_of(said)), (first, last)
    elif (first, last) != (None, None):
        raise ValueError(f"protocol {said} has ports")
    elif said == "-1":
        yield EVERY_PROTOCOL, EVERY_VALUE
    else:
        number = int(said)
        yield (number, number), EVERY_VALUE


def _icmp(kind: int | None, code: int | None) -> Interval:
    if kind is None or code is None:
        raise ValueError("ICMP has no type or no code")
    if kind == -1:
        if code != -1:
            raise ValueError("a code of ICMP has no type")
        return EVERY_VALUE
    return (kind * 256, kind * 256 + 255) if code == -1 else (kind * 256 + code, kind * 256 + code)
